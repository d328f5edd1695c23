import Type, { type Static, type TEnumValue, type TProperties, type TSchema } from 'typebox'
import { EXIT, type ExitCode } from './exit.ts'

/**
 * The documents that `--json` prints. The published schema and the types at the end of this file are made from these
 * declarations. Other sources may import only types from here: that keeps TypeBox out of the program.
 */

const about = (help?: string) => (help === undefined ? {} : { description: help })
const text = (help?: string) => Type.String(about(help))
const whole = (help?: string) => Type.Integer(about(help))
const list = <T extends TSchema>(of: T, help?: string) => Type.Array(of, about(help))
const oneOf = <const W extends TEnumValue[]>(words: readonly [...W], help?: string) => Type.Enum(words, about(help))
const orNull = <T extends TSchema>(of: T, help?: string) => Type.Union([of, Type.Null()], about(help))
const object = <P extends TProperties>(keys: P, help?: string) =>
  Type.Object(keys, { ...about(help), additionalProperties: false })

const refer = <T>(name: string) => Type.Unsafe<T>({ $ref: `#/$defs/${name}` })
const parts: Record<string, TSchema> = {}
/** An object that the schema defines once, under its name in `$defs`. */
function part<P extends TProperties>(name: string, keys: P, help?: string) {
  const schema = object(keys, help)
  parts[name] = schema
  return refer<Static<typeof schema>>(name)
}

const TARGET = part('target', { subscriptionId: text(), resourceGroup: text(), namespace: text() })
const MANIFEST = {
  file: text('Without its folder'),
  environment: orNull(text(), 'Null for a file that has none, and for all of them'),
}

const AZURE = object({
  status: orNull(whole(), 'HTTP status'),
  code: orNull(text(), "Azure's error code"),
  message: orNull(text(), "Azure's own sentence"),
  requestId: orNull(text(), 'x-ms-request-id'),
  correlationId: orNull(text(), 'x-ms-correlation-request-id'),
})
const MISSING = object({
  ...{ input: text(), flag: text(), message: text() },
  env: orNull(text(), 'The environment variable that gives it'),
  example: orNull(text(), 'A value'),
})
const INVALID = object({
  input: text(),
  flag: text('The flag as typed; of a manifest the place, FILE:LINE:COLUMN'),
  message: text(),
  file: orNull(text(), 'The manifest that says it, as it was named; null where a flag or a variable does'),
  line: orNull(whole(), 'From 1'),
  column: orNull(whole(), 'From 1'),
})
const ERROR = part('error', {
  code: text('Stable word: usage, access, refused, azure, partial, deadline, cancelled, bug, ...'),
  message: text(),
  why: list(text()),
  hint: orNull(text(), 'What to do next'),
  azure: orNull(AZURE, 'What Azure said; null when it was not asked'),
  missing: list(MISSING, 'Inputs that nobody gave'),
  invalid: list(INVALID, 'Inputs that cannot be'),
})

const COST = object({
  currency: Type.Literal('USD'),
  monthly: Type.Number(about('A month at the capacity it will have.')),
  monthlyCeiling: Type.Number(about('A month at the most that auto-inflate may reach.')),
  perMillionEvents: Type.Number(),
  withCapture: Type.Boolean(about('The months include Capture.')),
  asOf: text('When these were the list prices.'),
})

const RESOURCE = {
  kind: oneOf(['provider', 'group', 'namespace', 'hub', 'consumer-group', 'rule', 'role-assignment']),
  name: text(),
  hub: orNull(text(), 'The hub that it lives in; null for what is not in a hub'),
}
const NOTE = part('note', { ...RESOURCE, text: text() })

const SHOWN = Type.Union(
  [Type.String(), Type.Number(), Type.Boolean(), Type.Null()],
  about('As people read it, with its unit; null = not set'),
)
const WAY_OUT = { text: text(), command: orNull(text(), 'The command line that does it; null where none does') }
const REFUSAL = part('refusal', {
  ...{ what: text(), because: text(), waysOut: list(object(WAY_OUT)) },
  link: orNull(text(), "Azure's page about the rule"),
})
const CHANGE = part('change', {
  ...RESOURCE,
  action: oneOf(['create', 'update', 'delete', 'none', 'refuse']),
  state: oneOf(
    ['planned', 'unchanged', 'refused', 'done', 'failed', 'running', 'not-started'],
    'running: sent to Azure, which goes on with it',
  ),
  details: list(text(), 'What it is or will be'),
  fields: list(object({ field: text(), from: SHOWN, to: SHOWN }), 'What differs, for update and refuse'),
  refusals: list(REFUSAL),
  elapsedMs: orNull(whole(), 'Milliseconds that it took; null unless done'),
  error: orNull(ERROR, 'Null unless failed'),
})

