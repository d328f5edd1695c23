import { describe, expect, it } from 'vitest'
import { judge, problemsOf, wantedOf } from '../../src/resources/front-door.ts'
import { givenBy, readWords } from '../support/argv.ts'
import { expectOne, problemsIn, times, words, type BadLine } from '../support/problems.ts'
import { tell } from '../support/told.ts'

/** What is wrong together with the rest, or under the limits of the tier. */
const TOGETHER: readonly BadLine[] = [
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
  ['--tier Basic --auto-inflate-max 2', '--auto-inflate-max 2', 'needs Standard: there is no auto-inflate on Basic'],
  [
    '--tier Premium --auto-inflate-max 2',
    '--auto-inflate-max 2',
    'needs Standard: there is no auto-inflate on Premium',
  ],
  [
    '--capacity 5 --auto-inflate-max 4',
    '--auto-inflate-max 4',
    'is below --capacity 5: auto-inflate cannot stop below where it starts',
  ],
  ['--reset-capacity', '--reset-capacity', 'needs --capacity: the value to go back to'],
  ['--tier Basic --kafka', '--kafka', 'is not possible on Basic: only Standard and Premium have a Kafka endpoint'],
  [
    '--tier Basic --consumer-group a',
    '--consumer-group a',
    'cannot be on Basic: a hub has only $Default there. --tier Standard allows up to 19 beside it',
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
]

describe('what cannot be together', () => {
  it('is tried in many ways', () => expect(TOGETHER.length).toBeGreaterThan(30))

  it.each(TOGETHER.map(([line, flag, message]) => ({ line, flag, message })))('$line', ({ line, flag, message }) => {
    expectOne(problemsIn(typeof line === 'string' ? words(line) : line), flag, message)
  })

  it.each([
    [{ ML_INGEST_PARTITIONS: '33' }, 'ML_INGEST_PARTITIONS=33', /^is above 32/],
    [{ ML_INGEST_KAFKA: '1', ML_INGEST_TIER: 'Basic' }, 'ML_INGEST_KAFKA', /^is not possible on Basic/],
    [{ ML_INGEST_HUB: 'a:64,b' }, 'ML_INGEST_HUB=a:64', /^asks for 64 partitions, above 32/],
  ])('is told of the variable that said it: %j', (env, flag, message) => {
    const problems = problemsIn([], { env })
    expectOne(problems, flag, message)
    expect(problems).toMatchObject([{ origin: { kind: 'variable', name: flag.split('=')[0] } }])
  })

  it('is listed all at once', () => {
    const line = '--tier Basic -n x --hub a:99 --hub a --retention 3d --kafka --capacity zero --auto-inflate-max 4'
    expect(problemsIn(words(line)).map((problem) => tell(problem).flag)).toEqual([
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
    expect(problemsIn(words('--partitions 64 --retention 30d'), options)).toEqual([])
    expect(problemsIn(words('--partitions 101'), options)).toMatchObject([
      { message: 'is above 100, the limit of a hub on Premium' },
    ])
    expect(problemsIn(words('--consumer-group a'), { liveTier: 'Basic' }).map((problem) => tell(problem).flag)).toEqual(
      ['--consumer-group a'],
    )
  })

  it('is not found where only looking can tell: what a Premium namespace holds depends on its capacity', () => {
    const hubs = times(3, (i) => `--hub h${i}:100`)
    expect(problemsIn(words(`--tier Premium ${hubs}`))).toEqual([])
    expect(problemsIn(words(hubs), { liveTier: 'Premium' })).toEqual([])
  })
})

describe('what is missing', () => {
  it('is listed with the ways to give it', () => {
    const judged = judge(wantedOf({}))
    expect(judged).toEqual({
      ok: false,
      problems: [{ kind: 'missing', input: 'subscription', message: 'is missing: subscription id or name' }],
    })
    expect(judged.ok ? [] : judged.problems.map(tell)).toEqual([
      {
        kind: 'missing',
        input: 'subscription',
        onlyIf: null,
        flag: '-s, --subscription <id>',
        message: 'is missing: subscription id or name',
        env: 'AZURE_SUBSCRIPTION_ID',
        example: '8c1d2e3f-0000-0000-0000-000000000000',
      },
    ])
  })

  it('does not hide what is wrong', () => {
    const judged = judge(wantedOf(givenBy(words('--partitions 64'))))
    expect(judged.ok ? [] : judged.problems.map((problem) => problem.input)).toEqual(['subscription', 'partitions'])
  })

  it('is not what could not be read', () => {
    const { given, problems } = readWords(words('-s Pay<as>you'))
    expect(problems.map(({ input }) => input)).toEqual(['subscription'])
    expect(problemsOf(wantedOf(given, undefined, problems))).toEqual([])
  })
})
