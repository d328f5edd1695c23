import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CREATE } from '../support/argv.ts'
import { AFTER_FIRST_RUN, group, judgeGiven, Person, talk, type Script } from './support.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import { readGiven, type Flags } from '../../src/inputs/given.ts'
import { INPUT_KEYS } from '../../src/inputs/table.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { Answers } from '../../src/prompt/answers.ts'
import { settleLoad } from '../../src/prompt/load.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { fitNotes } from '../../src/resources/load/fit-notes.ts'

const RATE = 'How much will come in?'
const SIZE = 'How large is an event?'
const PEAK = 'How much more at the busiest?'
const READERS = 'How many applications read it all?'
const WORKERS = 'How many workers share the reading?'
const LOAD = [RATE, SIZE, PEAK, READERS, WORKERS] as const
const PLACE = ['Resource group?', 'Location?', 'Namespace?']
const NOTHING_LIVE = { namespace: undefined, hubs: [], consumerGroups: new Map() }

/** What somebody at the wizard gets, and was asked after the place. */
async function wizard(script: Script, flags: Flags = {}, world = {}) {
  const { person, options, facts } = talk(world, { script, flags })
  const { given, ...known } = await askForCreate(options)
  const judged = judgeGiven(given, known)
  if (!judged.ok) throw new Error(JSON.stringify(judged.problems))
  return { person, given, facts, spec: judged.spec, asked: person.asked.filter((one) => !PLACE.includes(one)) }
}

