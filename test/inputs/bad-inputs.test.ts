import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INPUTS, longFlagOf, type InputKey } from '../../src/inputs/table.ts'
import type { CommandName, Input } from '../../src/inputs/input.ts'
import { readInputs, type Env, type Flags } from '../../src/inputs/given.ts'
import { type Problem } from '../../src/lib/problem.ts'
import type { LiveTier } from '../../src/lib/limits.ts'
import { readWords } from '../support/argv.ts'
import { SUBSCRIPTION } from '../support/worlds.ts'

/** Everything that is wrong with these words, as a command would list it. */
function problemsOf(
  words: readonly string[],
  { command = 'create', env = {}, liveTier }: { command?: CommandName; env?: Env; liveTier?: LiveTier } = {},
): readonly Problem[] {
  const { inputs, problems } = readWords(words, command, env)
  const unread = problems.map((problem) => problem.key)
  const validated = validate(inputs, { subscriptionId: SUBSCRIPTION, unread, ...(liveTier ? { liveTier } : {}) })
  return [...problems, ...(validated.ok ? [] : validated.problems)]
}

const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '')
const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')
const a = (count: number): string => 'a'.repeat(count)

/** Flags, how the input is shown, and what is said of it. */
type Case = readonly [line: string | readonly string[], flag: string, message: string | RegExp]

const KEY = `${a(43)}=`
const SECRET_NAME = `eyJ${a(20)}.${a(20)}.${a(20)}`

const NAMES: readonly Case[] = [
  ['-n abc12', '--namespace abc12', 'has 5 characters: a namespace name has 6 to 50'],
  [`-n ${a(51)}`, `--namespace ${a(51)}`, 'has 51 characters: a namespace name has 6 to 50'],
  [
    '-n my_namespace',
    '--namespace my_namespace',
    'holds a character that a namespace name cannot: letters, digits and - only',
  ],
  ['-n ns.demo', '--namespace ns.demo', /holds a character that a namespace name cannot/],
  ['-n nsdemö1', '--namespace nsdemö1', /holds a character that a namespace name cannot/],
  [['-n', 'ns demo'], '--namespace "ns demo"', /holds a character that a namespace name cannot/],
  ['-n 1namespace', '--namespace 1namespace', 'must start with a letter'],
  ['-n=-namespace', '--namespace -namespace', 'must start with a letter'],
  ['-n namespace-', '--namespace namespace-', 'must end with a letter or digit'],
  ['-n orders-sb', '--namespace orders-sb', 'ends with -sb, which Azure keeps for itself'],
  ['-n orders-MGMT', '--namespace orders-MGMT', 'ends with -MGMT, which Azure keeps for itself'],
  [`-g ${a(91)}`, `--resource-group ${a(60)}…`, 'has 91 characters: a resource group name has 1 to 90'],
  ['-g rg.', '--resource-group rg.', 'must not end with a period'],
  [
    '-g rg/x',
    '--resource-group rg/x',
    /holds a character that a resource group name cannot: letters, digits, . - _ \( and \) only/,
  ],
  [`--hub ${a(257)}`, `--hub ${a(60)}…`, 'has 257 characters: a hub name has 1 to 256'],
  ['--hub clicks/x', '--hub clicks/x', 'holds a character that a hub name cannot: letters, digits, . - and _ only'],
  ['--hub .clicks', '--hub .clicks', 'must start and end with a letter or digit'],
  ['--hub clicks_', '--hub clicks_', 'must start and end with a letter or digit'],
  ['--hub :4', '--hub :4', 'is empty'],
  [`--consumer-group ${a(51)}`, `--consumer-group ${a(51)}`, 'has 51 characters: a consumer group name has 1 to 50'],
  ['--consumer-group $Defaults', '--consumer-group $Defaults', /holds a character that a consumer group name cannot/],
  ['--consumer-group ml-data-stream/', '--consumer-group ml-data-stream/', 'is empty'],
  ['--consumer-group /a', '--consumer-group /a', 'names a hub that is empty'],
  ['--consumer-group a/b/c', '--consumer-group a/b/c', /holds a character that a consumer group name cannot/],
  ['--consumer-group a*b/c', '--consumer-group a*b/c', /names a hub that holds a character that a hub name cannot/],
  [`--policy ${a(61)}`, `--policy ${a(60)}…`, 'has 61 characters: an access rule name has 1 to 60'],
  ['--policy my/rule', '--policy my/rule', /holds a character that an access rule name cannot/],
]

