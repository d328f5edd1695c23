import Type, { type Static, type TSchema } from 'typebox'
import { EXIT } from './exit.ts'
import {
  about,
  answer,
  COST,
  ERROR,
  exitCode,
  HUB_LOAD,
  list,
  MANIFEST,
  object,
  oneOf,
  orNull,
  part,
  parts,
  refer,
  TARGET,
  text,
  USE,
  whole,
} from './schema-parts.ts'
import { LIST, type LISTED } from './list/schema.ts'
import { SIZE } from './size/schema.ts'
import { STATUS } from './status/schema.ts'

/**
 * The documents that `--json` prints. The published schema and the types at the end of this file are made from these
 * declarations. Other sources may import only types from here: that keeps TypeBox out of the program.
 */

const LOAD = object({
  tier: text(),
  units: whole('The most units, auto-inflate included'),
  carried: Type.Boolean(about('Whether units and partitions carry the load, as far as it is known.')),
  uses: list(USE, 'What the tier limits. Empty for a dedicated cluster, of which nothing is published.'),
  hubs: list(object(HUB_LOAD), 'The hubs with a load'),
  uncounted: list(text(), 'Hubs of the namespace with a load that nobody gave'),
})

const RESOURCE = {
  kind: oneOf(['provider', 'group', 'namespace', 'network-rules', 'hub', 'consumer-group', 'rule', 'role-assignment']),
  name: text(),
  hub: orNull(text(), 'The hub that contains it; null for a resource outside a hub'),
}
const NOTE = part('note', { ...RESOURCE, text: text() })

const SHOWN = Type.Union(
  [Type.String(), Type.Number(), Type.Boolean(), Type.Null()],
  about('The value as people read it, with its unit; null when it is not set'),
)
const WAY_OUT = { text: text(), command: orNull(text(), 'The command line that does it; null when there is none') }
const REFUSAL = part('refusal', {
  ...{ what: text(), because: text(), waysOut: list(object(WAY_OUT)) },
  link: orNull(text(), "Azure's page about the rule"),
})
const CHANGE = part('change', {
  ...RESOURCE,
  action: oneOf(['create', 'update', 'delete', 'none', 'refuse']),
  state: oneOf(
    ['planned', 'unchanged', 'refused', 'done', 'failed', 'running', 'not-started'],
    'running: sent to Azure, which is still working on it',
  ),
  details: list(text(), 'Facts about the resource as it is or will be'),
  fields: list(object({ field: text(), from: SHOWN, to: SHOWN }), 'The fields that differ, for update and refuse'),
  refusals: list(REFUSAL),
  elapsedMs: orNull(whole(), 'Milliseconds that it took; null unless done'),
  error: orNull(ERROR, 'Null unless failed'),
})

const RIGHT = oneOf(['Send', 'Listen', 'Manage'])

const CONNECTION = part('connection', {
  ...{ subscriptionId: text(), resourceGroup: text(), namespace: text() },
  namespaceId: text('ARM id of the namespace'),
  fullyQualifiedNamespace: text('Host of the data plane, without scheme'),
  hub: text(),
  consumerGroups: list(text(), 'Without $Default'),
  kafkaBootstrapServers: orNull(text(), 'Null without a Kafka endpoint'),
  kafkaSecurityProtocol: orNull(oneOf(['SASL_SSL', 'SASL_PLAINTEXT']), 'SASL_PLAINTEXT on the embedded Azure'),
  auth: oneOf(
    ['sas', 'entra'],
    'sas: clients sign in with a key. entra: keys are off, and clients sign in as a Microsoft Entra identity with one of the roles.',
  ),
  rule: orNull(text(), 'The access rule that the key belongs to'),
  ruleScope: orNull(oneOf(['hub', 'namespace']), 'namespace: the connection string names no hub and opens every hub'),
  rights: list(RIGHT),
  missingRights: list(RIGHT, 'Rights that were asked for and that the key lacks, because somebody changed the rule'),
  extraRights: list(RIGHT, 'Rights that the key gives beyond those asked for'),
  key: orNull(oneOf(['primary', 'secondary'])),
  roles: list(text(), 'Data roles needed; empty with a key, and on the embedded Azure, where nobody can sign in'),
  conditions: list(text(), 'What a client needs besides an address and a right, such as a private endpoint'),
  beingDeleted: Type.Boolean(
    about('Azure is deleting the namespace or its group: the connection is about to stop working'),
  ),
  connectionString: orNull(text(), 'A secret. Null when it was not asked for or does not exist'),
})

