import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGiven, type Flags } from '../../src/inputs/given.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUTS, longFlagOf, type InputKey } from '../../src/inputs/table.ts'
import { expectOne, problemsIn, words, type BadLine } from '../support/problems.ts'
import { tell, toldOf } from '../support/told.ts'

const a = (count: number): string => 'a'.repeat(count)

const KEY = `${a(43)}=`
const SECRET_NAME = `eyJ${a(20)}.${a(20)}.${a(20)}`

const NAMES: readonly BadLine[] = [
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
  [`--policy ${a(51)}`, `--policy ${a(51)}`, 'has 51 characters: an access rule name has 1 to 50'],
  ['--policy my/rule', '--policy my/rule', /holds a character that an access rule name cannot/],
]

const NUMBERS: readonly BadLine[] = [
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
  ['--timeout 10', '--timeout 10', 'is not a time, such as 90s, 15m or 1h'],
  ['--timeout 999ms', '--timeout 999ms', 'is out of range: the time limit is 1s to 24h'],
  ['--timeout 25h', '--timeout 25h', 'is out of range: the time limit is 1s to 24h'],
]

const CHOICES: readonly BadLine[] = [
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
  [
    '-l west-europe',
    '--location west-europe',
    'is not a region: regions look like westeurope, with 2 to 50 letters and digits',
  ],
  ['-l 1', '--location 1', 'is not a region: regions look like westeurope, with 2 to 50 letters and digits'],
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

const ALL = [...NAMES, ...NUMBERS, ...CHOICES]

describe('bad input', () => {
  it('is tried in well over 60 ways', () => expect(ALL.length).toBeGreaterThan(70))

  it.each(ALL.map(([line, flag, message]) => ({ line, flag, message })))('$line', ({ line, flag, message }) => {
    expectOne(problemsIn(typeof line === 'string' ? words(line) : line), flag, message)
  })

  it.each([
    [
      '--path',
      '--name 1VAR',
      '--name 1VAR',
      'is not a variable name: letters, digits and _, not starting with a digit',
    ],
    ['--name', '--name a-b', '--name a-b', /^is not a variable name/],
    ['--port', '--port 65536', '--port 65536', 'is out of range: a port is 0 to 65535'],
    ['--port', '--port http', '--port http', 'is not a whole number: a port is 0 to 65535'],
    ['--latency', '--latency fast', '--latency fast', 'is not a time, such as 40ms or 60s'],
    ['--provisioning', '--provisioning 25h', '--provisioning 25h', 'is out of range: it is up to 24h'],
  ] as const)('of other commands: %s', (_, line, flag, message) => {
    expectOne(problemsIn(words(line)), flag, message)
  })
})

const VALUE_INPUTS = (Object.entries(INPUTS) as [InputKey, Input][]).filter(([, input]) => input.kind !== 'switch')

describe('a value that is empty', () => {
  it.each(VALUE_INPUTS.filter(([key]) => key !== 'fault'))('%s', (key, input) => {
    const flags: Flags = { [key]: input.kind === 'list' ? [''] : '' }
    const { problems } = readGiven([key], flags, {})
    const origin = { kind: 'flag', name: longFlagOf(input) }
    expect(problems).toMatchObject([{ input: key, kind: 'invalid', origin, text: '' }])
    expect(tell(problems[0]!).flag).toBe(`${longFlagOf(input)} ""`)
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
  ])('%j', (env, flag, message) => {
    const problems = problemsIn([], { env })
    expectOne(problems, flag, message)
    const [name = '', text = ''] = flag.split('=')
    expect(problems).toMatchObject([{ origin: { kind: 'variable', name }, text }])
  })
})

describe('a key pasted by mistake', () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'))
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

  const partsOf = (secret: string): readonly string[] =>
    Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8))

  it('is never repeated, in whole or in part', () => {
    let found = 0
    fc.assert(
      fc.property(keys, fc.constantFrom(...shapes), (secret, shape) => {
        for (const [key, { kind }] of VALUE_INPUTS) {
          const flags: Flags = { [key]: kind === 'list' ? [shape(secret)] : shape(secret) }
          for (const problem of readGiven([key], flags, {}).problems) {
            found++
            const said = toldOf(problem)
            const repeated = partsOf(secret).filter((part) => said.includes(part))
            expect(repeated, said).toEqual([])
          }
        }
      }),
      { numRuns: 100 },
    )
    expect(found).toBeGreaterThan(1_000)
  })
})