describe('a load that is known', () => {
  it('comes first, then the hubs that take it in, then what it makes of the size', async () => {
    const { asked, person } = await wizard({ [RATE]: '5k', [SIZE]: '2KB', [PEAK]: '3', [READERS]: '2', [WORKERS]: '8' })
    expect(asked).toEqual([
      ...[...LOAD, 'Hub?', 'Tier?', 'Capacity?', 'Auto-inflate maximum?'],
      ...['Partitions?', 'Retention?', 'Consumer group?'],
    ])
    expect(Object.fromEntries(person.contexts)).toMatchObject({
      'Tier?':
        'Standard: the cheapest tier that carries the load and has consumer groups; list prices of westeurope of 2026-08',
      'Capacity?': 'throughput units: 10 MB/s in, 1 MB/s a unit, on average',
      'Auto-inflate maximum?': 'Azure adds units up to this, 0 for never: 30 MB/s in, 1 MB/s a unit, at the busiest',
      'Partitions?': '30 MB/s in at the busiest, 1 MB/s a partition; final on Standard',
      'Retention?': '1h to 7d; a day is 864 GB',
      'Consumer group?': 'one for each of 2 readers, - for none',
    })
  })

  it('is sized by Enter, and repeated word by word', async () => {
    const { spec, given } = await wizard({ [RATE]: '5k', [SIZE]: '2KB', [PEAK]: '3', [READERS]: '2', [WORKERS]: '8' })
    expect(spec.namespace).toMatchObject({
      ...{ tier: { value: 'Standard' }, capacity: { value: 10 }, autoInflateMax: { value: 30 } },
    })
    expect(spec.hubs[0].partitions.value).toBe(30)
    expect(argvOf(CREATE, given).join(' ')).toContain(
      '--events-per-second 5k --event-size 2KB --peak 3 --readers 2 --workers 8 --tier Standard --capacity 10 --auto-inflate-max 30',
    )
  })

  it('is of bytes where bytes are typed', async () => {
    const { given } = await wizard({ [RATE]: '20 MB/s' })
    expect(given.throughput).toMatchObject({ value: 20e6, source: 'answer', texts: ['20 MB/s'] })
    expect(given.eventsPerSecond).toBeUndefined()
  })

  it('is understood in the words in which it is told', async () => {
    const { given } = await wizard({ [RATE]: '5,000 events/s' })
    expect(given.eventsPerSecond?.value).toBe(5_000)
  })

  it('of one order takes one partition', async () => {
    const { given, spec, person } = await wizard({ [RATE]: '500', [WORKERS]: 'Ordered' })
    expect(given.ordered?.value).toBe(true)
    expect(given.workers).toBeUndefined()
    expect(spec.hubs[0].partitions.value).toBe(1)
    expect(person.contexts.get('Partitions?')).toBe('all events in one order; final on Standard')
    expect(argvOf(CREATE, given)).toContain('--ordered')
  })

  it('that is steady needs no auto-inflate', async () => {
    const { asked, person } = await wizard({ [RATE]: '5k' })
    expect(asked).not.toContain('Auto-inflate maximum?')
    expect(person.contexts.get('Capacity?')).toBe('throughput units: 5 MB/s in, 1 MB/s a unit')
  })

  it('comes into each hub', async () => {
    const { spec } = await wizard({ [RATE]: '5k', 'Hub?': 'clicks, views, audit:2' })
    expect(spec.namespace.capacity.value).toBe(15)
    expect(spec.hubs.map(({ name, partitions }) => [name, partitions.value])).toEqual([
      ['clicks', 5],
      ['views', 5],
      ['audit', 2],
    ])
  })

  it('asks for fewer hubs where it is too much in so many', async () => {
    const { person, spec } = await wizard({ [RATE]: '60MB/s', 'Hub?': ['clicks, views', 'clicks'] })
    expect(person.objections).toEqual([expect.stringMatching(/^throughput 60MB\/s is more than Premium carries/)])
    expect(spec.hubs.map(({ name }) => name)).toEqual(['clicks'])
  })

  it('is sized again for a tier or a capacity that somebody chose', async () => {
    const premium = await wizard({ [RATE]: '30MB/s', [PEAK]: '2', 'Tier?': 'Premium' })
    expect(premium.spec.namespace).toMatchObject({ tier: { value: 'Premium' }, capacity: { value: 12 } })
    expect(premium.person.contexts.get('Capacity?')).toBe('processing units: 60 MB/s in, 5 MB/s a unit')
    expect(premium.asked).not.toContain('Auto-inflate maximum?')
    const enough = await wizard({ [RATE]: '5k', [PEAK]: '2', 'Capacity?': '10' })
    expect(enough.asked).not.toContain('Auto-inflate maximum?')
  })

  it('tells what each tier costs, and which carry too little', async () => {
    const { person } = await wizard({ [RATE]: '50MB/s' })
    expect(person.rows.get('Tier?')).toEqual([
      'Basic  too small: the load needs 50 throughput units, and a namespace has up to 40',
      'Standard  too small: the load needs 50 throughput units, and a namespace has up to 40',
      expect.stringMatching(/^Premium {2}\$[\d,]+ a month; 100 consumer groups/),
    ])
    expect(person.contexts.get('Tier?')).toMatch(
      /^Premium: the load needs 50 throughput units, and Standard has up to 40/,
    )
    const ranged = await wizard({ [RATE]: '5k', [PEAK]: '2' })
    expect(ranged.person.rows.get('Tier?')?.[1]).toMatch(/^Standard {2}\$[\d,]+ to \$[\d,]+ a month; /)
    const large = await wizard({ [RATE]: '1', [SIZE]: '500KB' })
    expect(large.person.rows.get('Tier?')?.[0]).toBe('Basic  takes events of up to 256 KiB')
  })

  it('asks for the tier again where it carries too little', async () => {
    const { asked, person, spec } = await wizard({ [RATE]: '50MB/s', 'Tier?': ['Standard', 'Premium'] })
    expect(asked.filter((one) => one === 'Tier?')).toHaveLength(2)
    expect(person.firstErrors).toEqual([expect.stringMatching(/^tier Standard is too small: .* Premium carries it$/)])
    expect(spec.namespace.tier.value).toBe('Premium')
  })

  it('is priced in the region, with all that it is charged for', async () => {
    const { person } = await wizard(
      { [RATE]: '1k', 'Resource group?': 'rg-us' },
      {},
      { groups: [group('rg-us', 'eastus2')] },
    )
    // A throughput unit is $21.90, 2,628 million events are $73.58, and 2.4 GB above the included 84 are $0.04.
    expect(person.rows.get('Tier?')?.[1]).toMatch(/^Standard {2}\$96 a month; /)
    expect(person.contexts.get('Tier?')).toMatch(/; list prices of eastus2 of 2026-08$/)
  })

  it('has no prices where there are none', async () => {
    for (const more of [{ local: true }, {}]) {
      const flags: Flags = more.local ? {} : { cloud: 'AzureChinaCloud' }
      const { person, options } = talk({}, { script: { [RATE]: '5k' }, flags, more })
      await askForCreate(options)
      expect(person.rows.get('Tier?')?.[1]).toMatch(/^Standard {2}20 consumer groups/)
      expect(person.contexts.get('Tier?')).not.toContain('price')
    }
  })

  it('is judged when all of it is said: 100k events of 200 B are 20 MB/s', async () => {
    const { spec } = await wizard({ [RATE]: '100k', [SIZE]: '200B' })
    expect(spec.namespace).toMatchObject({ tier: { value: 'Premium' }, capacity: { value: 4 } })
  })

  it('is asked for again if no namespace carries it', async () => {
    const { asked, person, spec } = await wizard({ [RATE]: ['200k', "I don't know yet"] })
    expect(asked.slice(0, 7)).toEqual([...LOAD, RATE, 'Tier?'])
    expect(person.firstErrors).toEqual([
      expect.stringMatching(/^events per second 200k is more than Premium carries: the load needs 40 processing units/),
    ])
    expect(spec.namespace).toMatchObject({ tier: { value: 'Standard' }, capacity: { value: 1 } })
  })

  it('may be tried on Premium where what is published leaves room', async () => {
    const { person, spec } = await wizard({ [RATE]: '100MB/s' })
    expect(person.firstErrors).toEqual([])
    expect(person.rows.get('Tier?')?.[2]).toMatch(/^Premium {2}may be too small: the load needs 20 processing units/)
    expect(spec.namespace).toMatchObject({ tier: { value: 'Premium' }, capacity: { value: 16 } })
  })

  it.each<[string, readonly string[], RegExp]>([
    [
      RATE,
      ['lots', '5k'],
      /^"lots" is not a number of events for one second, such as 5000, 5k or 20M\/day, or of bytes, such as 20MB\/s$/,
    ],
    [RATE, ['20 MBps', '5k'], /^"20 MBps" is not a rate, such as 20MB\/s or 2TB\/day$/],
    [RATE, ['0', '5k'], /^"0" has to be more than 0$/],
    [SIZE, ['big', '1KB'], /^"big" is not a size/],
    [SIZE, ['2MB', '1KB'], /^"2MB" is above 1 MiB, the largest event/],
    [PEAK, ['0.5', '2'], /^"0.5" is out of range: a peak is 1 to 1000 times the mean$/],
    [READERS, ['many', '2'], /^"many" is not a whole number/],
    [WORKERS, ['0', '2'], /^"0" is out of range/],
  ])('%s objects to %j at once', async (message, typed, objection) => {
    const { person } = await wizard({ [RATE]: '5k', [message]: typed })
    expect(person.objections).toEqual([expect.stringMatching(objection)])
  })

  it('is judged by the tier of a flag', async () => {
    const { person } = await wizard({ [RATE]: '5', [SIZE]: ['500KB', '1KB'] }, { tier: 'Basic' })
    expect(person.objections).toEqual(['"500KB" is above 256 KiB, the largest event on Basic'])
  })

  it.each(LOAD)('Ctrl-C at %s interrupts', async (message) => {
    const { options } = talk({}, { script: { [RATE]: '5k', [message]: 'Ctrl-C' } })
    await expect(askForCreate(options)).rejects.toEqual(new Interruption('SIGINT'))
  })

  it('is carried by what Enter makes of it, and the line that repeats it makes the same', async () => {
    const loads = fc.record({
      [RATE]: fc.oneof(
        fc.integer({ min: 1, max: 12_000 }).map(String),
        fc.integer({ min: 1, max: 16 }).map((n) => `${n}MB/s`),
      ),
      [SIZE]: fc.constantFrom('100B', '1KB', '1.5KB'),
      [PEAK]: fc.constantFrom('1', '1.3', '2'),
      [READERS]: fc.integer({ min: 0, max: 2 }).map(String),
      [WORKERS]: fc.integer({ min: 1, max: 40 }).map(String),
      'Hub?': fc.constantFrom('clicks', 'clicks, views'),
    })
    const makes = async (script: Script): Promise<void> => {
      const { given, spec } = await wizard(script)
      expect(fitNotes(spec, NOTHING_LIVE)).toEqual([])
      const sized = { ...given, tier: undefined, capacity: undefined, autoInflateMax: undefined, partitions: undefined }
      const again = judgeGiven(sized, { subscriptionId: spec.subscriptionId })
      expect(again.ok && valuesOf(again.spec)).toEqual(valuesOf(spec))
    }
    await fc.assert(fc.asyncProperty(loads, makes), { numRuns: 100 })
  })
})

