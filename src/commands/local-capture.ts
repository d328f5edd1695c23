import { formatInterval, formatSize } from '../inputs/capture.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { command } from '../inputs/refer.ts'
import { Failure } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import {
  askHeld,
  flushCapture,
  type CapturedFile,
  type Flushed,
  type HubCaptureStats,
  type HubHeld,
  type LocalRecord,
  LOCAL_SUBSCRIPTION,
} from '../local/index.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { spellerFor } from '../run/invocation.ts'
import { runningAzure } from '../run/local-azure.ts'
import { problemsError } from '../run/problems-error.ts'
import type { Run } from '../run/run.ts'
import { waitFor, whileReading } from '../run/wait.ts'
import type { CaptureStateDocument } from '../ui/document-schema.ts'
import { stringifyDocument } from '../ui/document.ts'
import { viewOf } from '../ui/error-view.ts'
import { EXIT, exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { renderError } from '../ui/render-error.ts'
import { canvasOf, count, formatBytes, formatCount, row } from '../ui/text.ts'

type CapturedHub = HubHeld & Required<Pick<HubHeld, 'readers'>> & { readonly capture: HubCaptureStats }

/** Shows the captured hubs of the embedded Azure. With `--flush` it ends their windows and prints the files. */
export async function localCapture(run: Run): Promise<ExitCode> {
  const { invocation, azure } = run
  if (invocation.problems.length > 0) throw problemsError(run, invocation.problems)
  const names = namesOf(invocation.args[0])
  const record = await whileReading(run, () => runningAzure(run))
  const before = await capturedHubs(run, record, names)
  if (!invocation.given.flush?.value) return tellHubs(run, before)
  const flushed = await waitFor(run, 'Writing the captured files', () => flushCapture(record, names, azure.stop))
  return tellFlushed(run, flushed, await capturedHubs(run, record, names))
}

interface Names {
  readonly namespace?: string
  readonly hub?: string
}

/** Of `clicks` or `namespace/clicks`. */
function namesOf(text: string | undefined): Names {
  if (text === undefined) return {}
  const [hub = '', namespace] = text.split('/').toReversed()
  return { hub, ...(namespace !== undefined && { namespace }) }
}

/** Throws a `Failure` when it cannot be asked, or the hub that is named is not captured. */
async function capturedHubs(run: Run, record: LocalRecord, { namespace, hub }: Names): Promise<readonly CapturedHub[]> {
  const held = await whileReading(run, () => askHeld(record))
  if (!held || held.hubs.some(({ capture }) => capture === undefined)) throw tooOld(record)
  const meant = held.hubs.filter(
    (one) => (!hub || sameName(one.name, hub)) && (!namespace || sameName(one.namespace, namespace)),
  )
  const captured = meant.flatMap((one) =>
    one.capture ? [{ ...one, readers: one.readers ?? [], capture: one.capture }] : [],
  )
  if (hub !== undefined && captured.length === 0) throw notCaptured(hub, meant, held.hubs)
  return captured
}

const tooOld = ({ version }: LocalRecord): Failure =>
  new Failure({
    code: 'local-running',
    message: 'The embedded Azure that runs does not say what it captures',
    why: [`It was started by version ${version}.`],
    hint: say`Start it anew with this version:\n${command('local stop')}\n${command('local start', { detach: true })}`,
  })

function notCaptured(hub: string, [meant]: readonly HubHeld[], all: readonly HubHeld[]): Failure {
  if (!meant) {
    const names = all.map(({ namespace, name }) => `${namespace}/${name}`)
    const why = names.length === 0 ? 'It has no hub yet.' : `It has: ${names.join(', ')}.`
    return new Failure({ code: 'absent', message: `There is no hub ${hub} in the embedded Azure`, why: [why] })
  }
  const { namespace, resourceGroup, name } = meant
  const { subscriptionId } = LOCAL_SUBSCRIPTION
  const isUsualGroup = sameName(resourceGroup, DEFAULTS.resourceGroup)
  const isUsual = isUsualGroup && sameName(namespace, defaultNamespaceName(subscriptionId, DEFAULTS.resourceGroup))
  const place = isUsual ? {} : { resourceGroup, namespace }
  const captured = { hub: { of: name, name }, captureContainer: DEFAULTS.captureContainer }
  const edits = { local: true, ...place, ...captured, yes: true } as const
  return new Failure({
    code: 'absent',
    message: `Hub ${name} is not captured`,
    why: ['Nothing writes its events to files.'],
    hint: say`Capture it with: ${command('create', edits)}`,
  })
}

const NOTHING = '  No hub is captured.'

function tellHubs({ streams: { io } }: Run, hubs: readonly CapturedHub[]): ExitCode {
  if (io.json) io.out(stringifyDocument(documentOf({ hubs })))
  else if (hubs.length === 0) io.note(NOTHING)
  else
    io.out(
      hubs
        .map((hub) =>
          rowsOf(hub)
            .flatMap(([label, text]) => row(label, text, io.width))
            .join('\n'),
        )
        .join('\n\n'),
    )
  return EXIT.ok
}

function rowsOf({ namespace, name, capture }: CapturedHub): readonly (readonly [string, string])[] {
  const { account, container, where, intervalSeconds, sizeLimitBytes, pendingEvents, files, lostEvents } = capture
  return [
    ['Hub', `${namespace}/${name}`],
    ['Captured to', `${account}/${container}`],
    ['Where', where],
    ['A file every', `${formatInterval(intervalSeconds)}, or ${formatSize(sizeLimitBytes)}`],
    ['Files', formatCount(files)],
    ['Waiting', count(pendingEvents, 'event')],
    ...(lostEvents > 0 ? [['Lost', `${count(lostEvents, 'event')}, gone before a file could take them`] as const] : []),
    ...(capture.failing === null ? [] : [['Failing', capture.failing] as const]),
  ]
}

function tellFlushed(run: Run, { files, failures }: Flushed, hubs: readonly CapturedHub[]): ExitCode {
  const { io, about } = run.streams
  const error = failures.length > 0 ? unwritten(failures) : undefined
  const speller = spellerFor(run.invocation)
  if (io.json) {
    io.out(stringifyDocument(documentOf({ hubs, files, error: error ? viewOf(error, about, speller) : null })))
    return error ? EXIT.azure : EXIT.ok
  }
  if (files.length > 0) io.out(files.flatMap((file) => fileLines(run, file)).join('\n'))
  else if (!error) io.note(hubs.length === 0 ? NOTHING : '  Nothing to write: no event came since the last file.')
  if (!error) return EXIT.ok
  io.err(renderError(error, { canvas: canvasOf(io, 'stderr'), about, speller }))
  return exitCodeOf(error)
}

const fileLines = ({ streams: { io } }: Run, { where, hub, partition, events, bytes }: CapturedFile) =>
  io.stdout.isTTY
    ? row(`${hub} ${partition}`, `${where}  (${count(events, 'event')}, ${formatBytes(bytes)})`, io.width)
    : [where]

const unwritten = (failures: Flushed['failures']): Failure =>
  new Failure({
    code: 'failed',
    message: "Can't write the captured files now",
    why: failures.map(({ namespace, hub, why }) => `${namespace}/${hub}: ${why}`),
    hint: say`No event is lost while its retention lasts: it is tried again. Once the storage works: ${command('local capture', { flush: true })}`,
  })

const documentOf = ({
  hubs,
  files = [],
  error = null,
}: Pick<CaptureStateDocument, 'hubs'> &
  Partial<Pick<CaptureStateDocument, 'files' | 'error'>>): CaptureStateDocument => ({
  ...{ schemaVersion: 1, command: 'local capture' },
  ...(error ? { result: 'failed', exitCode: EXIT.azure } : { result: 'ok', exitCode: EXIT.ok }),
  ...{ hubs, files, error },
})
