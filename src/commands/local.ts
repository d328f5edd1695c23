import {
  askHeld,
  localStatus,
  resetLocal,
  stopLocal,
  type Held,
  type HubCaptureStats,
  type HubHeld,
  type KafkaGroupHeld,
  type LocalRecord,
  type LocalStatus,
  type NamespaceHeld,
} from '../local/index.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import type { LocalDocument } from '../ui/document-schema.ts'
import { stringifyDocument } from '../ui/document.ts'
import { formatBytes, formatCount, count, row } from '../ui/text.ts'
import { dataFolderOf } from '../run/local-azure.ts'
import type { Run } from '../run/run.ts'
import { problemsError } from '../run/problems-error.ts'
import { waitFor, whileReading } from '../run/wait.ts'

/** Shows whether the embedded Azure runs, where, and what it contains. */
export async function localStatusOf(run: Run): Promise<ExitCode> {
  const target = targetOf(run)
  const { status, held } = await whileReading(run, async () => {
    const status = await localStatus(target)
    return { status, held: status.running ? await askHeld(status) : undefined }
  })
  tellStatus(run, status, { held })
  return EXIT.ok
}

export async function localStop(run: Run): Promise<ExitCode> {
  const target = targetOf(run)
  const { stopped, pid } = await waitFor(run, 'Stopping the embedded Azure', () => stopLocal(target))
  const done = `Stopped the embedded Azure, process ${pid}. Its data folder stays.`
  return tellDone(run, stopped ? done : 'The embedded Azure is not running.')
}

export async function localReset(run: Run): Promise<ExitCode> {
  const target = targetOf(run)
  const { removed, captured } = await waitFor(run, 'Emptying the embedded Azure', () => resetLocal(target))
  const done = `Removed everything that the embedded Azure kept in ${target.dataFolder}.`
  const files = captured === undefined ? [] : [`Captured files stay in ${captured}`]
  return tellDone(run, removed ? done : 'There was nothing to remove.', ...files)
}

/** The embedded Azure of the run. Throws a `Failure` for invalid inputs. */
function targetOf(run: Run) {
  const { invocation, azure, deps } = run
  if (invocation.problems.length > 0) throw problemsError(run, invocation.problems)
  return { host: deps.host, clock: azure.clock, dataFolder: dataFolderOf(invocation, deps), signal: azure.stop }
}

/** Prints what was done, or a document with the state after it. */
function tellDone({ invocation, streams: { io }, deps }: Run, ...texts: readonly string[]): ExitCode {
  const status = { running: false, dataFolder: dataFolderOf(invocation, deps) } as const
  if (io.json) io.out(stringifyDocument(localDocument(invocation.command.name, status)))
  else for (const text of texts) io.note(`  ${text}`)
  return EXIT.ok
}

/** What is told of a running one besides where it runs. */
interface Contents {
  readonly held?: Held | undefined
  /** The connection string for the hubs of `--config`, at their start. */
  readonly connection?: string | undefined
}

/** Prints the state on stdout. */
export function tellStatus({ invocation, streams: { io } }: Run, status: LocalStatus, contents: Contents): void {
  const { held, connection } = contents
  if (io.json) return io.out(stringifyDocument(localDocument(invocation.command.name, status, contents)))
  const kafkaEndpoint = endpointOf(status, 'kafka')
  const rows: readonly (readonly [string, string])[] = status.running
    ? [
        ['Embedded Azure', 'running'],
        ['Resource Manager', status.armEndpoint],
        ['Event Hubs', endpointOf(status, 'amqp') ?? 'not served'],
        ...(kafkaEndpoint === undefined ? [] : [['Kafka', `${kafkaEndpoint}${rangeText(status)}`] as const]),
        ...(status.healthUrl === undefined ? [] : [['Health check', status.healthUrl] as const]),
        ['Data folder', status.dataFolder],
        ['Process', String(status.pid)],
        ['Since', formatTime(status.startedAt)],
        ['Version', status.version],
        ...(held ? rowsOf(held) : []),
        ...(connection === undefined ? [] : [['Connection', connection] as const]),
      ]
    : [
        ['Embedded Azure', 'not running'],
        ['Data folder', status.dataFolder],
      ]
  io.out(rows.flatMap(([label, text]) => row(label, text, io.width, 18)).join('\n'))
}

/** Only where it is not the usual one. */
const rangeText = ({ kafkaRange }: Pick<LocalRecord, 'kafkaRange'>): string =>
  kafkaRange === 'azure' ? ', only with the versions that were recorded of Azure (--kafka-range azure)' : ''

/** `2026-11-23 10:00:00 UTC` */
const formatTime = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')

const rowsOf = ({
  connections,
  hubs,
  maxPartitionBytes,
  limits,
  kafka,
}: Held): readonly (readonly [string, string])[] => [
  ['Partitions', `up to ${formatBytes(maxPartitionBytes)} each, then the oldest events are dropped`],
  ...(limits ? [['Limits', 'namespaces are held to their units'] as const] : []),
  ...(limits ?? []).map((one) => ['Units', unitsText(one)] as const),
  ['Clients', clientsText(connections, kafka?.connections ?? 0)],
  ...hubs.map((hub) => ['Hub', hubText(hub)] as const),
  ...hubs.flatMap((hub) => readersTexts(hub).map((text) => ['Readers', text] as const)),
  ...hubs.flatMap((hub) => (hub.capture ? [['Capture', captureText(hub, hub.capture)] as const] : [])),
  ...(kafka?.groups ?? []).map((group) => ['Kafka group', groupText(group, hubs)] as const),
]

