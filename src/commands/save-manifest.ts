import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError, EXIT } from '../lib/errors.ts'
import type { Session } from './session.ts'
import type { Settled } from './settle.ts'

/** Writes what this run made to the manifest that `--save` names. Comments and other keys of a file that is there stay. */
export async function saveManifest(session: Session, settled: Settled): Promise<void> {
  const { inputs, deps, io } = session
  if (!inputs.save) return
  const { writeManifest } = await import('../spec/manifest/write-manifest.ts')
  const { readManifest } = await import('../spec/manifest/read-manifest.ts')
  const path = resolve(deps.cwd, inputs.save.value)
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unwritable(path, error)
  })
  if (before !== undefined && !readManifest(before).ok) throw unreadable(path)
  const text = writeManifest({
    spec: settled.spec,
    before,
    environment: inputs.env?.value,
    withSubscription: !inputs.local?.value,
  })
  const draft = `${path}.new`
  try {
    await writeFile(draft, text)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw unwritable(path, error as Error)
  }
  io.note(`  Saved to ${inputs.save.value}. To repeat: npx ml-ingest create -f ${inputs.save.value}`)
}

const unreadable = (path: string): CliError =>
  new CliError({
    code: 'refused',
    exitCode: EXIT.refused,
    message: `Can't save to ${path}: it is not a manifest that can be read`,
    why: ['All that was asked of Azure is done; only the file was left as it is.'],
    hint: `See what is wrong with it: npx ml-ingest plan -f ${path}`,
  })

const unwritable = (path: string, error: Error): CliError =>
  new CliError({
    code: 'failed',
    exitCode: EXIT.azure,
    message: `Can't save to ${path}`,
    why: [error.message, 'All that was asked of Azure is done.'],
    hint: 'Name another file with --save.',
    cause: error,
  })
