import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan, type Step } from '../../src/engine/plan.ts'
import { writeManifest } from '../../src/manifest/write-manifest.ts'
import { sameName } from '../../src/lib/names.ts'
import { savedFrontDoor, judge, wantedOf, type Spec, type Wanted } from '../../src/resources/front-door.ts'
import { nameOfChoice } from '../../src/resources/access-rule/access-rule.ts'
import { grantsIn } from '../../src/resources/grant.ts'
import { savedLoads } from '../../src/resources/load/sized.ts'
import { plainSpeller } from '../../src/ui/spell.ts'
import { spelled } from '../../src/ui/told.ts'
import { flags, world } from '../support/arbitraries.ts'
import { givenBy } from '../support/argv.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'
import { aWorld, SUBSCRIPTION, type World } from '../support/worlds.ts'

const RUNS = { numRuns: 150 }
const WHERE = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo']

/** A run that was applied: what it asked for, and what there is after it. */
interface Applied {
  readonly world: World
  readonly wanted: Wanted
  readonly spec: Spec
}

const applied: fc.Arbitrary<Applied> = fc
  .tuple(world, flags)
  .map(([made, words]) => applyTo(made, wantedOf(givenBy([...WHERE, ...words]))))
  .filter((one) => one !== undefined)

function applyTo(made: World, wanted: Wanted): Applied | undefined {
  const known = made.tier ? { liveTier: made.tier } : {}
  const judged = judge(wanted, { ...known, fallbackLocation: 'westeurope' })
  if (!judged.ok) return undefined
  const { spec } = judged
  const planned = plan(spec, made.actual(spec))
  return planned.outcome === 'refused' ? undefined : { world: made.after(planned), wanted, spec }
}

const save = (one: Applied, before?: string, environment?: string): string =>
  writeManifest({
    ...{ before, environment, subscription: { id: SUBSCRIPTION, words: SUBSCRIPTION } },
    frontDoor: savedFrontDoor(one.spec, one.world.actual(one.spec, { forSave: true })),
    grantsForAll: grantsIn(one.wanted.grants),
    loads: savedLoads(one.wanted, savedFrontDoor(one.spec, one.world.actual(one.spec)).namespace.tier).loads,
  })

const wantedIn = (text: string, environment?: string): Wanted => wantedFrom(text, {}, environment)

function specIn(text: string, environment?: string): Spec {
  const judged = judge(wantedIn(text, environment))
  if (!judged.ok) throw new Error(`${judged.problems.map(toldOf).join('\n')} in\n${text}`)
  return judged.spec
}

/** What planning a spec again would do, in words. */
const leftTo = (spec: Spec, made: World): readonly string[] =>
  (plan(spec, made.actual(spec)).steps as readonly Step[])
    .filter((step) => step.action !== 'keep')
    .map((step) => `${step.action} ${JSON.stringify(step)}`)

describe('for any world and any valid flags', () => {
  it('planning what was saved finds nothing to do', () => {
    fc.assert(
      fc.property(applied, fc.constantFrom(undefined, 'prod'), (one, environment) => {
        const text = save(one, undefined, environment)
        expect(leftTo(specIn(text, environment), one.world), text).toEqual([])
      }),
      RUNS,
    )
  })

  it('saving again changes not one letter', () => {
    fc.assert(
      fc.property(applied, fc.constantFrom(undefined, 'prod'), (one, environment) => {
        const text = save(one, undefined, environment)
        expect(save(one, text, environment)).toBe(text)
        const again = applyTo(one.world, wantedIn(text, environment))
        expect(again && save(again, text, environment)).toBe(text)
      }),
      RUNS,
    )
  })

  it('what another file said is made true for the hubs of the run, and the rest of it stays', () => {
    let written = 0
    fc.assert(
      fc.property(applied, applied, fc.constantFrom(undefined, 'prod'), (earlier, one, environment) => {
        const before = save(earlier)
        const text = save(one, before, environment)
        if (environment) expect(specIn(text)).toEqual(specIn(before))
        const judged = judge(wantedIn(text, environment))
        // What the rest of the file says may contradict what was made, as a hub that another tier has: told instead of saved.
        if (!judged.ok) return
        const { hubs } = specIn(text, environment)
        for (const { name } of earlier.spec.hubs)
          expect(hubs.map((hub) => hub.name.toLowerCase())).toContain(name.toLowerCase())
        expect(leftTo(withoutWishes(specIn(text, environment), one), one.world), `${before}\n---\n${text}`).toEqual([])
        written++
      }),
      { numRuns: 100 },
    )
    expect(written).toBeGreaterThan(30)
  })
})