const NUMBERS: readonly Case[] = [
  ['--capacity 0', '--capacity 0', 'is out of range: capacity is 1 to 40'],
  ['--capacity 41', '--capacity 41', 'is out of range: capacity is 1 to 40'],
  ['--capacity=-1', '--capacity -1', 'is out of range: capacity is 1 to 40'],
  ['--capacity two', '--capacity two', 'is not a whole number: capacity is 1 to 40'],
  ['--capacity 1.5', '--capacity 1.5', 'is not a whole number: capacity is 1 to 40'],
  ['--capacity 1e1', '--capacity 1e1', 'is not a whole number: capacity is 1 to 40'],
  ['--capacity 99999999999999', '--capacity 99999999999999', 'is not a whole number: capacity is 1 to 40'],
  ['--auto-inflate-max 41', '--auto-inflate-max 41', 'is out of range: the auto-inflate maximum is 0 to 40'],
  ['--auto-inflate-max=-1', '--auto-inflate-max -1', 'is out of range: the auto-inflate maximum is 0 to 40'],
  ['--auto-inflate-max off', '--auto-inflate-max off', /is not a whole number: the auto-inflate maximum is 0 to 40/],
  ['--partitions 0', '--partitions 0', 'is out of range: partitions is 1 to 1024'],
  ['--partitions 1025', '--partitions 1025', 'is out of range: partitions is 1 to 1024'],
  ['--partitions many', '--partitions many', 'is not a whole number: partitions is 1 to 1024'],
  ['--hub clicks:0', '--hub clicks:0', 'has a partition count that is out of range: partitions is 1 to 1024'],
  ['--hub clicks:x', '--hub clicks:x', 'has a partition count that is not a whole number: partitions is 1 to 1024'],
  ['--hub clicks::48h', '--hub clicks::48h', 'has a partition count that is empty'],
  ['--hub clicks:4:', '--hub clicks:4:', 'has a retention that is empty'],
  ['--hub clicks:4:2w', '--hub clicks:4:2w', 'has a retention that is not a time: hours or days, such as 24h or 7d'],
  ['--hub clicks:4:1d:x', '--hub clicks:4:1d:x', /has too many parts: NAME\[:PARTITIONS\[:RETENTION\]\]/],
  ['--retention 24', '--retention 24', 'is not a time: hours or days, such as 24h or 7d'],
  ['--retention 1w', '--retention 1w', 'is not a time: hours or days, such as 24h or 7d'],
  ['--retention 0h', '--retention 0h', 'is out of range: retention is 1h to 90d'],
  ['--retention 91d', '--retention 91d', 'is out of range: retention is 1h to 90d'],
  ['--timeout 10', '--timeout 10', 'is not a time: such as 90s, 15m or 1h'],
  ['--timeout 999ms', '--timeout 999ms', 'is out of range: the time limit is 1s to 24h'],
  ['--timeout 25h', '--timeout 25h', 'is out of range: the time limit is 1s to 24h'],
]

