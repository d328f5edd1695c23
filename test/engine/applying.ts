import { apply, type ApplyEvent, type ApplyReport } from '../../src/engine/apply.ts'
import { Gate } from '../../src/engine/gate.ts'
import { plan, type ApplicablePlan, type Step } from '../../src/engine/plan.ts'
import { describe as nameOf, isWrite } from '../../src/resources/step.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ScriptedCloud } from '../support/scripted-cloud.ts'
import { aSpec, aWorld, type World } from '../support/worlds.ts'

export const AT = { group: 'rg', namespace: 'ns-demo' } as const

export interface Applying {
  readonly cloud: ScriptedCloud
  readonly clock: ManualClock
  readonly stop: AbortController
  readonly planned: ApplicablePlan
  readonly events: ApplyEvent[]
  readonly run: () => Promise<ApplyReport>
}

/** A plan for these flags in this world, ready to be applied to it. */
export function applying(
  line: string | readonly string[],
  world: World = aWorld(),
  clock = new ManualClock({ autoAdvance: true }),
): Applying {
  const cloud = new ScriptedCloud(clock, world)
  const stop = new AbortController()
  const events: ApplyEvent[] = []
  const spec = aSpec(line)
  const planned = plan(spec, world.actual(spec))
  if (planned.outcome !== 'applicable') throw new Error(`the plan is ${planned.outcome}`)
  const onEvent = (event: ApplyEvent) => void events.push(event)
  const gate = new Gate({ clock, stop: stop.signal, random: () => 0.5 })
  const run = () => apply(planned, AT, { cloud, clock, gate, stop: stop.signal, onEvent })
  return { cloud, clock, stop, planned, events, run }
}

/** The report by names: `hub clicks`. */
export const told = (report: ApplyReport) => ({
  done: report.done.map(({ step }) => nameOf(step.target)).sort(),
  failed: report.failed.map(({ step }) => nameOf(step.target)).sort(),
  leftRunning: report.leftRunning.map((step) => nameOf(step.target)).sort(),
  notStarted: report.notStarted.map((step) => nameOf(step.target)).sort(),
})

/** All the writes of a plan, by name. */
export const writesOf = (planned: ApplicablePlan): readonly string[] =>
  (planned.steps as readonly Step[])
    .filter(isWrite)
    .map((step) => nameOf(step.target))
    .sort()

export const everythingIn = (report: ApplyReport): readonly string[] => Object.values(told(report)).flat().sort()

export const settle = async () => {
  for (let i = 0; i < 100; i++) await Promise.resolve()
}
