import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { plan } from '../../src/engine/plan.ts'
import { writeManifest } from '../../src/manifest/write-manifest.ts'
import { judge, savedFrontDoor, type Spec, type Wanted } from '../../src/resources/front-door.ts'
import { givenBy } from '../support/argv.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'
import { aWorld, homeWords, SUBSCRIPTION } from '../support/worlds.ts'

function specOf(wanted: Wanted): Spec {
  const judged = judge(wanted, { subscriptionId: SUBSCRIPTION, fallbackLocation: 'westeurope' })
  if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
  return judged.spec
}

/** What a run with these flags and this file leaves in a file: the same one, unless another is named. */
function saved(line: string, file: string | undefined, { env, before = file }: { env?: string; before?: string } = {}) {
  const given = givenBy(homeWords(line))
  const wanted = wantedFrom(file ?? 'version: 1', given, file === undefined ? undefined : env)
  const spec = specOf(wanted)
  const world = aWorld().after(plan(spec, aWorld().actual(spec)))
  const text = writeManifest({
    ...{ frontDoor: savedFrontDoor(spec, world.actual(spec, { forSave: true })), grantsForAll: [], loads: wanted },
    ...{ before, environment: env, subscription: undefined },
  })
  return { spec, text, load: /^load:\n((?: {2}.*\n)+)/m.exec(text)?.[1]?.trimEnd() }
}

const loadsIn = ({ hubs }: Spec) => hubs.map(({ name, load }) => ({ name, load }))