function unitsText({ namespace, unit, units, refused }: NamespaceHeld): string {
  const capacity = `${namespace}: ${count(units, unit)}`
  return refused === 0
    ? capacity
    : `${capacity}, ${formatCount(refused)} ${refused === 1 ? 'publication' : 'publications'} refused`
}

function clientsText(connections: number, byKafka: number): string {
  if (connections === 0) return 'none connected'
  return `${connections} connected${byKafka === 0 ? '' : `, ${byKafka} by Kafka`}`
}

function groupText({ namespace, group, state, members, hubs }: KafkaGroupHeld, all: readonly HubHeld[]): string {
  const lags = hubs.map(({ hub, lag, committedPartitions }) => {
    const { partitions = committedPartitions } =
      all.find((one) => one.namespace === namespace && one.name === hub) ?? {}
    const part =
      committedPartitions < partitions ? ` (${committedPartitions} of ${count(partitions, 'partition')})` : ''
    return `${formatCount(lag)} behind in ${hub}${part}`
  })
  const progress = lags.length === 0 ? ['nothing committed'] : lags
  return [`${namespace}/${group}: ${STATE_WORDS[state]}`, count(members, 'member'), ...progress].join(', ')
}

const STATE_WORDS: Readonly<Record<KafkaGroupHeld['state'], string>> = {
  Empty: 'empty',
  PreparingRebalance: 'waiting for members',
  CompletingRebalance: 'sharing partitions out',
  Stable: 'stable',
}

function hubText(hub: HubHeld): string {
  const links = [
    ...(hub.senders > 0 ? [count(hub.senders, 'sender')] : []),
    ...(hub.receivers > 0 ? [count(hub.receivers, 'receiver')] : []),
  ]
  return [
    `${hub.namespace}/${hub.name}: ${count(hub.partitions, 'partition')}`,
    ...(hub.status === 'Active' ? [] : [hub.status]),
    `${count(hub.events, 'event')}, ${formatBytes(hub.bytes)}`,
    ...(hub.droppedEvents > 0 ? [`${formatCount(hub.droppedEvents)} dropped for size`] : []),
    ...links,
    `groups ${hub.consumerGroups.join(' ')}`,
  ].join(', ')
}

/** One line for each consumer group: `ns/clicks trainer: 120 behind, 2 of 4 partitions, 1 connected`. */
function readersTexts({ namespace, name, partitions, readers = [] }: HubHeld): readonly string[] {
  return [...new Set(readers.map(({ group }) => group))].map((group) => {
    const own = readers.filter((reader) => reader.group === group)
    const connected = own.filter((reader) => reader.connected).length
    return [
      `${namespace}/${name} ${group}: ${formatCount(own.reduce((sum, { lag }) => sum + lag, 0))} behind`,
      own.length < partitions ? `${own.length} of ${count(partitions, 'partition')}` : count(partitions, 'partition'),
      connected === 0 ? 'none connected' : `${connected} connected`,
    ].join(', ')
  })
}

function captureText({ namespace, name }: HubHeld, capture: HubCaptureStats): string {
  const { account, container, pendingEvents, files, lostEvents, failing } = capture
  return [
    `${namespace}/${name}: to ${account}/${container}`,
    count(files, 'file'),
    `${count(pendingEvents, 'event')} waiting`,
    ...(lostEvents > 0 ? [`${count(lostEvents, 'event')} lost`] : []),
    ...(failing === null ? [] : [`failing: ${failing}`]),
  ].join(', ')
}

/** Where the clients of a protocol connect to. One of an older version serves no Kafka. */
function endpointOf(status: LocalStatus, of: 'amqp' | 'kafka'): string | undefined {
  const listener = status.running ? status.listeners.find(({ protocol }) => protocol === of) : undefined
  return listener && `localhost:${listener.port}`
}

/** The document of the commands of the embedded Azure: how things stand. */
export const localDocument = (
  command: string,
  status: LocalStatus,
  { held, connection }: Contents = {},
): LocalDocument => ({
  ...{ schemaVersion: 1, command, result: 'ok', exitCode: EXIT.ok },
  running: status.running,
  armEndpoint: status.running ? status.armEndpoint : null,
  dataEndpoint: endpointOf(status, 'amqp') ?? null,
  kafkaEndpoint: endpointOf(status, 'kafka') ?? null,
  kafkaRange: status.running ? (status.kafkaRange ?? null) : null,
  healthEndpoint: status.running ? (status.healthUrl ?? null) : null,
  dataFolder: status.dataFolder,
  pid: status.running ? status.pid : null,
  version: status.running ? status.version : null,
  connections: held?.connections ?? null,
  kafkaConnections: held?.kafka?.connections ?? null,
  maxPartitionBytes: held?.maxPartitionBytes ?? null,
  limits: held?.limits ?? null,
  hubs: (held?.hubs ?? []).map((hub) => ({ ...hub, readers: hub.readers ?? [], capture: hub.capture ?? null })),
  kafkaGroups: held?.kafka?.groups ?? [],
  connectionString: connection ?? null,
})