const RUN_HELP =
  'The answer of create, plan, show-connection and delete. Other commands print it for an error before their own answer'
const RUN = answer('run', RUN_HELP, {
  command: refer<string | null>('command'),
  result: oneOf(
    ['unchanged', 'changed', 'planned', 'refused', 'partial', 'failed', 'ok', 'cancelled'],
    'unchanged: everything already matches. changed: all changes are done. planned: changes are pending, nothing was written. refused: the changes are not possible, nothing was written. partial: some changes were written, run again. failed: an error, nothing was written. ok: the command succeeded. cancelled: stopped before anything was written.',
  ),
  exitCode: exitCode(oneOf(Object.values(EXIT), 'The exit code of the process')),
  target: orNull(TARGET, 'The namespace of the run; null when that was not known yet'),
  manifest: Type.Optional(object(MANIFEST, 'The manifest that the run used; left out when there is none')),
  changes: list(CHANGE, 'Every resource of the plan, in plan order, including unchanged ones'),
  notes: list(NOTE, 'Remarks about resources; they change nothing'),
  cost: orNull(
    COST,
    'What the namespace will cost at list price; null when that is not known, or when nothing is charged.',
  ),
  load: orNull(LOAD, 'How the expected load fits what there will be; null when no load was given.'),
  connections: list(CONNECTION),
  error: orNull(ERROR, 'Why the run did not succeed; null when it did'),
})

const ENVIRONMENTS = answer('environments', 'plan --all-envs: the plan of each environment of the manifest.', {
  command: Type.Literal('plan --all-envs'),
  result: oneOf(
    ['unchanged', 'planned', 'refused', 'failed'],
    'The worst result of all environments: failed, then refused, then planned, then unchanged.',
  ),
  exitCode: exitCode(whole()),
  environments: list(object({ environment: text(), document: RUN })),
})

