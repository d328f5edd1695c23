import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { argvOf, quoteCommand, quoteWords, type Command } from '../../src/inputs/argv.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUTS, INPUT_KEYS, type InputKey } from '../../src/inputs/table.ts'
import { readGiven, type Given } from '../../src/inputs/given.ts'
import { judge, wantedOf } from '../../src/resources/front-door.ts'
import { CREATE, givenBy, readArgv } from '../support/argv.ts'
import { SUBSCRIPTION } from '../support/worlds.ts'
import type { Edits } from '../../src/inputs/refer.ts'

const name = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/)
/** Texts that shells and readers of flags get wrong. */
const nasty = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc.constantFrom(
    "it's",
    '--tier',
    '-x=y',
    '=',
    '$HOME `id` "x"',
    'a\nb',
    '\\',
    '*',
    '~',
    '#',
    '!',
    'a  b',
    '%PATH%',
    '&|<>^',
  ),
)
const count = fc.integer({ min: 1, max: 12 })
const time = fc.constantFrom('1h', '24h', '36h', '7d')

/** Texts for fields that need more than their example. */
const TEXTS: Partial<Record<InputKey, fc.Arbitrary<string>>> = {
  resourceGroup: fc.stringMatching(/^[-\w.()]{1,30}[-\w()]$/),
  subscription: fc.constantFrom(SUBSCRIPTION, "Dana's subscription"),
  namespace: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{4,20}[A-Za-z0-9]$/),
  hub: fc
    .tuple(name, fc.option(count), fc.option(time))
    .map(([hub, partitions, hours]) => [hub, ...(partitions ? [partitions, ...(hours ? [hours] : [])] : [])].join(':')),
  consumerGroup: fc.oneof(name, fc.constant('$Default')),
  userMetadata: nasty,
  tag: fc.tuple(nasty, nasty).map(([key, value]) => `${key}=${value}`),
  capacity: fc.integer({ min: 1, max: 40 }).map(String),
  autoInflateMax: fc.integer({ min: 0, max: 40 }).map(String),
  partitions: count.map(String),
  retention: time,
  tier: fc.constantFrom('Basic', 'standard', 'Premium', 'Dedicated'),
  output: nasty,
  data: nasty,
  policy: name,
}

const textOf = (key: InputKey, field: Input): fc.Arbitrary<string> => {
  if (field.kind === 'switch') throw new Error(`${key} has no text`)
  const drawn = TEXTS[key] ?? fc.constant(field.example)
  return drawn.filter((text) => field.parse(text).ok)
}

const flagsOf = ({ inputs }: Command) =>
  fc.record(
    Object.fromEntries(
      inputs.map((key): [string, fc.Arbitrary<string | boolean | (string | false)[]>] => {
        const field: Input = INPUTS[key]
        if (field.kind === 'switch') return [key, fc.constant(true)]
        if (field.kind === 'value') return [key, textOf(key, field)]
        const many = fc.array(textOf(key, field), { minLength: 1, maxLength: 4 })
        return [key, field.noneFlag ? fc.oneof(many, fc.constant<(string | false)[]>([false])) : many]
      }),
    ),
    { requiredKeys: [] },
  )

const spellingsOf = (key: InputKey): readonly string[] => INPUTS[key].flags.match(/-[a-zA-Z](?=,)|--[a-z-]+/g)!

/** Of inputs that are spelt alike, no command takes two. */
const withoutClash = (keys: readonly InputKey[]): readonly InputKey[] =>
  keys.filter((key, i) => {
    const before = keys.slice(0, i).flatMap(spellingsOf)
    return spellingsOf(key).every((spelling) => !before.includes(spelling))
  })

const repeated = fc
  .oneof(
    fc.constantFrom<Command[]>(...PROGRAM.commands),
    fc.record({ name: fc.constantFrom('create', 'local start'), inputs: fc.subarray(INPUT_KEYS).map(withoutClash) }),
  )
  .chain((command) => flagsOf(command).map((flags) => ({ command, given: readGiven(command.inputs, flags, {}).given })))