const CONNECTION = part('connection', {
  ...{ subscriptionId: text(), resourceGroup: text(), namespace: text() },
  namespaceId: text('ARM id of the namespace'),
  fullyQualifiedNamespace: text('Host of the data plane, without scheme'),
  hub: text(),
  consumerGroups: list(text(), 'Without $Default'),
  kafkaBootstrapServers: orNull(text(), 'Null without a Kafka endpoint'),
  auth: oneOf(
    ['sas', 'entra'],
    'sas: a key signs. entra: keys are off, a Microsoft Entra identity with one of the roles signs.',
  ),
  rule: orNull(text(), 'The access rule that the key is of'),
  ruleScope: orNull(oneOf(['hub', 'namespace']), 'namespace: the string names no hub and opens every hub'),
  rights: list(oneOf(['Send', 'Listen', 'Manage'])),
  key: orNull(oneOf(['primary', 'secondary'])),
  roles: list(text(), 'Data roles needed; empty with a key'),
  connectionString: orNull(text(), 'A secret. Null where none was asked for or there is none'),
})

/** The version goes up when a key is removed or changes its meaning. A new key does not change the version. */
const answer = <P extends TProperties>(name: string, help: string, keys: P) =>
  part(name, { schemaVersion: Type.Literal(1), ...keys }, help)
const exitCode = (schema: TSchema) => Type.Unsafe<ExitCode>(schema)

const RUN_HELP =
  'The answer of create, plan, show-connection and delete; of other commands an error before their answer'
const RUN = answer('run', RUN_HELP, {
  command: refer<string>('command'),
  result: oneOf(
    ['unchanged', 'changed', 'planned', 'refused', 'partial', 'failed', 'ok', 'cancelled'],
    'unchanged: all is as wanted. changed: done. planned: changes are pending, nothing was written. refused: cannot be made, nothing was written. partial: some was written, run again. failed: an error, nothing was written. ok: the answer is here. cancelled: stopped before anything was written.',
  ),
  exitCode: exitCode(oneOf(Object.values(EXIT), 'What the process ends with')),
  target: orNull(TARGET, 'Where; null when that was not known yet'),
  manifest: Type.Optional(object(MANIFEST, 'The manifest that the run was read from; left out where there is none')),
  changes: list(CHANGE, 'Every resource of the plan, in its order, unchanged ones included'),
  notes: list(NOTE, 'Worth knowing, changes nothing'),
  cost: orNull(
    COST,
    'What the namespace will cost at list price; null when that is not known, or when nothing is charged.',
  ),
  connections: list(CONNECTION),
  error: orNull(ERROR, 'Why it is not done; null when it is'),
})

const ENVIRONMENTS = answer('environments', 'plan --all-envs: the plan of each environment of the manifest.', {
  command: Type.Literal('plan --all-envs'),
  result: oneOf(
    ['unchanged', 'planned', 'refused', 'failed'],
    'The worst of them: failed, then refused, then planned, then unchanged.',
  ),
  exitCode: exitCode(whole()),
  environments: list(object({ environment: text(), document: RUN })),
})

const VERIFY_STEP = object({
  step: oneOf(['resource-manager', 'dns', 'tcp', 'tls', 'sign-in', 'hub', 'send', 'read']),
  state: oneOf(['passed', 'failed', 'skipped'], 'skipped: there was nothing to try, detail says why'),
  ...{ elapsedMs: whole(), detail: text() },
  reason: Type.Unsafe<string | null>({
    ...about('Tells one kind of failure from another; null unless failed'),
    enum: [
      ...['dns', 'refused', 'unreachable', 'reset', 'tls', 'web-sockets', 'key', 'expired', 'right', 'role-missing'],
      ...['role-pending', 'local-auth', 'sign-in', 'no-sign-in', 'token', 'firewall', 'no-hub'],
      ...['no-consumer-group', 'disabled', 'group-taken', 'busy', 'timeout', 'unknown', null],
    ],
  }),
})
const VERIFICATION = part('verification', {
  hub: text(),
  host: text('Host of the data plane, with its port where that is not the usual one'),
  consumerGroup: text('Read through'),
  transport: oneOf(['tcp', 'tls', 'web-sockets']),
  steps: list(VERIFY_STEP, 'In their order; after one that failed nothing is tried'),
})
const VERIFY = answer('verify', 'The answer of verify; an error before the first step is a run instead', {
  ...{ command: Type.Literal('verify'), result: oneOf(['ok', 'failed']), exitCode: exitCode(oneOf([0, 1, 3, 4])) },
  target: TARGET,
  verifications: list(VERIFICATION, 'One for each hub'),
  error: orNull(ERROR, 'Why the first hub that failed did; null when none did'),
})