const CHOICES: readonly Case[] = [
  ['--tier Standrad', '--tier Standrad', 'is not a tier. Did you mean Standard? It can be Basic, Standard, Premium'],
  ['--tier gold', '--tier gold', 'is not a tier. It can be Basic, Standard, Premium'],
  [
    '--access listn',
    '--access listn',
    /^is not an access\. Did you mean listen\? It can be send-listen, send, listen, manage$/,
  ],
  ['--format dotnev', '--format dotnev', /^is not a format\. Did you mean dotenv\?/],
  [
    '--cloud AzureChina',
    '--cloud AzureChina',
    /^is not a cloud\..* It can be AzureCloud, AzureUSGovernment, AzureChinaCloud$/,
  ],
  ['--auth clii', '--auth clii', /^is not a way to sign in\. Did you mean cli\?/],
  ['--progress bar', '--progress bar', 'is not a kind of progress. It can be auto, plain, none'],
  ['--ci gitlab', '--ci gitlab', /^is not a CI system\. /],
  ['-l westeurpe', '--location westeurpe', 'is not a region. Did you mean westeurope?'],
  [['-l', 'West Eurpoe'], '--location "West Eurpoe"', 'is not a region. Did you mean westeurope?'],
  ['-l west-europe', '--location west-europe', 'is not a region: letters and digits only, such as westeurope'],
  ['-l 1', '--location 1', 'is not a region: letters and digits only, such as westeurope'],
  ['--tenant contoso', '--tenant contoso', 'is neither a tenant id nor a domain such as contoso.com'],
  [`-s ${a(65)}`, `--subscription ${a(60)}…`, 'has 65 characters: a subscription is an id or a name of up to 64'],
  ['-s Pay<as>you', '--subscription Pay<as>you', 'is neither a subscription id nor a name'],
  ['--tag team', '--tag team', 'is not a tag: NAME=VALUE, such as team=vision'],
  ['--tag =vision', '--tag =vision', 'has no name: NAME=VALUE, such as team=vision'],
  ['--tag a?b=c', '--tag a?b=c', 'has a name that holds one of < > % & \\ ? /, which a tag name cannot have'],
  [
    `--tag ${'a-'.repeat(256)}a=x`,
    `--tag ${'a-'.repeat(30)}…`,
    'has a name that has 513 characters: a tag name has up to 512',
  ],
  [`--tag x=${a(257)}`, `--tag x=${a(58)}…`, 'has a value that has 257 characters: a tag value has up to 256'],
  ['--namespace x', '--namespace x', 'has 1 character: a namespace name has 6 to 50'],
  [`--tag ${SECRET_NAME}=x`, '--tag ***=x', /^has a name that holds what looks like a key or a connection string/],
  [`--tag key=${KEY}`, '--tag key=***', /^has a value that holds what looks like a key or a connection string/],
  [`--user-metadata ${KEY}`, '--user-metadata ***', /^holds what looks like a key or a connection string/],
  [
    `--user-metadata Endpoint=sb://n/;SharedAccessKeyName=a;SharedAccessKey=short`,
    '--user-metadata Endpoint=sb://n/;SharedAccessKeyName=a;SharedAccessKey=***',
    /^holds what looks like a key/,
  ],
  [`--user-metadata ${a(1025)}`, `--user-metadata ${a(60)}…`, 'has 1025 characters: user metadata has up to 1024'],
]