/** What is wanted and where; the rest says how one run behaves. */
const isWhat = (key: string): boolean =>
  ['Target', 'Namespace', 'Event hubs', 'Access'].includes(INPUTS[key as InputKey].section)
const whatIn = (all: Given): Given => Object.fromEntries(Object.entries(all).filter(([key]) => isWhat(key)))

describe('the line that repeats a run', () => {
  it('gives the same inputs and the same spec again', () => {
    fc.assert(
      fc.property(repeated, ({ command, given }) => {
        const words = argvOf(command, given)
        const length = command.name.split(' ').length
        expect(words.slice(0, length).join(' ')).toBe(command.name)
        const again = readGiven(command.inputs, readArgv(words.slice(length), command.inputs), {})
        expect(again.problems).toEqual([])
        expect(whatIn(again.given)).toEqual(whatIn(given))
        expect(given).toMatchObject(again.given)
        expect(judge(wantedOf(again.given))).toEqual(judge(wantedOf(given)))
      }),
      { numRuns: 300 },
    )
  })

  it('is the same from the environment', () => {
    const env = {
      ML_INGEST_HUB: 'clicks:8,audit',
      AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
      ML_INGEST_KAFKA: '1',
      ML_INGEST_YES: '0',
    }
    const { given } = readGiven(CREATE.inputs, {}, env)
    expect(argvOf(CREATE, given, { yes: true })).toEqual([
      ...['create', '-s', SUBSCRIPTION, '--kafka', '--hub', 'clicks:8', '--hub', 'audit', '--yes'],
    ])
  })

  it('leaves out how one run behaves, and says --yes once', () => {
    const given = givenBy(['-y', '--json', '--quiet', '--debug', '--no-color', '--dry-run', '--tier', 'Basic'])
    expect(argvOf(CREATE, given, { yes: true })).toEqual(['create', '--tier', 'Basic', '-y'])
  })

  it('says none where none was said', () => {
    expect(argvOf(CREATE, givenBy(['--no-consumer-group']))).toEqual(['create', '--no-consumer-group'])
  })
})

/** One word by the published rules: 2n backslashes before a quote are n, one more is an escaped quote, others are themselves. */
function readByC(line: string): string {
  let quoted = false
  const read = line.replace(/(\\*)("?)/g, (_, backslashes: string, quote: string) => {
    if (quote === '') return backslashes
    const half = backslashes.slice(0, backslashes.length / 2)
    if (backslashes.length % 2 === 1) return `${half}"`
    quoted = !quoted
    return half
  })
  expect(quoted).toBe(false)
  return read
}

