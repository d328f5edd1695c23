import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan, type Plan, type Step } from '../../src/engine/plan.ts'
import { isWrite } from '../../src/resources/step.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import type { Given } from '../../src/inputs/given.ts'
import { judge, wantedOf, type Spec } from '../../src/resources/front-door.ts'
import { CREATE, givenBy } from '../support/argv.ts'
import { flags, world } from '../support/arbitraries.ts'
import { SUBSCRIPTION, type World } from '../support/worlds.ts'
import { refusalsIn } from '../support/planning.ts'
import { plainSpeller } from '../../src/ui/spell.ts'
import { toldOf } from '../support/told.ts'

const RUNS = { numRuns: 400 }
const WHERE = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo']

interface Drawn {
  readonly world: World
  readonly given: Given
  readonly spec: Spec
}

/** A world and a spec that passes every check that needs no Azure; what has no place goes to westeurope. */
const drawn: fc.Arbitrary<Drawn> = fc
  .tuple(world, flags, fc.boolean())
  .map(([made, words, looksFirst]) => {
    const given = givenBy([...WHERE, ...words])
    const known = looksFirst && made.tier ? { liveTier: made.tier } : {}
    return { world: made, given, judged: judge(wantedOf(given), { ...known, fallbackLocation: 'westeurope' }) }
  })
  .filter(({ judged }) => judged.ok)
  .map(({ world: made, given, judged }) => ({ world: made, given, spec: (judged as { spec: Spec }).spec }))

const planFor = ({ world: made, spec }: Drawn): Plan => plan(spec, made.actual(spec))
const always = (holds: (one: Drawn, planned: Plan) => void) =>
  fc.assert(
    fc.property(drawn, (one) => {
      holds(one, planFor(one))
    }),
    RUNS,
  )

/** The inputs that may be behind a changed field; `state` and the implied switch-off of auto-inflate have none. */
const INPUT_OF: Readonly<Record<string, (inputs: Given) => unknown>> = {
  state: () => true,
  location: (inputs) => inputs.location,
  tier: (inputs) => inputs.tier,
  capacity: (inputs) => inputs.capacity,
  'auto-inflate maximum': (inputs) => inputs.autoInflateMax ?? inputs.tier?.value === 'Basic',
  retention: (inputs) => inputs.retention ?? inputs.hub?.value.some((hub) => hub.retention !== undefined),
  partitions: (inputs) => inputs.partitions ?? inputs.hub?.value.some((hub) => hub.partitions !== undefined),
  'user metadata': (inputs) => inputs.userMetadata,
  rights: (inputs) => inputs.access,
  'local authentication': (inputs) => inputs.disableLocalAuth,
  tag: (inputs) => inputs.tag,
  Capture: (inputs) => inputs.noCapture ?? inputs.captureStorageAccount,
  'Capture interval': (inputs) => inputs.captureInterval,
  'Capture without empty files': (inputs) => inputs.captureSkipEmpty,
}

/** What a change of a hub is called by what is sent for it. */
const FIELD_OF: Readonly<Record<string, string>> = {
  partitions: 'partitions',
  retentionHours: 'retention',
  storageAccount: 'Capture destination',
  container: 'Capture destination',
  intervalSeconds: 'Capture interval',
  skipEmptyArchives: 'Capture without empty files',
  encoding: 'Capture encoding',
}

describe('for any world and any valid flags', () => {
  it('the plan is the same each time', () => {
    always((one, planned) => {
      expect(planFor(one)).toEqual(planned)
    })
  })

  it('a plan that is not refused is something Azure does, and planning again finds nothing to do', () => {
    let writes = 0
    always((one, planned) => {
      if (planned.outcome === 'refused') return
      const after = one.world.after(planned)
      writes += planned.outcome === 'applicable' ? 1 : 0
      const again = plan(one.spec, after.actual(one.spec))
      expect(again.steps.filter((step: Step) => step.action !== 'keep')).toEqual([])
      expect(again.outcome).toBe('no-op')
    })
    expect(writes).toBeGreaterThan(RUNS.numRuns / 10)
  })

  it('a change names a field that was given', () => {
    always(({ given: inputs }, planned) => {
      for (const step of planned.steps as readonly Step[]) {
        for (const { field, from, to } of 'changes' in step ? step.changes : []) {
          expect(from).not.toEqual(to)
          const given = INPUT_OF[field] ?? INPUT_OF[field.split(' ')[0]!]
          expect(given, `a change of ${field}`).toBeDefined()
          expect(given!(inputs), `${field} was not given`).toBeTruthy()
        }
      }
    })
  })

  it('the outcome says what the steps are, and each resource has one step', () => {
    always((_, planned) => {
      const steps = planned.steps as readonly Step[]
      const refused = steps.some((step) => step.action === 'refuse')
      expect(planned.outcome).toBe(refused ? 'refused' : steps.some(isWrite) ? 'applicable' : 'no-op')
      const targets = steps.map(({ target }) => JSON.stringify(target).toLowerCase())
      expect(new Set(targets).size).toBe(targets.length)
      for (const step of steps) {
        if (step.action === 'refuse') expect(step.refusals.length).toBeGreaterThan(0)
        if (step.action === 'update') expect(step.changes.length).toBeGreaterThan(0)
      }
    })
  })

  it('an update sends what it tells and nothing else', () => {
    always((_, planned) => {
      for (const step of planned.steps as readonly Step[]) {
        if (step.action !== 'update' || step.write.op !== 'update-hub') continue
        const told = step.changes.map((change) => change.field).sort()
        const { capture, ...others } = step.write.changes
        const sent = [...Object.keys(others), ...(typeof capture === 'object' ? Object.keys(capture) : [])]
        const switched = told.filter((field) => field === 'Capture')
        expect([...switched, ...new Set(sent.map((key) => FIELD_OF[key]))].sort()).toEqual(told)
        if (capture === 'off') expect(switched).toHaveLength(1)
      }
    })
  })

  it('each way out is a command that can be run and is no longer refused for this reason', () => {
    let taken = 0
    always((one, planned) => {
      for (const refusal of refusalsIn(planned)) {
        for (const { edit: changes, text } of refusal.waysOut) {
          if (!changes) continue
          const words = argvOf(CREATE, one.given, changes).slice(1)
          const known = one.world.tier && !changes.namespace ? { liveTier: one.world.tier } : {}
          const next = judge(wantedOf(givenBy(words)), { ...known, fallbackLocation: 'westeurope' })
          const problems = next.ok ? [] : next.problems.map(toldOf)
          // What the inputs break together may still stand in the way: it is told, and is another matter.
          if (!next.ok) {
            expect(problems.join(), plainSpeller.text(text)).toMatch(
              /above|below|cannot be|is not possible|not a capacity|needs Standard|which Basic does not have/,
            )
            continue
          }
          const spec = next.spec
          const left = refusalsIn(plan(spec, one.world.actual(spec))).map((other) => other.what)
          expect(left, `${refusal.what}: ${plainSpeller.text(text)}`).not.toContain(refusal.what)
          taken++
        }
      }
    })
    expect(taken).toBeGreaterThan(RUNS.numRuns / 4)
  })
})