const TOGETHER: readonly Case[] = [
  [
    '--partitions 33',
    '--partitions 33',
    'is above 32, the limit of a hub on Standard, the default tier. --tier Premium allows up to 100',
  ],
  [
    '--tier Basic --partitions 33',
    '--partitions 33',
    'is above 32, the limit of a hub on Basic. --tier Premium allows up to 100',
  ],
  ['--tier Premium --partitions 101', '--partitions 101', 'is above 100, the limit of a hub on Premium'],
  [
    '--tier Standard --hub a:64',
    '--hub a:64',
    'asks for 64 partitions, above 32, the limit of a hub on Standard. --tier Premium allows up to 100',
  ],
  [
    '--retention 8d',
    '--retention 8d',
    'is above 7d, the longest retention on Standard, the default tier. --tier Premium allows up to 90d',
  ],
  [
    '--tier Basic --retention 25h',
    '--retention 25h',
    'is above 24h, the longest retention on Basic. --tier Standard allows up to 7d',
  ],
  [
    '--tier Basic --hub a:1:48h',
    '--hub a:1:48h',
    'asks for a retention of 2d, above 24h, the longest retention on Basic. --tier Standard allows up to 7d',
  ],
  [
    '--tier Premium --capacity 3',
    '--capacity 3',
    'is not a capacity of Premium: 1, 2, 4, 6, 8, 10, 12 or 16 processing units',
  ],
  ['--tier Premium --capacity 17', '--capacity 17', /is not a capacity of Premium/],
  ['--tier Dedicated --capacity 1', '--capacity 1', 'cannot be set on Dedicated: capacity belongs to the cluster'],
  ['--tier Basic --auto-inflate-max 2', '--auto-inflate-max 2', 'needs Standard: Basic has no auto-inflate'],
  ['--tier Premium --auto-inflate-max 2', '--auto-inflate-max 2', 'needs Standard: Premium has no auto-inflate'],
  [
    '--capacity 5 --auto-inflate-max 4',
    '--auto-inflate-max 4',
    'is below --capacity 5: auto-inflate cannot stop below where it starts',
  ],
  ['--reset-capacity', '--reset-capacity', 'needs --capacity: the value to go back to'],
  ['--tier Basic --kafka', '--kafka', 'cannot hold on Basic: only Standard and Premium have a Kafka endpoint'],
  [
    '--tier Basic --consumer-group a',
    '--consumer-group a',
    'cannot be on Basic: a hub has $Default alone there. --tier Standard allows up to 19 beside it',
  ],
  [
    times(11, (i) => `--hub h${i}`),
    '--hub',
    'is given 11 times, above 10, the limit of a namespace on Standard, the default tier',
  ],
  [
    '--tier Premium --capacity 1 --hub a:100 --hub b:100 --hub c:1',
    '--hub',
    'adds up to 201 partitions, above 200, the limit of 1 processing unit on Premium',
  ],
  ['--hub a --hub A', '--hub A', 'is given twice'],
  [
    times(20, (i) => `--consumer-group g${i}`),
    '--consumer-group',
    'is given 20 times for hub ml-data-stream, above 19, the limit beside $Default on Standard, the default tier',
  ],
  ['--consumer-group a --consumer-group A', '--consumer-group A', 'is given twice for hub ml-data-stream'],
  ['--hub a --consumer-group x --consumer-group a/X', '--consumer-group a/X', 'is given twice for hub a'],
  [
    '--hub clicks --consumer-group click/x',
    '--consumer-group click/x',
    'names hub click, which is not among --hub. Did you mean clicks?',
  ],
  ['--hub clicks --consumer-group orders/x', '--consumer-group orders/x', 'names hub orders, which is not among --hub'],
  ['--tag a=1 --tag A=2', '--tag A=2', 'is given twice'],
  ['--reset-capacity --capacity zero', '--capacity zero', /whole number/],
  ['--hub a:x --consumer-group a/g', '--hub a:x', /partition count/],
  ['--tier Gold --partitions 64 --retention 30d --auto-inflate-max 4', '--tier Gold', /is not a tier/],
  [
    times(50, (i) => `--tag t${i}=x`),
    '--tag',
    'is given 50 times, above 49, the limit of a resource beside the tag created-by',
  ],
  [
    `--tag created-by=me ${times(50, (i) => `--tag t${i}=x`)}`,
    '--tag',
    'is given 51 times, above 50, the limit of a resource',
  ],
  [
    '--policy theirs --access send',
    '--policy theirs',
    'contradicts --access: a rule that exists has its own rights. Give one of the two',
  ],
  ['--local --auth cli', '--auth cli', /^contradicts --local/],
  ['--local --cloud AzureChinaCloud', '--cloud AzureChinaCloud', /^contradicts --local/],
  ['--json --format env', '--format env', 'contradicts --json. Give one of the two'],
  ['--no-connection --format env', '--format env', 'contradicts --no-connection. Give one of the two'],
]

