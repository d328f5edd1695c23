import { basename, resolve } from 'node:path'
import { holdsSecret } from '../lib/redact.ts'
import { FIELDS } from '../inputs/table.ts'
import { invalid, writtenInput, type Given, type InputProblem, type Inputs } from '../inputs/given.ts'
import { SAVED_FIELDS } from '../manifest/saved-fields.ts'
import { findManifestFile } from '../manifest/manifest-file.ts'
import type { Session } from './session.ts'

/** `--save` without a name means the file that the run was read from. */
export const savePathOf = ({ inputs: { save }, manifest }: Session): string =>
  (save?.texts.length === 0 ? manifest?.file : undefined) ?? save?.value ?? ''

/** Why what will be made could not be saved, found before anything is sent. */
export async function saveProblems(session: Session): Promise<readonly InputProblem[]> {
  const { inputs, deps, problems } = session
  if (!inputs.save) return []
  const name = savePathOf(session)
  const problem = (message: string) => invalid('save', writtenInput('save', inputs.save, name), message)
  const file = await findManifestFile(resolve(deps.cwd, name))
  if (typeof file === 'string') return [problem(file), ...secretProblems(inputs)]
  // A manifest of the run that cannot be read is told already.
  const isTold = problems.some(({ key }) => key === 'file' || key === 'env')
  if (file.text === undefined || isTold) return secretProblems(inputs)
  const { editProblems } = await import('../manifest/editable.ts')
  const found = editProblems(file.text, inputs.env?.value).map(({ at, message }) =>
    at ? invalid('save', `${basename(name)}:${at.line}:${at.column}`, message) : problem(message),
  )
  return [...found, ...secretProblems(inputs)]
}

/** A manifest is for everybody who can read the repository. */
const secretProblems = (inputs: Inputs): readonly InputProblem[] =>
  SAVED_FIELDS.flatMap((key) => {
    const given: Given<unknown> | undefined = inputs[key]
    const message = `would write a ${FIELDS[key].label} that looks like it holds a key`
    return given?.texts.some(holdsSecret) ? [invalid('save', '--save', message)] : []
  })
