import { DEFAULTS } from './defaults.ts'
import { sameName } from '../lib/names.ts'
import type { Problem } from '../lib/errors.ts'
import { invalid, missing, type Given, type GivenValue } from './given.ts'
import { isDefaultConsumerGroup } from './parsers.ts'
import type { Format } from './run.ts'
import type { Command } from './argv.ts'
import type { Input } from './input.ts'
import type { Edits } from './refer.ts'
import { INPUTS, longFlagOf, type InputKey } from './table.ts'

/** Only flags contradict each other: a variable may be set for other runs. */
const isTyped = (given: GivenValue<unknown> | undefined): boolean => given?.source === 'flag'

const contradicts = (key: InputKey, given: GivenValue<unknown>, other: string): Problem =>
  invalid(key, given, `contradicts ${other}. Give one of the two`)

/** Flags that control the run and contradict each other. `command` is the one they were given to. */
export const runProblems = (given: Given, command?: Command): readonly Problem[] => [
  ...localProblems(given),
  ...kafkaProblems(given),
  ...captureProblems(given),
  ...outputProblems(given),
  ...nameProblems(given),
  ...forceProblems(given, command),
  ...(command?.inputs.includes('parquet') === false ? [] : tableProblems(given)),
  ...variableProblems(given),
  ...(command?.inputs.includes('loadTest') ? loadTestProblems(given) : []),
]

function localProblems(given: Given): readonly Problem[] {
  const { local, enforceLimits, storage, checkpoints } = given
  if (!local?.value) {
    const inVain = [
      ...(enforceLimits?.value ? (['enforceLimits'] as const) : []),
      ...(storage && !checkpoints ? (['storage'] as const) : []),
    ]
    return inVain
      .filter((key) => isTyped(given[key]))
      .map((key) => invalid(key, given[key], 'has no effect without --local'))
  }
  const typed = (['cloud', 'auth', 'tenant'] as const).filter((key) => isTyped(given[key]))
  return [
    ...typed.map((key) =>
      invalid(key, given[key], 'contradicts --local: the embedded Azure has no clouds and no sign-in'),
    ),
    ...(given.webSockets?.value
      ? [invalid('webSockets', given.webSockets, 'contradicts --local: the embedded Azure speaks AMQP over TCP only')]
      : []),
    ...storageProblems(given),
  ]
}

/** Each storage account has one place. */
function storageProblems({ storage }: Given): readonly Problem[] {
  const accounts = (storage?.value ?? []).map(({ account }) => account)
  const twice = new Set(accounts.filter((account, i) => accounts.indexOf(account) < i))
  return [...twice].map((account) => invalid('storage', storage, `for ${account} is given twice. Give one`))
}

function kafkaProblems({ byKafka, webSockets, readThrough }: Given): readonly Problem[] {
  if (!byKafka?.value) return []
  return [
    ...(isTyped(webSockets) && webSockets?.value ? [contradicts('webSockets', webSockets, '--kafka')] : []),
    ...(isTyped(readThrough) && readThrough
      ? [invalid('readThrough', readThrough, 'has no effect with --kafka, which reads without a consumer group')]
      : []),
  ]
}

/** Of the inputs of `verify`, those of `--load` alone. */
const OF_LOAD_TEST = ['duration', 'eventsPerSecond', 'eventSize', 'throughput', 'peak'] as const

function loadTestProblems(given: Given): readonly Problem[] {
  const { loadTest, byKafka, access } = given
  if (loadTest?.value)
    return [
      ...(byKafka?.value ? [contradicts('loadTest', loadTest, '--kafka: it sends over AMQP')] : []),
      ...(isTyped(access) && access && (access.value === 'send' || access.value === 'listen')
        ? [invalid('access', access, 'contradicts --load: it sends events and reads them back')]
        : []),
    ]
  return OF_LOAD_TEST.filter((key) => isTyped(given[key])).map((key) =>
    invalid(key, given[key], 'has no effect without --load'),
  )
}