describe('the load of flags', () => {
  it.each([
    ['--events-per-second 5k --event-size 1KB', '  eventsPerSecond: 5k\n  eventSize: 1KB'],
    ['--events-per-second 5,000', '  eventsPerSecond: 5,000'],
    ['--events-per-second 5000 --peak 2 --readers 3', '  eventsPerSecond: 5000\n  peak: 2\n  readers: 3'],
    ['--events-per-second 432M/day --peak 1.5x', '  eventsPerSecond: 432M/day\n  peak: 1.5x'],
    ['--events-per-second 5.0 --workers +8', '  eventsPerSecond: "5.0"\n  workers: 8'],
    ['--throughput 20MB/s --readers 0', '  throughput: 20MB/s\n  readers: 0'],
    ['--events-per-second 5_000 --ordered', '  eventsPerSecond: 5_000\n  ordered: true'],
  ])('%s stands at the top in the words that were typed', (line, written) => {
    const { text, load, spec } = saved(line, undefined)
    expect(load).toBe(written)
    expect(loadsIn(specOf(wantedFrom(text)))).toEqual(loadsIn(spec))
  })

  it('is not written without one', () => expect(saved('', undefined).text).not.toContain('load'))

  it('stands over what the file said, in its place, and the rest stays', () => {
    const file = 'version: 1\nload:\n  eventsPerSecond: 1k # guessed\n  peak: 2\nhubs: [{ name: clicks }]\n'
    expect(saved('--events-per-second 5k', file).text).toContain('load:\n  eventsPerSecond: 5k # guessed\n  peak: 2\n')
    expect(saved('--events-per-second 1,000', file).text).toContain('eventsPerSecond: 1k # guessed')
    const { text } = saved('--throughput 20MB/s', file)
    expect(text).toContain('load:\n  peak: 2\n  throughput: 20MB/s\n')
    expect(text).not.toContain('eventsPerSecond')
  })

  it('removes what a hub of the file said of the same, and nothing else', () => {
    const hub = (load: string) => `version: 1\nhubs:\n  - name: clicks\n    load: ${load}\n  - name: views\n`
    const flags = '--throughput 20MB/s'
    expect(saved(flags, hub('{ eventsPerSecond: 1k }')).text).not.toMatch(/load: \{|eventsPerSecond/)
    const { text, spec } = saved(flags, hub('{ eventsPerSecond: 1k, peak: 2 }'))
    expect(text).toContain('load: { peak: 2 }')
    expect(spec.hubs.map(({ load }) => load?.eventsPerSecond)).toEqual([20_000, 20_000])
    expect(loadsIn(specOf(wantedFrom(text)))).toEqual(loadsIn(spec))
  })
})

describe('the load of a file', () => {
  const FILE = `version: 1
load: { eventsPerSecond: 5_000/min, eventSize: 2KB }
hubs:
  - name: clicks
    load:
      throughput: 2MB/s # measured
  - name: views
    load: { ordered: true }
environments:
  prod: { load: { peak: 3 } }
`
  it('stays as it is', () => {
    const { text } = saved('', FILE.split('environments')[0])
    for (const words of ['{ eventsPerSecond: 5_000/min, ', 'throughput: 2MB/s # measured', '{ ordered: true }'])
      expect(text).toContain(words)
  })

  it('stays in its environment and out of the others', () => {
    const { text } = saved('--peak 4', FILE, { env: 'prod' })
    expect(text).toContain('load: { eventsPerSecond: 5_000/min, eventSize: 2KB }')
    expect(text).toMatch(/prod: *\{.*load: \{ peak: 4 \}/s)
    expect(text.match(/load/g)).toHaveLength(4)
  })

  it('is written to another file too, that of a hub to the hub', () => {
    const { text, spec } = saved('', FILE.split('environments')[0], {
      before: 'version: 1\n',
    })
    expect(text).toMatch(/^load:\n {2}eventsPerSecond: 5_000\/min\n {2}eventSize: 2KB$/m)
    expect(text).toMatch(/name: clicks\n[^]*?load:\n {6}throughput: 2MB\/s/)
    expect(loadsIn(specOf(wantedFrom(text)))).toEqual(loadsIn(spec))
  })
})

const WORDS = {
  eventsPerSecond: ['5000', '5k', '0.005M', '300k/min', '1/min'],
  throughput: ['2MB/s', '10GB/day', '1MiB'],
  eventSize: ['1KB', '1KiB', '512'],
  peak: ['1', '2', '1.5x'],
  readers: [0, 1, 3],
  workers: [1, 2, 8],
} as const
const someOf = (keys: readonly (keyof typeof WORDS)[]): fc.Arbitrary<Readonly<Record<string, string | number>>> =>
  fc
    .tuple(fc.subarray([...keys], { minLength: 1 }), fc.infiniteStream(fc.nat(4)))
    .map(([chosen, picks]) =>
      Object.fromEntries(chosen.map((key) => [key, WORDS[key][picks.next().value % WORDS[key].length]!])),
    )
const REST = ['eventSize', 'peak', 'readers', 'workers'] as const
const load = fc.oneof(someOf(['eventsPerSecond', ...REST]), someOf(['throughput', ...REST]))
const FLAGS = { eventsPerSecond: '--events-per-second', throughput: '--throughput', eventSize: '--event-size' }
const flagOf = (key: string): string => (FLAGS as Readonly<Record<string, string>>)[key] ?? `--${key}`

describe('for any loads of a file, an environment and flags', () => {
  const part = fc.record({
    load: fc.option(load, { nil: undefined }),
    hubs: fc.option(fc.tuple(fc.option(load, { nil: undefined }), fc.option(load, { nil: undefined })), {
      nil: undefined,
      freq: 2,
    }),
  })
  const treeOf = ({ load: one, hubs }: { load: unknown; hubs: readonly unknown[] | undefined }) => ({
    ...(one ? { load: one } : {}),
    hubs: ['clicks', 'views'].map((name, i) => ({ name, ...(hubs?.[i] ? { load: hubs[i] } : {}) })),
  })

  it('the saved file has the same loads, and saving again changes not one letter', () => {
    let compared = 0
    fc.assert(
      fc.property(part, part, fc.option(load, { nil: undefined }), fc.boolean(), (root, own, flags, isOwn) => {
        const file = JSON.stringify({ version: 1, ...treeOf(root), environments: { prod: treeOf(own) } })
        const line = Object.entries(flags ?? {})
          .flatMap(([key, words]) => [flagOf(key), words])
          .join(' ')
        const at = isOwn ? { env: 'prod' } : {}
        const isSound = [line, ''].every((one) => judge(wantedFrom(file, givenBy(homeWords(one)), at.env)).ok)
        if (!isSound) return
        const { spec, text } = saved(line, file, at)
        expect(loadsIn(specOf(wantedFrom(text, {}, at.env))), `${line}\n${text}`).toEqual(loadsIn(spec))
        if (isOwn) expect(topLoadOf(text)).toEqual(topLoadOf(file))
        expect(saved('', text, at).text).toBe(text)
        compared++
      }),
      { numRuns: 120 },
    )
    expect(compared).toBeGreaterThan(20)
  })
})

/** The load at the top of a file. */
const topLoadOf = (text: string): unknown => (parse(text) as Readonly<Record<string, unknown>>)['load']