it('made elsewhere it has the same rules, roles and tags, or the file said what is missing', () => {
  let compared = 0
  fc.assert(
    fc.property(applied, (one) => {
      const { notSaved } = savedFrontDoor(one.spec, one.world.actual(one.spec, { forSave: true }))
      const spec = specIn(save(one))
      const start = aWorld().withStorageAccount()
      const planned = plan(spec, start.actual(spec))
      if (planned.outcome === 'refused') return
      const names = one.spec.hubs.map(({ name }) => name.toLowerCase())
      const [here, there] = [one.world, start.after(planned)].map((made) => new Set(settingsOf(made, names)))
      // A role that the namespace gives is not given again on a hub.
      const onNamespace = (line: string): string => line.replace(/(\|\S+ ).*$/, '$1')
      const missing = [...here!].filter((line) => !there!.has(line) && !there!.has(onNamespace(line)))
      expect([...there!].filter((line) => !here!.has(line) && !missing.some((other) => isOther(other, line)))).toEqual(
        [],
      )
      const told = notSaved.map((text) => spelled(text, plainSpeller).toLowerCase())
      for (const line of missing) expect(told, line).toContainEqual(expect.stringContaining(nameIn(line)) as string)
      compared++
    }),
    RUNS,
  )
  expect(compared).toBeGreaterThan(50)
})

/** Rules, roles and tags of the namespace and of these hubs, as lines: what, where, how. */
function settingsOf(made: World, hubs: readonly string[]): readonly string[] {
  const rules = [undefined, ...hubs].flatMap((hub) =>
    (made.rulesAt(hub) ?? []).map(({ name, rights }) => `${hub ?? ''}/${name}|${[...rights].sort().join()}`),
  )
  const roles = made
    .rolesOf(undefined)
    .filter(({ hub }) => hub === undefined || hubs.includes(hub.toLowerCase()))
    .map(({ principalId, role, hub }) => `${principalId}|${role} ${hub ?? ''}`)
  const tags = Object.entries(made.namespace?.tags ?? {}).map(([name, value]) => `${name}|${value}`)
  return [...rules, ...roles, ...tags]
    .map((line) => line.toLowerCase())
    .filter((line) => line !== 'created-by|ml-ingest')
}

const nameIn = (line: string): string => line.split('|')[0]!.replace(/^\//, '')
const isOther = (a: string, b: string): boolean => a.split('|')[0] === b.split('|')[0]

/**
 * What the file named beside what was asked for, and has yet to be made: other hubs, and tags, groups, rules and roles. An
 * environment says by name an access that nobody asked for, where the rest of the file says another: it cannot leave that
 * open, and a rule whose rights somebody changed gets them back.
 */
function withoutWishes(spec: Spec, { spec: run, world: made }: Applied): Spec {
  const { consumerGroups } = made.actual(run)
  const [first, ...rest] = spec.hubs.flatMap((hub) => {
    const asked = run.hubs.find((one) => sameName(one.name, hub.name))
    if (!asked) return []
    const live = consumerGroups.get(hub.name.toLowerCase()) ?? []
    const groups = hub.consumerGroups.filter(({ name }) => live.some((group) => sameName(group.name, name)))
    const rules = hub.accessRules.filter(({ name }) => made.ruleAt(hub.name, name))
    return [{ ...hub, consumerGroups: groups, accessRules: rules, grants: asked.grants }]
  })
  const isSameRule = nameOfChoice(spec.rule) === nameOfChoice(run.rule)
  return {
    ...spec,
    namespace: { ...spec.namespace, tags: run.namespace.tags },
    accessRules: spec.accessRules.filter(({ name }) => made.ruleAt(undefined, name)),
    grants: run.grants,
    hubs: [first!, ...rest],
    rule: isSameRule ? run.rule : spec.rule,
  }
}
