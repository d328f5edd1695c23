import type { Readable } from 'node:stream'
import type { Source } from '../data/event-source.ts'
import type { LineToSend, SendEnded } from '../data/send-lines.ts'
import type { Given } from '../inputs/given.ts'
import { sendProblems } from '../inputs/contradictions.ts'
import { isEmbeddedHost } from '../engine/connection.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { endedWith, openHub, type OpenHub } from '../run/hub-connection.ts'
import type { Run } from '../run/run.ts'
import { withInvocation } from '../run/run.ts'
import { badLine, toGoOn, type Left } from '../run/events/send-rest.ts'
import { tellWhile } from '../run/events/tell-while.ts'
import { stringifyDocument } from '../ui/document.ts'
import { EXIT, exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { rateOf, sentDocument, sentWords, type Sent } from '../ui/render-sent.ts'
import { formatElapsed } from '../lib/duration.ts'
import type { Io } from '../ui/io.ts'
import { paragraph } from '../ui/text.ts'

/** Of a sample, if neither a number nor a rate is given. */
const SAMPLE_COUNT = 1_000

/** Sends JSON lines, CSV or generated events to a hub: each line, or row, as the body of one event. */
export async function send(typed: Run): Promise<ExitCode> {
  const { run: named, sources } = argumentsOf(typed)
  const { given } = named.invocation
  const command = named.invocation.command.name === 'send' ? 'send' : 'local send'
  const { streams, azure, deps } = typed
  const { io } = streams
  const { unreadable } = await import('../data/event-source.ts')
  const files = sources.filter(({ name }) => name !== '-').map(({ name }) => name)
  const problems = [
    ...(await fileForHub(named)),
    ...sendProblems(given, files),
    ...(await unreadable(sources, deps.cwd)),
  ]
  const hub = await openHub(named, 'Send', problems)
  const { connection } = hub
  tell(io, writesInto(hub))
  const readsStdin = sources.some(({ name }) => name === '-')
  const isTyped = readsStdin && deps.stdin.isTTY === true
  if (isTyped) io.note('  Type JSON lines, and end with Ctrl-D.')
  let array: number | undefined
  const [{ closeSoon, openProducer }, { sendLines }, lines] = await Promise.all([
    import('../data/open-clients.ts'),
    import('../data/send-lines.ts'),
    linesFor(hub.run, sources, ({ number }) => (array ??= number)),
  ])
  const producer = openProducer(connection, hub.options)
  const startedAt = azure.clock.now()
  let [events, bytes] = [0, 0]
  const sentNow = (): Sent => ({ events, bytes, elapsedMs: azure.clock.now() - startedAt })
  let ended: Ended | undefined
  let sent = sentNow()
  try {
    const work = () =>
      sendLines(producer, lines, {
        partition: given.partition?.texts[0],
        perSecond: given.rate?.value,
        clock: azure.clock,
        signal: azure.stop,
        onSent: (more, ofBytes) => {
          events += more
          bytes += ofBytes
        },
      })
    // Progress would be written over what somebody types.
    await (isTyped ? work() : tellWhile(hub.run, () => sentWords(sentNow()), work))
  } catch (error) {
    ended = await endingOf(hub, { sources, sent: events }, error)
  } finally {
    sent = sentNow()
    await closeSoon(producer)
    if (given.sample === undefined) (deps.stdin as Readable).destroy()
  }
  const where = `${connection.namespace}/${connection.hub}`
  const took = [formatElapsed(sent.elapsedMs), ...(events > 1 ? [rateOf(sent)] : [])].join(', ')
  tell(io, `Sent ${sentWords({ events, bytes })} to ${where}  (${took})`)
  for (const line of ended?.told ?? []) tell(io, line)
  if (array !== undefined)
    tell(io, `Line ${array} is an array, and is sent as one event. To make each item an event, put jq -c '.[]' before.`)
  const { rate } = given
  if (rate && !readsStdin && !ended?.error && isSlower(sent, rate.value))
    tell(io, `That is slower than --rate ${rate.texts[0]}: this machine, its network or the service took longer.`)
  if (io.json) io.out(stringifyDocument(sentDocument(hub, sent, { ...ended, about: streams.about, command })))
  else if (ended?.error) throw ended.error
  return ended?.exitCode ?? EXIT.ok
}

/** Besides what it takes to connect, sending may take this much longer than its rate says. */
const LATE_SHARE = 0.05
const CONNECTING_MS = 2_000

function isSlower({ events, elapsedMs }: Sent, perSecond: number): boolean {
  const dueMs = (events * 1_000) / perSecond
  return elapsedMs - dueMs > Math.max(CONNECTING_MS, dueMs * LATE_SHARE)
}

/** The first argument is the hub, unless a flag names it, or it is `-`. The others are files; without any, stdin is read. */
function argumentsOf(run: Run): { readonly run: Run; readonly sources: readonly Source[] } {
  const { invocation } = run
  const { given, args } = invocation
  const namesHub = given.hub?.source !== 'flag' && args[0] !== '-'
  const files = namesHub ? args.slice(1) : args
  const names = files.length > 0 || given.sample ? files : ['-']
  const sources = names.map((name) => ({ name, isCsv: given.csv?.value === true || /\.csv$/i.test(name) }))
  return { run: withInvocation(run, { ...invocation, args: namesHub ? args.slice(0, 1) : [] }), sources }
}

/** Somebody who forgets the hub has named a file in its place. */
async function fileForHub({ invocation: { args }, deps }: Run): Promise<readonly Problem[]> {
  const [text = ''] = args
  const { unreadable } = await import('../data/event-source.ts')
  if (!text.includes('.') || (await unreadable([{ name: text, isCsv: false }], deps.cwd)).length > 0) return []
  const message = 'is a file. Name the hub before it'
  return [{ kind: 'invalid', input: 'hub', origin: { kind: 'flag', name: 'HUB' }, text, message }]
}

/** `Sending to hub clicks in namespace ns-clicks (resource group rg, Azure subscription ID), with rule ml-ingest-send`. */
function writesInto({ connection, isLocal }: OpenHub): string {
  const { hub, namespace, resourceGroup, subscriptionId, sign, host } = connection
  const where =
    isLocal || isEmbeddedHost(host)
      ? 'of the embedded Azure'
      : `(resource group ${resourceGroup}, Azure subscription ${subscriptionId})`
  const by = isLocal ? '' : sign.kind === 'sas' ? `, with rule ${sign.rule}` : ', with Microsoft Entra ID'
  return `Sending to hub ${hub} in namespace ${namespace} ${where}${by}`
}

async function linesFor(
  run: Run,
  sources: readonly Source[],
  onArray: (line: LineToSend) => void,
): Promise<AsyncGenerator<LineToSend>> {
  const { invocation, deps, azure } = run
  const { given } = invocation
  const key = keyOf(given)
  const [{ linesOf, keyed }, { sampleEvents }] = await Promise.all([
    import('../data/event-source.ts'),
    import('../data/samples.ts'),
  ])
  const { sample, seed, rate, count } = given
  if (!sample) {
    return first(linesOf(sources, { cwd: deps.cwd, stdin: deps.stdin as Readable, key, onArray }), count?.value)
  }
  const events = sampleEvents(sample.value, seed?.value ?? 1, () => azure.clock.now())
  return first(keyed(events, { name: sample.value, key }), count?.value ?? (rate ? undefined : SAMPLE_COUNT))
}

const tell = (io: Io, text: string): void => io.note(paragraph(text, io.width).join('\n'))

/** Of the four ways to say it, at most one is given. */
function keyOf({ key, partitionKey, keyField, keyPath }: Given): string | readonly string[] | undefined {
  return (key ?? partitionKey)?.value ?? keyPath?.value ?? (keyField && [keyField.value])
}

async function* first<T>(all: AsyncIterable<T>, most = Infinity): AsyncGenerator<T> {
  let taken = 0
  for await (const one of all) {
    yield one
    if (++taken === most) return
  }
}

interface Ended {
  readonly exitCode: ExitCode
  /** Undefined for an interruption. */
  readonly error?: Failure
  /** What to say of the rest. */
  readonly told: readonly string[]
  readonly next?: { readonly source: string; readonly line: number } | undefined
}

/** How sending ended before the last line, and where to go on. Throws what is no failure. */
async function endingOf(hub: OpenHub, left: Left, error: unknown): Promise<Ended> {
  const [{ SendEnded: Kind }, { LineRefused }] = await Promise.all([
    import('../data/send-lines.ts'),
    import('../data/event-source.ts'),
  ])
  if (error instanceof LineRefused) {
    const failure = badLine(hub.run, left, error)
    return {
      exitCode: exitCodeOf(failure),
      error: failure,
      told: [],
      next: { source: error.source, line: error.line },
    }
  }
  const end: SendEnded | undefined = error instanceof Kind ? error : undefined
  const { told, hint } = end ? toGoOn(hub.run, left, end) : { told: [], hint: undefined }
  const next = end && { source: end.line.source, line: end.line.number }
  try {
    const cause = end ? end.cause : error
    return {
      exitCode: await endedWith(hub, cause, { doing: 'send', consumerGroup: DEFAULT_CONSUMER_GROUP }),
      told,
      next,
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    const hints = [thrown.hint, hint].filter((one) => one !== undefined)
    const { code, message, why, azure, reason, cause } = thrown
    const failure = new Failure({
      ...{ code, message, azure, cause, why: [...why, ...told] },
      ...(reason === undefined ? {} : { reason }),
      hint: hints.length > 1 ? hints.join('\n') : hints[0],
    })
    return { exitCode: exitCodeOf(failure), error: failure, told: [], next }
  }
}
