import { absentNamespace, needHub } from '../../engine/absence.ts'
import { whereOf } from '../../engine/actual.ts'
import type { Cloud, NamespaceRef } from '../../engine/cloud.ts'
import { assess, type Observed } from '../../engine/status/assess.ts'
import type { MetricsQuestion, MetricsRead } from '../../engine/status/metrics.ts'
import type { Status, Unread } from '../../engine/status/status.ts'
import { ERROR_METRICS, TRAFFIC_METRICS } from '../../engine/status/traffic.ts'
import { Failure } from '../../lib/errors.ts'
import { inParallel } from '../../lib/in-parallel.ts'
import type { LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import type { HubHeld } from '../../local/index.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import { costOf } from '../../sizing/cost.ts'
import { costDifference } from '../../ui/render-cost.ts'
import { pricesFor } from '../prices.ts'
import type { Invocation } from '../invocation.ts'
import type { Run } from '../run.ts'
import type { Settled } from '../settle.ts'
import type { OpenCheckpointStore } from '../checkpoint-store.ts'
import { failureIn, HubReading } from './read-hub.ts'

const MINUTE_MS = 60_000
const DEFAULT_WINDOW_MS = 60 * MINUTE_MS
/** Each has a connection of its own. */
const HUBS_AT_ONCE = 8

/** Reads the state of the namespace of a run, as often as somebody asks. */
export class StatusReader {
  readonly #run: Run
  readonly #settled: Settled
  readonly #checkpoints: OpenCheckpointStore | undefined
  readonly #hubs = new Map<string, HubReading>()

  constructor(run: Run, settled: Settled, checkpoints: OpenCheckpointStore | undefined) {
    this.#run = run
    this.#settled = settled
    this.#checkpoints = checkpoints
  }

  /** Rejects with a `Failure` if the namespace or a hub is not there. Parts that may not be read are told in the answer. */
  async read(): Promise<Status> {
    const { given } = this.#settled.invocation
    const observed = await this.#observe()
    const thresholds = {
      maxLag: given.maxLag?.value,
      maxThrottled: given.maxThrottled?.value ?? (given.exitCode?.value ? 0 : undefined),
    }
    return assess(observed, thresholds, await priceOfUnits(this.#run, observed))
  }

  async #observe(): Promise<Observed> {
    const run = this.#run
    const { invocation, spec, signedIn } = this.#settled
    const { gate, clock } = run.azure
    const at = whereOf(spec)
    const cloud = signedIn.cloudFor(spec.subscriptionId)
    const atMs = clock.now()
    const toMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS
    const fromMs = toMs - MINUTE_MS - (invocation.given.window?.value ?? DEFAULT_WINDOW_MS)
    const unread: Unread[] = []
    const reading = gate.run((call) => cloud.readNamespace(at, call))
    const tierOf = reading.then((found) => found?.tier)
    const [namespace, hubs, metrics, held] = await Promise.all([
      reading,
      gate.run((call) => cloud.listHubs(at, call)),
      readMetrics(run, cloud, at, { fromMs, toMs }, tierOf).catch((error: unknown) => {
        unread.push({ what: 'metrics', hubs: [], failure: failureIn(error) })
        return undefined
      }),
      heldBy(run, invocation),
    ])
    if (!namespace || !hubs) throw absentNamespace(DOING, at)
    const read = await inParallel(chosenHubs(this.#settled, at, hubs), HUBS_AT_ONCE, async (hub) => {
      const groups = await gate.run((call) => cloud.listConsumerGroups({ ...at, hub: hub.name }, call))
      const own = held?.find((one) => sameName(one.namespace, namespace.name) && sameName(one.name, hub.name))
      return this.#readingOf(hub, namespace).read({
        ...{ hub, held: own },
        consumerGroups: (groups ?? []).map(({ name }) => name),
      })
    })
    return {
      ...{ atMs, fromMs, namespace, metrics, resourceGroup: spec.resourceGroup },
      portal: signedIn.portal(namespace.id),
      hubs: read.map(({ observed }) => observed),
      unread: [...unread, ...failedMetrics(metrics), ...inOne(read.flatMap((one) => one.unread))],
    }
  }

  #readingOf({ name }: HubActual, namespace: NamespaceActual): HubReading {
    const sources = { run: this.#run, settled: this.#settled, namespace, checkpoints: this.#checkpoints }
    const reading = this.#hubs.get(name) ?? new HubReading(sources)
    this.#hubs.set(name, reading)
    return reading
  }
}