const valuesOf = ({ namespace, hubs }: Awaited<ReturnType<typeof wizard>>['spec']) => [
  ...[namespace.tier.value, namespace.capacity.value, namespace.autoInflateMax.value],
  ...hubs.map(({ partitions }) => partitions.value),
]

describe('a load by flags', () => {
  it('is not asked for again: only what is missing of it is', async () => {
    const { asked, given } = await wizard({}, { eventsPerSecond: '5k', peak: '2', ordered: true })
    expect(asked.slice(0, 3)).toEqual([SIZE, READERS, 'Hub?'])
    expect(given.eventsPerSecond?.source).toBe('flag')
  })

  it('that cannot be read opens its question', async () => {
    const { person, given } = await wizard({ [RATE]: '20MB/s' }, { eventsPerSecond: 'lots' })
    expect(person.firstErrors).toEqual([expect.stringMatching(/^--events-per-second lots is not a number of events/)])
    expect([given.eventsPerSecond, given.throughput?.value]).toEqual([undefined, 20e6])
  })

  it('lacks how much comes in: left out where nobody knows', async () => {
    const { person, given } = await wizard({}, { readers: '3' })
    expect(person.firstErrors).toEqual([expect.stringMatching(/^--readers 3 needs --events-per-second/)])
    expect(given.readers).toBeUndefined()
    const known = await wizard({ [RATE]: '5k' }, { readers: '3' })
    expect(known.given.readers?.value).toBe(3)
  })

  it('is not asked for where everything that it sizes is said', async () => {
    expect((await wizard({}, { tier: 'standard', capacity: '2', partitions: '8' })).asked).not.toContain(RATE)
    expect((await wizard({}, { tier: 'standard', capacity: '2' })).asked).toContain(RATE)
  })
})

