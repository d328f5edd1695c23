import { LineCounter, parseDocument } from 'yaml'
import { sharedNamespaces } from './environments.ts'
import { refusal } from './guards.ts'
import { MANIFEST } from './manifest-shape.ts'
import type { ManifestObject } from './nodes.ts'
import { Reader, type ManifestProblem } from './reader.ts'
import { yamlWords } from './yaml-words.ts'

export type { ManifestProblem } from './reader.ts'

export type ReadManifest =
  | { readonly ok: true; readonly root: ManifestObject }
  | {
      readonly ok: false
      readonly problems: readonly ManifestProblem[]
      /** What could be read beside them; undefined where the file is no YAML. */
      readonly root: ManifestObject | undefined
    }

/** Reads a manifest: YAML 1.2 without tags of its own, so that nothing in it can run. Lists every problem there is. */
export function readManifest(text: string): ReadManifest {
  const refused = refusal(text)
  if (refused) {
    const before = text.slice(0, refused.offset).split('\n')
    const spot = { line: before.length, column: before.at(-1)!.length + 1, path: '' }
    return { ok: false, problems: [{ ...spot, message: refused.message }], root: undefined }
  }
  const counter = new LineCounter()
  // Keys that come twice are told by the reader, which goes on; the parser would not name them.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, schema: 'core', uniqueKeys: false })
  const reader = new Reader(document, counter)
  for (const error of [...document.errors, ...document.warnings])
    reader.problemAt(error.pos[0], '', yamlWords(error, text.slice(...error.pos)))
  if (reader.problems.length > 0) {
    // One mistake makes the parser stumble several times on its line.
    const problems = reader.sorted().filter(({ line }, i, all) => line !== all[i - 1]?.line)
    return { ok: false, problems, root: undefined }
  }
  if (document.contents === null) {
    const problem = { line: 1, column: 1, path: '', message: 'is empty: the least that a manifest says is version: 1' }
    return { ok: false, problems: [problem], root: undefined }
  }
  const root = reader.object(MANIFEST, document.contents, '')
  reader.problems.push(...(root ? sharedNamespaces(root) : []))
  if (root && reader.problems.length === 0) return { ok: true, root }
  return { ok: false, problems: reader.sorted(), root }
}
