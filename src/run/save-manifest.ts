import { basename, resolve } from 'node:path'
import type { Actual } from '../resources/actual.ts'
import { asMade } from '../resources/as-made.ts'
import { Failure } from '../lib/errors.ts'
import { holdsSecret } from '../lib/redact.ts'
import type { FieldKey } from '../inputs/table.ts'
import type { Inputs } from '../inputs/given.ts'
import { SAVED_FIELDS } from '../manifest/saved-fields.ts'
import { sameName } from '../lib/names.ts'
import type { Spec } from '../resources/spec.ts'
import { validate } from '../resources/validate.ts'
import { findManifestFile, writeManifestFile } from '../manifest/manifest-file.ts'
import { savePathOf } from './save-problems.ts'
import type { Session } from './session.ts'
import { type Settled } from './settle.ts'
import { spellerFor } from './speller.ts'

/** Writes what there is now, after this run, to the manifest that `--save` names, and tells how to repeat the run from it. */
export async function saveManifest(session: Session, settled: Settled, actual: Actual): Promise<void> {
  const { deps, io, inputs } = session
  const name = savePathOf(session)
  const file = await findManifestFile(resolve(deps.cwd, name))
  if (typeof file === 'string') throw unwritable(name, [`It ${file}.`])
  const { writeManifest } = await import('../manifest/write-manifest.ts')
  const { editProblems } = await import('../manifest/editable.ts')
  const problems = file.text === undefined ? [] : editProblems(file.text, inputs.env?.value)
  if (problems.length > 0)
    throw unwritable(
      name,
      problems.map(({ message }) => `In it, ${message}.`),
    )
  const spec = asMade(settled.spec, actual)
  const said = settled.inputs.subscription
  const text = writeManifest({
    ...{ spec, before: file.text, environment: inputs.env?.value },
    grantsForAll: settled.inputs.grant?.value ?? [],
    subscription: inputs.local?.value
      ? undefined
      : { id: spec.subscriptionId, words: said?.texts[0] ?? spec.subscriptionId },
  })
  const saved = await readBack(session, spec, name, text)
  try {
    await writeManifestFile(file, text)
  } catch (error) {
    throw unwritable(name, [`${(error as Error).message}.`], error)
  }
  const secrets = spec.hubs.flatMap((hub) =>
    hub.consumerGroups
      .filter(({ userMetadata: { value } }) => holdsSecret(value))
      .map((group) => `${hub.name}/${group.name}`),
  )
  if (secrets.length > 0)
    io.note(`  Not saved: user metadata of ${secrets.join(', ')}, which looks like it holds a key`)
  io.note(`\n  Saved to ${name}. To repeat without questions:\n  ${repeatOf(session, settled.inputs, name, saved)}`)
}

/** What the file will give the next run: never one that cannot be run. */
async function readBack({ inputs }: Session, spec: Spec, name: string, text: string): Promise<Inputs> {
  const { readManifest } = await import('../manifest/read-manifest.ts')
  const { manifestInputs } = await import('../manifest/manifest-inputs.ts')
  const read = readManifest(text)
  if (!read.ok)
    throw unwritable(
      name,
      read.problems.map(({ path, message }) => `It would say ${path}, which ${message}.`),
    )
  const saved = manifestInputs(read.root, inputs.env?.value, basename(name))
  const { subscriptionId } = spec
  const validated = validate({ ...saved, local: inputs.local }, { subscriptionId })
  if (validated.ok) return saved
  throw unwritable(
    name,
    validated.problems.map(({ flag, message }) => `It would say ${flag}, which ${message}.`),
  )
}

/** The command line that gives this run again from the file; hubs are named where the file has more. */
function repeatOf(session: Session, inputs: Inputs, name: string, saved: Inputs): string {
  const others = Object.entries(inputs).filter(([key]) => !SAVED_FIELDS.includes(key as FieldKey))
  const hubs = inputs.hub?.value.map((hub) => hub.name) ?? []
  const isWhole = saved.hub?.value.every((hub) => hubs.length === 0 || hubs.some((one) => sameName(one, hub.name)))
  const repeated: Inputs = {
    ...Object.fromEntries(others),
    file: { value: name, source: 'flag', texts: [name] },
    ...(isWhole ? {} : { hub: { ...inputs.hub!, source: 'flag', texts: hubs } }),
  }
  return spellerFor(session, repeated).command({ yes: true }, 'create')
}

const unwritable = (name: string, why: readonly string[], cause?: unknown): Failure =>
  new Failure({
    code: 'failed',
    message: `Can't save to ${name}`,
    why: [...why, 'All that was asked of Azure is done.'],
    hint: 'Name another file with --save and run the same command again: it finds nothing left to make.',
    cause,
  })