const ALL = [...NAMES, ...NUMBERS, ...CHOICES, ...TOGETHER]

describe('bad input', () => {
  it('is tried in well over 60 ways', () => expect(ALL.length).toBeGreaterThan(90))

  it.each(ALL.map(([line, flag, message]) => ({ line, flag, message })))('$line', ({ line, flag, message }) => {
    const problems = problemsOf(typeof line === 'string' ? words(line) : line)
    expect(problems).toHaveLength(1)
    const [problem] = problems
    expect(problem).toMatchObject({ kind: 'invalid', flag })
    expect(problem!.message).toMatch(typeof message === 'string' ? exactly(message) : message)
    expectSentence(problem!)
  })

  it.each([
    [
      '--path',
      'show-connection',
      '--name 1VAR',
      '--name 1VAR',
      'is not a variable name: letters, digits and _, not starting with a digit',
    ],
    ['--name', 'show-connection', '--name a-b', '--name a-b', /^is not a variable name/],
    ['--port', 'local start', '--port 65536', '--port 65536', 'is out of range: a port is 0 to 65535'],
    ['--port', 'local start', '--port http', '--port http', 'is not a whole number: a port is 0 to 65535'],
    ['--latency', 'local start', '--latency fast', '--latency fast', 'is not a time: such as 40ms or 60s'],
    ['--provisioning', 'local start', '--provisioning 25h', '--provisioning 25h', 'is out of range: it is up to 24h'],
  ] as const)('of other commands: %s', (_, command, line, flag, message) => {
    const problems = problemsOf(words(line), { command })
    expect(problems).toMatchObject([{ kind: 'invalid', flag }])
    expect(problems[0]!.message).toMatch(typeof message === 'string' ? exactly(message) : message)
    expectSentence(problems[0]!)
  })

  it('is listed all at once', () => {
    const line = '--tier Basic -n x --hub a:99 --hub a --retention 3d --kafka --capacity zero --auto-inflate-max 4'
    expect(problemsOf(words(line)).map((problem) => problem.flag)).toEqual([
      '--namespace x',
      '--capacity zero',
      '--auto-inflate-max 4',
      '--kafka',
      '--hub a:99',
      '--retention 3d',
      '--hub a',
    ])
  })

  it('is found under the live tier when that is known', () => {
    const options = { liveTier: 'Premium' } as const
    expect(problemsOf(words('--partitions 64 --retention 30d'), options)).toEqual([])
    expect(problemsOf(words('--partitions 101'), options)).toMatchObject([
      { message: 'is above 100, the limit of a hub on Premium' },
    ])
    expect(problemsOf(words('--consumer-group a'), { liveTier: 'Basic' })).toMatchObject([
      { flag: '--consumer-group a' },
    ])
  })

  it('is not found where only looking can tell: what a Premium namespace holds depends on its capacity', () => {
    const hubs = times(3, (i) => `--hub h${i}:100`)
    expect(problemsOf(words(`--tier Premium ${hubs}`))).toEqual([])
    expect(problemsOf(words(hubs), { liveTier: 'Premium' })).toEqual([])
  })
})

const VALUE_FIELDS = (Object.entries(INPUTS) as [InputKey, Input][]).filter(([, field]) => field.kind !== 'switch')

describe('a value that is empty', () => {
  it.each(VALUE_FIELDS.filter(([key]) => key !== 'fault'))('%s', (key, field) => {
    const flags: Flags = { [key]: field.kind === 'list' ? [''] : '' }
    const { problems } = readInputs(field.commands[0]!, flags, {})
    expect(problems).toMatchObject([{ key, kind: 'invalid', flag: `${longFlagOf(field)} ""` }])
    expect(problems[0]!.message).toMatch(/^is (empty$|not |neither )/)
  })
})