const CAPTURE_SETTINGS = [
  ...(['captureStorageAccount', 'captureContainer', 'captureInterval', 'captureSize'] as const),
  ...(['captureNameFormat', 'captureSkipEmpty', 'captureEncoding', 'captureIdentity'] as const),
] as const

function captureProblems(given: Given): readonly Problem[] {
  if (!given.noCapture?.value || !isTyped(given.noCapture)) return []
  return CAPTURE_SETTINGS.filter((key) => isTyped(given[key])).map((key) =>
    contradicts(key, given[key]!, '--no-capture'),
  )
}

/** Formats that have no variable to name. */
const NAMELESS: readonly Format[] = ['text', 'raw', 'json', 'kafka', 'librdkafka']

const nameProblems = (given: Given): readonly Problem[] =>
  (['name', 'hubName'] as const).flatMap((key) => {
    const format = given.json?.value ? '--json' : given.format && `--format ${given.format.value}`
    const isNameless = given.json?.value || (given.format && NAMELESS.includes(given.format.value))
    return isTyped(given[key]) && isNameless
      ? [invalid(key, given[key], `has no effect with ${format}, which names no variable`)]
      : []
  })

function forceProblems({ force, output, parquet }: Given, command?: Command): readonly Problem[] {
  if (!isTyped(force) || !force?.value || output || parquet) return []
  const files = (['output', 'parquet'] as const).filter((key) => command?.inputs.includes(key) ?? true)
  return [invalid('force', force, `has no effect without ${files.map((key) => longFlagOf(INPUTS[key])).join(' or ')}`)]
}

/** Events are printed or written in one form. */
const tableProblems = ({ csv, parquet, json, output }: Given): readonly Problem[] => [
  ...(output && parquet ? [contradicts('output', output, '--parquet')] : []),
  ...(csv?.value && parquet ? [contradicts('csv', csv, '--parquet')] : []),
  ...(isTyped(json) && json?.value && csv?.value ? [contradicts('json', json, '--csv')] : []),
  ...(isTyped(json) && json?.value && parquet ? [contradicts('json', json, '--parquet')] : []),
]

function outputProblems({ format, json, noConnection }: Given): readonly Problem[] {
  if (!format || !isTyped(format)) return []
  return [
    ...(isTyped(json) && json?.value && format.value !== 'json' ? [contradicts('format', format, '--json')] : []),
    ...(isTyped(noConnection) && noConnection?.value ? [contradicts('format', format, '--no-connection')] : []),
  ]
}

/** Windows takes names of variables that differ only in case for one. */
function variableProblems({ name, hubName }: Given): readonly Problem[] {
  if (!hubName || !sameName(hubName.value, name?.value ?? DEFAULTS.connectionVariable)) return []
  return [invalid('hubName', hubName, 'is the variable of the connection string, too. Choose another')]
}

/** Inputs that cannot stand on one command line. Where neither is an edit, the line keeps the first. */
const RIVALS: readonly (readonly [InputKey, InputKey])[] = [
  ...(['cloud', 'auth', 'tenant', 'webSockets'] as const).map((key) => ['local', key] as const),
  ...CAPTURE_SETTINGS.map((key) => ['noCapture', key] as const),
  ...(['webSockets', 'readThrough', 'loadTest'] as const).map((key) => ['byKafka', key] as const),
  ['json', 'format'],
  ['noConnection', 'format'],
  ['json', 'name'],
  ['json', 'hubName'],
  ['policy', 'access'],
  ['disableLocalAuth', 'policy'],
  ...(['env', 'namespace'] as const).map((key) => ['allEnvs', key] as const),
]

/**
 * What a command line can repeat beside its edits. A variable does not contradict a flag, because it may be set for other
 * runs, but on the line both are flags.
 */
