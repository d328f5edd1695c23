import { LineCounter, parseDocument, visit } from 'yaml'
import { invalid, type Given } from '../inputs/given.ts'
import { input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import type { Problem } from '../lib/problem.ts'
import { environmentsOf } from './environments.ts'
import { readManifest } from './read-manifest.ts'

/** Why a manifest cannot be written to: it can be read, has the environment's place, and says each thing once. */
export function editProblems(text: string, file: string, { env, save }: Given): readonly Problem[] {
  const { root, problems } = readManifest(text, file)
  if (!root || problems.length > 0) return problems
  const environments = environmentsOf(root)
  if (!env && environments.length > 0) {
    const message = say`has ${environments.join(', ')}: say with ${input('env')} which of them this is`
    return [invalid('save', save, message, file)]
  }
  return aliasProblem(text, file)
}

/** What is changed in one place would change in another. */
function aliasProblem(text: string, file: string): readonly Problem[] {
  const counter = new LineCounter()
  const found: Problem[] = []
  visit(parseDocument(text, { lineCounter: counter }), {
    Alias: (_, { range, source }) => {
      const { line, col } = counter.linePos(range?.[0] ?? 0)
      const origin = { kind: 'file', file, line, column: col, path: `*${source}` } as const
      const message = say`repeats another place, and ${input('save')} cannot write to one of them alone`
      found.push({ kind: 'invalid', input: 'save', origin, message })
      return visit.BREAK
    },
  })
  return found
}
