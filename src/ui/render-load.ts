import { eventsAfter, type Latency, type LoadOutcome, type LoadPlan } from '../engine/load-test.ts'
import { formatElapsed } from '../lib/duration.ts'
import { Failure, Interruption } from '../lib/errors.ts'
import { formatByteCount, formatNumber } from '../lib/quantity.ts'
import { BILLED_BYTES } from '../sizing/cost.ts'
import type { LoadTestEntry } from './document-schema.ts'
import { type Canvas, formatCount, paragraph, row, type Tone } from './text.ts'
import { rated } from './render-cost.ts'

/** What a million events cost; null where nobody knows, 0 where the units include them. */
export interface EventPrice {
  readonly perMillion: number | null
  readonly currency: string
}

/** What a load test is about to do, and what it costs. Ends without a line break. */
export function renderLoadPlan(hub: string, plan: LoadPlan, price: EventPrice | undefined, width: number): string {
  const events = eventsAfter(plan, plan.durationMs)
  const by = plan.by === 'load' ? 'as the load says' : 'most of what its units and partitions take in'
  return [
    `Load test of hub ${hub}: ${rateWords(plan)} for ${formatNumber(plan.durationMs / 1_000)}s, ${by}.`,
    `That is ${formatCount(events)} events, ${formatByteCount(events * plan.bytesPerEvent)}${costWords(plan, price)}.`,
    'Pipelines that read the hub see them, with the property ml-ingest-probe. What they send themselves comes on top.',
  ]
    .flatMap((text) => paragraph(text, width))
    .join('\n')
}

const rateWords = ({ eventsPerSecond, bytesPerEvent }: LoadPlan): string =>
  `${formatNumber(eventsPerSecond)} events/s of ${formatByteCount(bytesPerEvent)}`

function costWords(plan: LoadPlan, price: EventPrice | undefined): string {
  if (!price) return ''
  const { perMillion, currency } = price
  if (perMillion === null) return '; what they cost is not known'
  if (perMillion === 0) return '; the units include them'
  const billed = eventsAfter(plan, plan.durationMs) * Math.ceil(plan.bytesPerEvent / BILLED_BYTES)
  const cost = (billed / 1e6) * perMillion
  const words =
    cost < 0.01 ? `less than ${rated(0.01, { currency })}` : rated(Math.ceil(cost * 100) / 100, { currency })
  return `, for ${words}`
}

const LABEL = 17

/** What came through. Ends without a line break. */
export function renderLoad(outcome: LoadOutcome, { style, width }: Canvas): string {
  const { plan, elapsedMs, accepted, received, lost, doubled, throttledRequests, throttledEvents } = outcome
  const { acknowledged, endToEnd } = outcome
  const isStopped = outcome.stoppedBy !== undefined
  const perSecond = (accepted * 1_000) / elapsedMs
  const percent = Math.round((100 * perSecond) / plan.eventsPerSecond)
  const through = [
    `${formatCount(received)} of ${formatCount(accepted)} events`,
    ...(accepted === 0 ? [] : [lost === 0 ? 'none lost' : `${formatCount(lost)} not read back in time`]),
    ...(doubled === 0 ? [] : [`${formatCount(doubled)} came twice`]),
  ].join(', ')
  const rate = `${formatNumber(perSecond)} events/s, ${formatByteCount(perSecond * plan.bytesPerEvent)}/s: ${Math.min(100, percent)} % of the rate`
  const refused = throttledRequests === 1 ? '1 request' : `${formatCount(throttledRequests)} requests`
  const throttled =
    throttledRequests === 0
      ? 'no'
      : `yes: ${refused} with ${formatCount(throttledEvents)} events refused. More came in than the units take.`
  const said = (label: string, text: string, tone?: Tone): readonly string[] =>
    row(label, text, width, LABEL).map((line) => (tone ? style.paint(tone, line) : line))
  return [
    ...said('Came through', through, lost > 0 ? 'bad' : undefined),
    ...said('Rate', `${rate}, for ${formatElapsed(elapsedMs)}${isStopped ? ', then it was stopped' : ''}`),
    ...(outcome.unsent > 0 && !isStopped && !outcome.error ? said('Not sent', unsentWords(outcome), 'warn') : []),
    ...(acknowledged ? said('Acknowledged', latencyWords(acknowledged)) : []),
    ...(endToEnd ? said('End to end', latencyWords(endToEnd)) : []),
    ...said('Throttled', throttled, throttledRequests > 0 ? 'warn' : undefined),
  ].join('\n')
}

const unsentWords = ({ unsent, throttledRequests }: LoadOutcome): string =>
  `${formatCount(unsent)} events: ${throttledRequests > 0 ? '' : 'nothing was refused, but '}this machine, its network or the service was slower than the rate`

const latencyWords = ({ p50, p99, most }: Latency): string =>
  `p50 ${formatMs(p50)}, p99 ${formatMs(p99)}, at most ${formatMs(most)}`

const formatMs = (ms: number): string => (ms < 10_000 ? `${formatCount(ms)} ms` : formatElapsed(ms))

/** Why a load test did not succeed. What the service throttled is an answer, no error. */
export function errorOfLoad(load: LoadOutcome | null): Failure | undefined {
  if (!load || load.error) return load?.error
  const { stoppedBy: cause, elapsedMs } = load
  if (cause instanceof Interruption && cause.kind === 'timeout')
    return new Failure({
      ...{ code: 'deadline', cause, hint: 'Give it more time with --timeout.' },
      message: `The time limit (--timeout) was reached after ${formatElapsed(elapsedMs)} of the load test`,
    })
  if (cause !== undefined)
    return new Failure({
      ...{ code: 'cancelled', cause, message: `Stopped after ${formatElapsed(elapsedMs)} of the load test` },
    })
  return load.lost === 0
    ? undefined
    : new Failure({
        code: 'azure',
        message: `${formatCount(load.lost)} of ${formatCount(load.accepted)} accepted events were not read back in time`,
      })
}

/** Accepted of the events of the rate, for it to count as held. */
const HELD_SHARE = 0.95

export const loadEntry = ({
  plan,
  acknowledged,
  endToEnd,
  stoppedBy,
  error: _,
  ...counts
}: LoadOutcome): LoadTestEntry => ({
  ...{ ...plan, ...counts },
  acceptedPerSecond: (counts.accepted * 1_000) / counts.elapsedMs,
  acknowledgedMs: acknowledged ?? null,
  endToEndMs: endToEnd ?? null,
  heldRate: counts.accepted >= HELD_SHARE * eventsAfter(plan, plan.durationMs),
  stopped: stoppedBy !== undefined,
})