describe('a quoted line', () => {
  it.skipIf(process.platform === 'win32')('comes out of bash as it went in', () => {
    const lines = fc.sample(fc.array(fc.oneof(nasty, fc.constant('')), { minLength: 1, maxLength: 6 }), 400)
    const script = [
      "npx() { printf '%s\\0' \"$@\"; printf 'END OF LINE\\0'; }",
      ...lines.map((words) => quoteCommand(words, 'posix')),
    ]
    const bash = spawnSync('bash', ['-s'], { input: `${script.join('\n')}\n`, env: { HOME: '/x' } })
    expect(bash.stderr.toString()).toBe('')
    const seen = bash.stdout.toString().split('END OF LINE\0').slice(0, -1)
    expect(seen.map((line) => line.split('\0').slice(0, -1))).toEqual(
      lines.map((words) => ['ml-ingest', ...words.map((word) => Buffer.from(word).toString())]),
    )
  })

  it.each([
    ['--tag=a', '--tag=a'],
    ['two words', '"two words"'],
    ['say "x"', '"say \\"x\\""'],
    ['a,b', '"a,b"'],
    ['100%', '"100%"'],
    ['@file', '"@file"'],
    ['', '""'],
    ['$Default', "'$Default'"],
    ["it's `x`", "'it''s `x`'"],
    ['C:\\data\\', 'C:\\data\\'],
    ['C:\\my data', '"C:\\my data"'],
    ['C:\\my data\\', '"C:\\my data\\\\"'],
    ['a\\"b', '"a\\\\\\"b"'],
    ['C:\\$data\\', "'C:\\$data\\\\'"],
  ])('on Windows: %s', (word, quoted) => {
    expect(quoteCommand([word], 'windows')).toBe(`npx ml-ingest ${quoted}`)
  })

  it('in Git Bash is kept from becoming a path of Windows', () => {
    const id = '/subscriptions/x/resourceGroups/my rg'
    expect(quoteCommand(['--scope', id], 'msys')).toBe(`MSYS_NO_PATHCONV=1 npx ml-ingest --scope '${id}'`)
    expect(quoteCommand([`--scope=${id}`], 'msys')).toMatch(/^MSYS_NO_PATHCONV=1 /)
    expect(quoteCommand(['--data', './my data'], 'msys')).toBe("npx ml-ingest --data './my data'")
  })

  it('in double quotes is read by a program on Windows as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'\\" ab'), maxLength: 12 }), (word) => {
        expect(readByC(quoteWords([word], 'windows'))).toBe(word)
      }),
    )
  })
})

describe('a line with some inputs changed', () => {
  const words = [
    'create',
    '-n',
    'ns-demo',
    '--kafka',
    '--hub',
    'clicks:8',
    '--hub',
    'audit',
    '--consumer-group',
    'clicks/a',
  ]

  it.each<[string, Edits, string]>([
    [
      'replaces a value',
      { namespace: 'other1' },
      'create --kafka --hub clicks:8 --hub audit --consumer-group clicks/a --namespace other1',
    ],
    ['adds a value', { tier: 'Premium' }, `${words.join(' ')} --tier Premium`],
    ['takes a switch away', { kafka: null }, words.filter((word) => word !== '--kafka').join(' ')],
    ['sets a switch', { resetCapacity: true }, `${words.join(' ')} --reset-capacity`],
    ['leaves a switch that is not there', { resetCapacity: false }, words.join(' ')],
    [
      'changes one of several',
      { hub: { of: 'Audit', name: 'audit', partitions: 2 } },
      'create -n ns-demo --kafka --hub clicks:8 --consumer-group clicks/a --hub audit:2',
    ],
    ['takes all of several away', { hub: null }, 'create -n ns-demo --kafka --consumer-group clicks/a'],
    [
      'renames a hub with its consumer groups',
      { hub: { of: 'CLICKS', name: 'clicks-v2', partitions: 8 } },
      'create -n ns-demo --kafka --hub audit --consumer-group clicks-v2/a --hub clicks-v2:8',
    ],
    [
      'adds a hub that was only the default',
      { hub: { of: 'other', name: 'other', partitions: 4 } },
      `${words.join(' ')} --hub other:4`,
    ],
    ['says none', { consumerGroup: [] }, 'create -n ns-demo --kafka --hub clicks:8 --hub audit --no-consumer-group'],
  ])('%s', (_, changes, expected) => {
    expect(argvOf(CREATE, givenBy(words.slice(1)), changes).join(' ')).toBe(expected)
  })

  it('replaces a value that is glued to its flag', () => {
    const given = givenBy(['--resource-group=-rg', '--kafka'])
    expect(argvOf(CREATE, given, { resourceGroup: 'rg' })).toEqual(['create', '--kafka', '--resource-group', 'rg'])
  })

  it('says values as they are typed, and leaves blanks for a person', () => {
    expect(
      argvOf(CREATE, {}, { retention: 168, tag: [{ name: 'team', value: 'vision' }], capacity: { blank: 'N' } }),
    ).toEqual([...['create', '--retention', '7d', '--tag', 'team=vision', '--capacity', 'N']])
  })
})