describe('bad input of the environment', () => {
  it.each([
    [{ ML_INGEST_TIER: 'Standrad' }, 'ML_INGEST_TIER=Standrad', /Did you mean Standard\?/],
    [{ ML_INGEST_HUB: 'clicks,a/b' }, 'ML_INGEST_HUB=a/b', /holds a character that a hub name cannot/],
    [{ ML_INGEST_HUB: 'clicks,' }, 'ML_INGEST_HUB=', /^is empty$/],
    [{ ML_INGEST_YES: 'perhaps' }, 'ML_INGEST_YES=perhaps', /^is neither 1 nor 0$/],
    [{ AZURE_LOCATION: 'westeurpe' }, 'AZURE_LOCATION=westeurpe', /Did you mean westeurope\?/],
    [{ ARM_TENANT_ID: 'x' }, 'ARM_TENANT_ID=x', /neither a tenant id nor a domain/],
    // Found later, by the rules between fields: still the variable is named.
    [{ ML_INGEST_PARTITIONS: '33' }, 'ML_INGEST_PARTITIONS=33', /^is above 32/],
    [{ ML_INGEST_KAFKA: '1', ML_INGEST_TIER: 'Basic' }, 'ML_INGEST_KAFKA', /^cannot hold on Basic/],
    [{ ML_INGEST_HUB: 'a:64,b' }, 'ML_INGEST_HUB=a:64', /^asks for 64 partitions, above 32/],
  ])('%j', (env, flag, message) => {
    const problems = problemsOf([], { env })
    expect(problems).toMatchObject([{ kind: 'invalid', flag }])
    expect(problems[0]!.message).toMatch(message)
    expectSentence(problems[0]!)
  })
})

describe('what is missing', () => {
  it('is listed with the ways to give it', () => {
    const validated = validate({})
    expect(validated).toEqual({
      ok: false,
      problems: [
        {
          key: 'subscription',
          kind: 'missing',
          input: 'subscription',
          flag: '-s, --subscription <id>',
          message: 'is missing: subscription id or name',
          env: 'AZURE_SUBSCRIPTION_ID',
          example: '8c1d2e3f-0000-0000-0000-000000000000',
        },
      ],
    })
  })

  it('does not hide what is wrong', () => {
    const { inputs } = readWords(words('--partitions 64'))
    const validated = validate(inputs)
    expect(validated.ok ? [] : validated.problems.map((problem) => problem.key)).toEqual(['subscription', 'partitions'])
  })
})

describe('a key pasted by mistake', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  const shapes: readonly ((key: string) => string)[] = [
    (text) => text,
    (text) => `clicks:${text}`,
    (text) => `clicks:4:${text}`,
    (text) => `clicks/${text}`,
    (text) => `${text}/trainer`,
    (text) =>
      `Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=${text};EntityPath=clicks`,
    (text) => `ns\n${text}\n`,
  ]

  it('is never repeated, in whole or in part', () => {
    let found = 0
    fc.assert(
      fc.property(key, fc.constantFrom(...shapes), (secret, shape) => {
        for (const [field, { kind, commands }] of VALUE_FIELDS) {
          const flags: Flags = { [field]: kind === 'list' ? [shape(secret)] : shape(secret) }
          for (const problem of readInputs(commands[0]!, flags, {}).problems) {
            found++
            const said = `${problem.flag} ${problem.message}`
            for (let i = 0; i + 8 <= secret.length; i++) expect(said).not.toContain(secret.slice(i, i + 8))
          }
        }
      }),
      { numRuns: 150 },
    )
    expect(found).toBeGreaterThan(1_000)
  })
})

/** Together with the flag it reads as a sentence: begins with a verb, has no full stop at its end, nothing doubled. */
function expectSentence({ flag, message }: Problem): void {
  expect(message).toMatch(/^(is|has|holds|must|ends|names|needs|asks|adds|cannot|contradicts) /)
  expect(message).not.toMatch(/[.!]$| {2}|undefined|NaN|\[object/)
  expect(flag).toMatch(/^(--[a-z]|[A-Z_]+)/)
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`)
