import { LineCounter, parseDocument, visit } from 'yaml'
import { environmentsOf } from './environments.ts'
import { readManifest } from './read-manifest.ts'

/** Why a text cannot be written to; without a place it is about the file. */
export interface EditProblem {
  readonly message: string
  readonly at?: { readonly line: number; readonly column: number }
}

/** A manifest to write to can be read, has the environment's place, and says each thing once. */
export function editProblems(text: string, environment: string | undefined): readonly EditProblem[] {
  const read = readManifest(text)
  if (!read.ok)
    return read.problems.map(({ line, column, path, message }) => ({
      message: `${path === '' ? 'the file' : path} ${message}`,
      at: { line, column },
    }))
  const environments = environmentsOf(read.root)
  if (environment === undefined && environments.length > 0)
    return [{ message: `has ${environments.join(', ')}: say with --env which of them this is` }]
  return aliasProblem(text)
}

/** What is changed in one place would change in another. */
function aliasProblem(text: string): readonly EditProblem[] {
  const counter = new LineCounter()
  const found: EditProblem[] = []
  visit(parseDocument(text, { lineCounter: counter }), {
    Alias: (_, { range, source }) => {
      const { line, col } = counter.linePos(range?.[0] ?? 0)
      found.push({
        message: `*${source} repeats another place, which --save cannot write to apart`,
        at: { line, column: col },
      })
      return visit.BREAK
    },
  })
  return found
}