describe('an existing namespace', () => {
  it('is asked for the load of a new hub, whose partitions are final', async () => {
    const script = { 'Hub?': 'Create a new one', [RATE]: '8k' }
    const { asked, spec, facts } = await wizard(script, {}, AFTER_FIRST_RUN)
    expect(asked.slice(asked.indexOf('New hub?'))).toEqual([
      ...['New hub?', ...LOAD, 'Partitions?', 'Retention?', 'Consumer group?'],
    ])
    expect(facts).toContain('Capacity: 1 throughput unit')
    expect(spec.namespace.capacity.given).toBe(false)
    expect(spec.hubs[0].partitions.value).toBe(8)
  })

  it('suggests no more partitions than its tier has', async () => {
    const { spec } = await wizard({ 'Hub?': 'Create a new one', [RATE]: '50k' }, {}, AFTER_FIRST_RUN)
    expect(spec.hubs[0].partitions.value).toBe(32)
  })
})

describe('where somebody has to know the load', () => {
  it('"I don\'t know yet" is no answer, and nothing else is needed to ask', async () => {
    const person = new Person({ [RATE]: ["I don't know yet", '5k'] })
    const { given, problems } = readGiven(INPUT_KEYS, {}, {})
    const answers = new Answers(given, problems)
    await settleLoad({ prompter: person }, answers, { isRequired: true })
    expect(person.asked).toEqual(LOAD)
    expect(person.objections).toEqual([expect.stringMatching(/^"I don't know yet" is not a number of events/)])
    expect(Object.keys(answers.all)).toEqual(['eventsPerSecond', 'eventSize', 'peak', 'readers', 'workers'])
  })

  it('does not refuse a load that nothing carries: that is the answer', async () => {
    const answers = new Answers(readGiven(INPUT_KEYS, { eventsPerSecond: '1M' }, {}).given, [])
    const person = new Person()
    await settleLoad({ prompter: person }, answers, { isRequired: true })
    expect(person.asked).toEqual(LOAD.slice(1))
  })
})