/** Metrics that Azure could not read while it answered the others. */
const failedMetrics = (metrics: MetricsRead | undefined): readonly Unread[] =>
  (metrics?.failed ?? []).map(({ metric, why }) => ({
    ...{ what: 'metrics', hubs: [] },
    failure: new Failure({ code: 'failed', message: `Azure could not read the metric ${metric}`, why: [why] }),
  }))

/** The same failure of several hubs is told once. */
function inOne(unread: readonly Unread[]): readonly Unread[] {
  const all = new Map<string, Unread>()
  for (const one of unread) {
    const key = `${one.what} ${one.failure.code} ${one.failure.reason ?? ''}`
    const known = all.get(key)
    all.set(key, known ? { ...known, hubs: [...known.hubs, ...one.hubs] } : one)
  }
  return [...all.values()]
}

type Minutes = Pick<MetricsQuestion, 'fromMs' | 'toMs'>
type Question = Omit<MetricsQuestion, keyof Minutes>

/** No other tier has it, and a question for a metric that is not there fails as a whole. */
const CPU: Question = { metrics: ['NamespaceCpuUsage'], aggregation: 'maximum', splitBy: [] }

/** All metrics in one wave. Rejects with the failure of the first question that fails. */
async function readMetrics(
  run: Run,
  cloud: Cloud,
  at: NamespaceRef,
  minutes: Minutes,
  tierOf: Promise<LiveTier | undefined>,
): Promise<MetricsRead> {
  const questions: readonly Question[] = [
    { metrics: TRAFFIC_METRICS, aggregation: 'total', splitBy: ['EntityName'] },
    { metrics: ERROR_METRICS, aggregation: 'total', splitBy: ['EntityName', 'OperationResult'] },
    { metrics: ['Size'], aggregation: 'maximum', splitBy: ['EntityName'] },
    { metrics: ['ActiveConnections'], aggregation: 'maximum', splitBy: [] },
  ]
  const ask = (question: (typeof questions)[number]) =>
    run.azure.gate.run((call) => cloud.readMetrics(at, { ...question, ...minutes }, call))
  const [tier, ...answers] = await Promise.all([tierOf, ...questions.map(ask)])
  if (tier === 'Premium') answers.push(await ask(CPU))
  return {
    series: answers.flatMap((answer) => answer?.series ?? []),
    failed: answers.flatMap((answer) => answer?.failed ?? []),
  }
}

/** What the embedded Azure knows and Azure does not tell: readers, and what Capture has yet to write. */
async function heldBy({ deps }: Run, invocation: Invocation): Promise<readonly HubHeld[] | undefined> {
  if (!invocation.given.local?.value) return undefined
  const [{ dataFolderOf }, { askHeld, localStatus }] = await Promise.all([
    import('../local-azure.ts'),
    import('../../local/index.ts'),
  ])
  const status = await localStatus({ host: deps.host, dataFolder: dataFolderOf(invocation, deps) })
  return status.running ? (await askHeld(status))?.hubs : undefined
}

/** The hubs that were named, or all of them. Throws a `Failure` for one that is not there. */
const chosenHubs = (
  { invocation, spec }: Settled,
  { namespace }: NamespaceRef,
  hubs: readonly HubActual[],
): readonly HubActual[] =>
  invocation.wanted.hubs === undefined ? hubs : spec.hubs.map(({ name }) => needHub(DOING, name, { namespace, hubs }))

const DOING = 'show the status'

/** Tells what more or fewer units cost, by the list or as `--prices` says. */
async function priceOfUnits(run: Run, { namespace, hubs }: Observed) {
  const tier = namespace.tier
  const prices = tier === 'Dedicated' ? undefined : await pricesFor(run, { region: namespace.location, tier })
  const capture = hubs.some(({ hub }) => hub.capture)
  return (of: typeof tier, units: number, than: number): string | undefined => {
    const cost = (count: number) =>
      prices && costOf({ tier: of, units: count, maxUnits: count, capture, hubs: undefined }, prices)
    return costDifference(cost(units), cost(than))
  }
}