const VERIFY_STEP = object({
  step: oneOf(['resource-manager', 'dns', 'tcp', 'tls', 'sign-in', 'hub', 'send', 'read']),
  state: oneOf(['passed', 'failed', 'skipped'], 'skipped: not tried, detail says why'),
  ...{ elapsedMs: whole(), detail: text() },
  reason: Type.Unsafe<string | null>({
    ...about('The kind of failure; null unless failed'),
    enum: [
      ...['dns', 'refused', 'unreachable', 'reset', 'tls', 'web-sockets', 'key', 'expired', 'right', 'role-missing'],
      ...['role-pending', 'local-auth', 'sign-in', 'no-sign-in', 'token', 'firewall', 'no-hub'],
      ...['no-consumer-group', 'no-kafka', 'disabled', 'group-taken', 'busy', 'timeout', 'unknown', null],
    ],
  }),
})
const LATENCY = part('latency', { p50: whole(), p99: whole(), most: whole() }, 'Milliseconds')
const LOAD_TEST = part('loadTest', {
  eventsPerSecond: Type.Number(about('The rate at which it was to send')),
  bytesPerEvent: whole(),
  durationMs: whole('How long it was to send'),
  by: oneOf(
    ['load', 'units'],
    'load: the expected load at its busiest. units: most of what units and partitions take in',
  ),
  elapsedMs: whole('How long it sent'),
  acceptedPerSecond: Type.Number(about('Events that the service accepted for one second')),
  heldRate: Type.Boolean(about('At least 95 % of the events of its rate were accepted; throttling alone is no error')),
  unsent: whole('Events that were not sent, because sending was slower than the rate, or was stopped'),
  accepted: whole('Events'),
  throttledRequests: whole('Requests that the service refused because more came in than it takes'),
  throttledEvents: whole('The events of those requests; they are not sent again'),
  received: whole('Accepted events that were read back'),
  lost: whole('Accepted events that were not read back in time'),
  doubled: whole('Events that came once more'),
  acknowledgedMs: orNull(LATENCY, 'From a request to its answer; null when nothing was accepted'),
  endToEndMs: orNull(LATENCY, 'From sending an event to reading it; null when nothing was read'),
  stopped: Type.Boolean(about('It was stopped before its time')),
})
const VERIFICATION = part('verification', {
  hub: text(),
  host: text('Host of the data plane, with its port unless that is the default'),
  protocol: oneOf(['amqp', 'kafka']),
  consumerGroup: orNull(
    text(),
    'The consumer group that events are read through; null by Kafka, which reads without one',
  ),
  transport: oneOf(['tcp', 'tls', 'web-sockets']),
  steps: list(VERIFY_STEP, 'The steps in order; after one that failed no other is tried'),
  load: orNull(LOAD_TEST, 'Null without --load, and when a step did not pass'),
})
const VERIFY = answer(
  'verify',
  'The answer of verify. An error before the first step is printed as a run document instead',
  {
    ...{
      command: Type.Literal('verify'),
      result: oneOf(['ok', 'failed', 'cancelled'], 'cancelled: the load test was stopped before its end'),
      exitCode: exitCode(oneOf(Object.values(EXIT))),
    },
    target: TARGET,
    verifications: list(VERIFICATION, 'One for each hub'),
    error: orNull(ERROR, 'The error of the first hub that failed; null when none failed'),
  },
)

const STAGE_HELP = 'The answer of a stage of rotate-key. When no key was renewed, a run document is printed instead'
const ROTATION = answer('rotation', STAGE_HELP, {
  ...{ command: Type.Literal('rotate-key'), result: Type.Literal('changed'), exitCode: Type.Literal(0) },
  target: TARGET,
  stage: oneOf([1, 2]),
  renewed: oneOf(['primary', 'secondary'], 'The key that was renewed'),
  connections: list(CONNECTION, 'One entry, with the new connection string unless --output wrote it to a file'),
  next: orNull(
    text(),
    'The command of the next stage, for when every reader and writer uses the new string; null after the last stage',
  ),
  note: text('For people: what to do with the new string, and what not to do'),
  error: Type.Null(),
})