const STAGE_HELP = 'The answer of a stage of rotate-key; when no key was renewed it is a run instead'
const ROTATION = answer('rotation', STAGE_HELP, {
  ...{ command: Type.Literal('rotate-key'), result: Type.Literal('changed'), exitCode: Type.Literal(0) },
  target: TARGET,
  stage: oneOf([1, 2]),
  renewed: oneOf(['primary', 'secondary'], 'The key that is new'),
  connections: list(CONNECTION, 'One, with the new string; without it when --output took it'),
  next: orNull(
    text(),
    'The command of the stage that follows, once every reader and writer uses the new string; null after the last',
  ),
  note: text('What to do with the new string, and what not to do, for people'),
  error: Type.Null(),
})

const LOCAL_HUB = part('localHub', {
  ...{ namespace: text(), name: text(), partitions: whole() },
  retentionHours: orNull(Type.Number(), 'Null for a compacted hub'),
  status: text(),
  consumerGroups: list(text(), '$Default first'),
  ...{ events: whole(), bytes: whole() },
  senders: whole('Links that are open now'),
  receivers: whole('Links that are open now'),
})
const LOCAL = answer('local', 'The embedded Azure', {
  ...{ command: refer<string>('localCommand'), result: Type.Literal('ok'), exitCode: Type.Literal(0) },
  running: Type.Boolean(),
  armEndpoint: orNull(text(), 'URL of the embedded control plane'),
  dataEndpoint: orNull(text(), 'host:port of the embedded data plane; null when it is not served'),
  dataFolder: orNull(text(), 'Null when all is kept in memory'),
  pid: orNull(whole(), 'Process id'),
  version: orNull(text(), 'Version of ml-ingest that it was started with'),
  connections: orNull(whole(), 'Event Hubs clients that are connected now; null when it is not known'),
  hubs: list(LOCAL_HUB, 'What it holds; empty when it does not run'),
})

/** The published JSON Schema. `commands` are the commands that take `--json`. */
export const outputSchema = (commands: readonly string[]) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://unpkg.com/ml-ingest/schema/ml-ingest-output-v1.schema.json',
  title: 'Output of ml-ingest --json, version 1',
  description:
    'One document on stdout for each run. Every key but manifest is always there; what does not apply is null or empty. New keys may come without a new version: readers ignore keys that they do not know.',
  oneOf: [RUN, ENVIRONMENTS, VERIFY, ROTATION, LOCAL],
  $defs: {
    ...parts,
    command: { enum: commands },
    localCommand: { enum: commands.filter((name) => name.startsWith('local ')) },
  },
})

type Fixed<T> = { readonly [K in keyof T]: Fixed<T[K]> }
type Of<S extends TSchema> = Fixed<Static<S>>

export type Document = Of<typeof RUN | typeof ENVIRONMENTS | typeof VERIFY | typeof ROTATION | typeof LOCAL>
export type OutputDocument = Of<typeof RUN>
export type EnvironmentsDocument = Of<typeof ENVIRONMENTS>
export type VerifyDocument = Of<typeof VERIFY>
export type RotationDocument = Of<typeof ROTATION>
export type LocalDocument = Of<typeof LOCAL>
export type TargetEntry = Of<typeof TARGET>
export type ManifestEntry = NonNullable<OutputDocument['manifest']>
export type ErrorEntry = Of<typeof ERROR>
export type ChangeEntry = Of<typeof CHANGE>
export type RefusalEntry = Of<typeof REFUSAL>
export type NoteEntry = Of<typeof NOTE>
export type ConnectionEntry = Of<typeof CONNECTION>