export function withoutRivals({ inputs }: Command, given: Given, edits: Edits): Given {
  const isEdited = (key: InputKey) => isPresent((edits as Readonly<Record<string, unknown>>)[key])
  const isRepeated = (key: InputKey) => inputs.includes(key) && !(INPUTS[key] as Input).once
  const isKept = (key: InputKey) => isRepeated(key) && !(key in edits) && isPresent(given[key]?.value)
  const losers = RIVALS.flatMap(([first, second]) => {
    if (isKept(second) && (isEdited(first) || isKept(first))) return [second]
    return isKept(first) && isEdited(second) ? [first] : []
  })
  const format = isEdited('format') ? edits.format : given.format?.value
  if (NAMELESS.includes(format as Format)) losers.push('name', 'hubName')
  return Object.fromEntries(Object.entries(given).filter(([key]) => !losers.includes(key as InputKey)))
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== false

const PORTS = ['port', 'amqpPort', 'kafkaPort', 'healthPort'] as const

/** Inputs of `local start` that contradict each other. Each port is one of its own; 0 is any free one. */
export function startProblems(given: Given): readonly Problem[] {
  const asked = PORTS.filter((key) => (given[key]?.value ?? 0) !== 0)
  const ports = asked.flatMap((key, i) => {
    const rival = asked.slice(0, i).find((one) => given[one]!.value === given[key]!.value)
    return rival
      ? [
          invalid(
            key,
            given[key],
            `contradicts ${longFlagOf(INPUTS[rival])} ${given[key]!.value}: each needs a port of its own`,
          ),
        ]
      : []
  })
  return [...ports, ...storageProblems(given)]
}

/** Inputs of `send` that contradict each other. `files` are the names of the files to send. */
export function sendProblems(given: Given, files: readonly string[]): readonly Problem[] {
  const { partition, sample, seed, csv } = given
  const keys = KEYS.filter((key) => given[key])
  const [first, ...more] = keys
  return [
    ...more.map((key) => contradicts(key, given[key]!, longFlagOf(INPUTS[first!]))),
    ...(partition && first
      ? [contradicts('partition', partition, 'a partition key, which chooses the partition itself')]
      : []),
    ...(sample && files.length > 0 ? [contradicts('sample', sample, `the file ${files[0]}`)] : []),
    ...(sample && csv?.value ? [contradicts('csv', csv, '--sample')] : []),
    ...(seed && !sample ? [invalid('seed', seed, 'has no effect without --sample')] : []),
  ]
}

const KEYS = ['key', 'partitionKey', 'keyField', 'keyPath'] as const

/** Inputs of `tail` that contradict each other: one flag has an old and a new name. */
export const tailProblems = ({ group, readThrough }: Given): readonly Problem[] =>
  group && readThrough && !sameName(group.value, readThrough.value)
    ? [contradicts('readThrough', readThrough, '--group')]
    : []

/** What is wrong with the inputs of `delete`. `namespace` is the name, if known. */
export const deletionProblems = (
  given: Given,
  { namespace, mustConfirm }: { readonly namespace: string | undefined; readonly mustConfirm: boolean },
): readonly Problem[] => [...confirmProblems(given, namespace, mustConfirm), ...groupProblems(given)]

function confirmProblems({ confirm }: Given, namespace: string | undefined, mustConfirm: boolean): readonly Problem[] {
  if (!confirm && mustConfirm) return [missing('confirm', namespace === undefined ? {} : { example: namespace })]
  if (!confirm || namespace === undefined || sameName(confirm.value, namespace)) return []
  return [invalid('confirm', confirm, `is not the namespace of this run, ${namespace}`)]
}

/** With `--hub`, which deletes a whole hub, a group without its hub is ambiguous. */
function groupProblems({ hubToDelete, consumerGroupToDelete: given }: Given): readonly Problem[] {
  const hubs = hubToDelete?.value ?? []
  return (given?.value ?? []).flatMap(({ hub, name }, i) => {
    const problem = (message: string) => [invalid('consumerGroupToDelete', given, message, given!.texts[i])]
    if (isDefaultConsumerGroup(name)) return problem('cannot be deleted: every hub has it')
    if (hub === undefined && hubs.length > 0)
      return problem(`needs its hub, such as ${hubs[0]}/${name}: --hub takes the whole hub`)
    if (hub !== undefined && hubs.some((one) => sameName(one, hub)))
      return problem(`contradicts --hub ${hub}, which takes the whole hub. Give one of the two`)
    return []
  })
}
