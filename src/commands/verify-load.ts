import type { Connection } from '../engine/connection.ts'
import { loadPlanOf, type LoadOutcome, type LoadPlan } from '../engine/load-test.ts'
import type { ProbeOptions } from '../data/probe.ts'
import { edit, input } from '../inputs/refer.ts'
import { INPUTS } from '../inputs/table.ts'
import { USUAL_LOAD } from '../inputs/load.ts'
import { Failure, Interruption } from '../lib/errors.ts'
import { findByName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import { hubsWithLoad } from '../resources/load/fit.ts'
import { agrees } from '../run/ask.ts'
import type { ConnectionsRead } from '../run/connections.ts'
import { pricesFor } from '../run/prices.ts'
import type { Run } from '../run/run.ts'
import { waitFor } from '../run/wait.ts'
import { costOf } from '../sizing/cost.ts'
import { errorOfLoad, renderLoad, renderLoadPlan, type EventPrice } from '../ui/render-load.ts'
import { renderError } from '../ui/render-error.ts'
import { canvasOf } from '../ui/text.ts'

/** What to send to each hub, by its name. Told, and on Azure agreed to, before anything is sent. */
export async function planLoads(run: Run, read: ConnectionsRead): Promise<ReadonlyMap<string, LoadPlan>> {
  const { invocation, streams } = run
  const { given } = invocation
  const { io } = streams
  const lacking = read.connections.map(lackOf).find((one) => one !== undefined)
  if (lacking) throw lacking
  const plans = new Map(read.connections.map(({ hub }) => [hub, planFor(run, read, hub)]))
  const price = given.local?.value ? undefined : await priceOf(run, read)
  io.gap()
  for (const [hub, plan] of plans) io.note(renderLoadPlan(hub, plan, price, io.width))
  if (given.local?.value || given.yes?.value) return plans
  const message = plans.size === 1 ? 'Send the events?' : `Send the events to ${plans.size} hubs?`
  if (!(await agrees(run, { message, context: 'whoever reads the hub gets them, too' })))
    throw new Interruption('SIGINT')
  return plans
}

/** A load test needs both rights. */
function lackOf({ hub, sign }: Connection): Failure | undefined {
  if (sign.kind === 'entra' || sign.rights.includes('Manage')) return undefined
  const lacks = (['Send', 'Listen'] as const).filter((right) => !sign.rights.includes(right))
  if (lacks.length === 0) return undefined
  return new Failure({
    code: 'access',
    message: `Can't load hub ${hub}: rule ${sign.rule} lacks the right ${lacks.join(' and ')}`,
    why: ['A load test sends events and reads them back. Nothing was sent.'],
    hint: say`Use a rule that has both: ${edit({ access: 'send-listen', policy: null })}`,
  })
}

function planFor({ invocation: { given } }: Run, { settled, actual }: ConnectionsRead, hub: string): LoadPlan {
  const namespace = actual.namespace!
  const plan = loadPlanOf({
    load: findByName(hubsWithLoad(settled.spec, actual), hub)?.load,
    ...{ tier: namespace.tier, units: namespace.capacity },
    partitions: findByName(actual.hubs, hub)?.partitions ?? 1,
    usualBytes: USUAL_LOAD.bytesPerEvent,
    durationMs: given.duration?.value ?? INPUTS.duration.default!,
  })
  if (plan) return plan
  throw new Failure({
    code: 'usage',
    message: `Can't tell how much hub ${hub} takes in: nothing is published of a dedicated cluster`,
    hint: say`Say how much to send: ${input('eventsPerSecond')} 5k`,
  })
}

async function priceOf(run: Run, { actual }: ConnectionsRead): Promise<EventPrice> {
  const { tier, capacity, location } = actual.namespace!
  const prices = await pricesFor(run, { region: location })
  const charged = { tier, units: capacity, maxUnits: capacity, capture: false, hubs: undefined }
  if (tier === 'Dedicated') return { perMillion: 0, currency: 'USD' }
  const cost = prices ? costOf(charged, prices) : null
  return { perMillion: cost?.perMillionEvents ?? null, currency: cost?.currency ?? 'USD' }
}

/** Sends the load to a hub and says what came through, also when somebody stops it. */
export async function runLoad(
  run: Run,
  connection: Connection,
  plan: LoadPlan,
  options: ProbeOptions,
): Promise<LoadOutcome> {
  const { io, about } = run.streams
  const { runLoadTest } = await import('../data/load-test.ts')
  const outcome = await waitFor(run, `Sending to hub ${connection.hub}`, () => runLoadTest(connection, plan, options))
  if (!io.json) {
    io.out(`\n${renderLoad(outcome, canvasOf(io, 'stdout'))}`)
    const error = errorOfLoad(outcome)
    if (error) io.err(`\n${renderError(error, { canvas: canvasOf(io, 'stderr'), about })}`)
  }
  return outcome
}