const LOCAL_CAPTURE = part('localCapture', {
  ...{ account: text(), container: text() },
  where: text('Path or URL of the container'),
  intervalSeconds: whole('A file ends after this time, or at the size'),
  sizeLimitBytes: whole(),
  pendingEvents: whole('Events that are in no file yet'),
  files: whole('Files that were written since Capture was switched on'),
  lostEvents: whole('Events that retention or size removed before they were captured'),
  failing: orNull(text(), 'Why nothing can be written at the moment; null when it can'),
})
const LOCAL_READER = {
  ...{ group: text(), partition: text() },
  nextSequenceNumber: whole('Of the first event that was not read'),
  connected: Type.Boolean(about('Whether a reader is connected now')),
  lastReadAt: orNull(text(), 'ISO 8601, UTC; null before the first event'),
  lag: whole('Events that are not read yet'),
}
const LOCAL_HUB = part('localHub', {
  ...{ resourceGroup: text(), namespace: text(), name: text(), partitions: whole() },
  retentionHours: orNull(Type.Number(), 'Null for a compacted hub'),
  status: text(),
  consumerGroups: list(text(), '$Default first'),
  ...{ events: whole(), bytes: whole() },
  droppedEvents: whole('Events that were dropped for the size of their partition since the start'),
  senders: whole('Links that are open now'),
  receivers: whole('Links that are open now'),
  readers: list(object(LOCAL_READER), 'How far readers over AMQP have read since the start'),
  capture: orNull(LOCAL_CAPTURE, 'Null when it is not captured'),
})
const LOCAL_LIMITS = part('localLimits', {
  ...{ resourceGroup: text(), namespace: text() },
  unit: oneOf(['throughput unit', 'processing unit']),
  units: whole('Also what auto-inflate has added'),
  refused: whole('Publications that were refused since the start, because more came in than the units take'),
})
const LOCAL_KAFKA_GROUP = part('localKafkaGroup', {
  ...{ namespace: text(), group: text() },
  state: oneOf(['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable'], 'As Kafka calls it'),
  members: whole('Consumers in it now'),
  hubs: list(
    object({
      hub: text(),
      lag: whole('Events that come after the committed offsets, in the partitions that have one'),
      committedPartitions: whole('Partitions with a committed offset'),
    }),
    'The hubs of which it has committed offsets',
  ),
})
const LOCAL = answer('local', 'The state of the embedded Azure', {
  ...{ command: refer<string>('localCommand'), result: Type.Literal('ok'), exitCode: Type.Literal(0) },
  running: Type.Boolean(),
  armEndpoint: orNull(text(), 'URL of the embedded control plane'),
  dataEndpoint: orNull(text(), 'host:port of the embedded data plane; null when it is not served'),
  kafkaEndpoint: orNull(text(), 'host:port for Kafka clients; null when they are not served'),
  kafkaRange: orNull(
    oneOf(['full', 'azure']),
    '--kafka-range: the versions that Kafka clients are offered; null when they are not served',
  ),
  healthEndpoint: orNull(
    text(),
    'URL that answers as the health check of the official emulator; null when none does, as without --config',
  ),
  dataFolder: orNull(text(), 'Null when all is kept in memory'),
  pid: orNull(whole(), 'Process id'),
  version: orNull(text(), 'Version of ml-ingest that started it'),
  connections: orNull(whole(), 'Event Hubs clients that are connected now; null when it is not known'),
  kafkaConnections: orNull(whole(), 'Those of them that speak Kafka; null when it is not known'),
  maxPartitionBytes: orNull(whole(), 'A partition that holds more drops its oldest events; null when it is not known'),
  limits: orNull(
    list(LOCAL_LIMITS, 'The namespaces that have a limit'),
    '--enforce-limits: what namespaces are held to; null when they are not',
  ),
  hubs: list(LOCAL_HUB, 'The hubs that it contains; empty when it does not run'),
  kafkaGroups: list(LOCAL_KAFKA_GROUP, 'The groups of Kafka consumers, which span a namespace'),
  connectionString: orNull(text(), 'local start --config: opens every hub of the file, and names none; else null'),
})

const WRITTEN_FILE = part('writtenFile', {
  ...{ namespace: text(), hub: text(), partition: text() },
  where: text('Path or URL'),
  events: whole(),
  firstSequenceNumber: orNull(whole(), 'Null without events'),
  lastSequenceNumber: orNull(whole(), 'Null without events'),
  bytes: whole(),
})
const CAPTURE_STATE = answer('captureState', 'The answer of local capture', {
  command: Type.Literal('local capture'),
  result: oneOf(['ok', 'failed'], 'failed: with --flush, not everything could be written'),
  exitCode: exitCode(oneOf([0, 1])),
  hubs: list(LOCAL_HUB, 'The captured hubs, as they are after a flush'),
  files: list(WRITTEN_FILE, '--flush: the files that it wrote; else empty'),
  error: orNull(ERROR, 'Null when it did not fail'),
})

const CAPTURED_FILE = part('capturedFile', {
  time: text('When its window began, ISO 8601'),
  ...{ partition: text(), bytes: whole() },
  empty: Type.Boolean(about('It has no events: Capture writes such a file for an interval without any')),
  name: text('Within the container'),
  where: text('Its path or URL'),
})
const CAPTURED = answer('captured', 'The answer of capture ls', {
  ...{ command: Type.Literal('capture ls'), result: Type.Literal('ok'), exitCode: Type.Literal(0) },
  ...{ target: TARGET, hub: text(), account: text('Storage account'), container: text() },
  where: text('URL of the container, or its folder on this machine'),
  files: list(CAPTURED_FILE, 'Newest last'),
})

const SENT = answer('sent', 'The answer of send', {
  command: oneOf(['send', 'local send']),
  result: oneOf(['ok', 'failed', 'cancelled'], 'cancelled: stopped before the last event'),
  exitCode: exitCode(whole()),
  ...{ target: TARGET, hub: text() },
  events: whole('Events that were accepted'),
  bytes: whole('Of their bodies'),
  elapsedMs: whole(),
  eventsPerSecond: Type.Number(),
  next: orNull(
    object({ source: text('A file, - for stdin, or the name of a sample'), line: whole('From 1') }),
    'The first line that was not accepted, where that is known; null when all were',
  ),
  error: orNull(ERROR, 'Null when it did not fail'),
})

/**
 * The published JSON Schema. Any of the `commands` prints an error as a document, if asked for; those that take `--json`
 * have an answer of their own.
 */
export const outputSchema = (commands: readonly string[], takingJson: readonly string[]) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://unpkg.com/ml-ingest/schema/ml-ingest-output-v1.schema.json',
  title: 'Output of ml-ingest --json, version 1',
  description:
    'Each run prints one document on stdout. Every key except manifest is always present. A key that does not apply is null or empty. New keys can be added without a new version: readers must ignore keys that they do not know.',
  oneOf: [RUN, SIZE, ENVIRONMENTS, VERIFY, STATUS, ROTATION, CAPTURED, LIST, SENT, LOCAL, CAPTURE_STATE],
  $defs: {
    ...parts,
    command: { enum: [...commands, null], description: 'Null when the command line names no command' },
    localCommand: {
      enum: takingJson.filter((name) => name.startsWith('local ') && name !== 'local capture' && name !== 'local send'),
    },
  },
})

type Fixed<T> = { readonly [K in keyof T]: Fixed<T[K]> }
type Of<S extends TSchema> = Fixed<Static<S>>

export type Document = Of<
  | typeof RUN
  | typeof SIZE
  | typeof ENVIRONMENTS
  | typeof VERIFY
  | typeof STATUS
  | typeof ROTATION
  | typeof CAPTURED
  | typeof LIST
  | typeof SENT
  | typeof LOCAL
  | typeof CAPTURE_STATE
>
export type OutputDocument = Of<typeof RUN>
export type SizeDocument = Of<typeof SIZE>
export type ListDocument = Of<typeof LIST>
export type ListedNamespace = Of<typeof LISTED>
export type EnvironmentsDocument = Of<typeof ENVIRONMENTS>
export type VerifyDocument = Of<typeof VERIFY>
export type LoadTestEntry = Of<typeof LOAD_TEST>
export type StatusDocument = Of<typeof STATUS>
export type RotationDocument = Of<typeof ROTATION>
export type CapturedFilesDocument = Of<typeof CAPTURED>
export type CapturedFileEntry = Of<typeof CAPTURED_FILE>
export type SentDocument = Of<typeof SENT>
export type LocalDocument = Of<typeof LOCAL>
export type CaptureStateDocument = Of<typeof CAPTURE_STATE>
export type TargetEntry = Of<typeof TARGET>
export type ManifestEntry = NonNullable<OutputDocument['manifest']>
export type ErrorEntry = Of<typeof ERROR>
export type ChangeEntry = Of<typeof CHANGE>
export type RefusalEntry = Of<typeof REFUSAL>
export type NoteEntry = Of<typeof NOTE>
export type ConnectionEntry = Of<typeof CONNECTION>
