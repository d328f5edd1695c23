import { absentNamespace, needHub } from '../../engine/absence.ts'
import { whereOf } from '../../engine/actual.ts'
import type { Cloud, NamespaceRef } from '../../engine/cloud.ts'
import { assess, type Observed } from '../../engine/status/assess.ts'
import type { ToAdvise } from '../../engine/status/advice.ts'
import type { MetricsQuestion, MetricsRead } from '../../engine/status/metrics.ts'
import type { Status, Unread } from '../../engine/status/status.ts'
import { ERROR_METRICS, TRAFFIC_METRICS } from '../../engine/status/traffic.ts'
import { Failure } from '../../lib/errors.ts'
import { inParallel } from '../../lib/in-parallel.ts'
import type { LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import { costOf } from '../../sizing/cost.ts'
import { costDifference } from '../../ui/render-cost.ts'
import { pricesFor } from '../prices.ts'
import type { Run } from '../run.ts'
import type { Settled } from '../settle.ts'
import type { OpenCheckpointStore } from '../checkpoint-store.ts'
import { failureIn, HubReading } from './read-hub.ts'

const MINUTE_MS = 60_000
const DEFAULT_WINDOW_MS = 60 * MINUTE_MS
/** Each has a connection of its own. */
const HUBS_AT_ONCE = 8
/** Azure measures once a minute, so what it says is not asked for more often than this. */
const MANAGED_MS = 30_000

/** What Resource Manager says. */
interface Managed {
  readonly atMs: number
  readonly fromMs: number
  readonly namespace: NamespaceActual
  readonly hubs: readonly { readonly hub: HubActual; readonly consumerGroups: readonly string[] }[]
  /** Whether the namespace pays for Capture. */
  readonly isCaptured: boolean
  readonly metrics: MetricsRead | undefined
  readonly unread: readonly Unread[]
}

/** Reads the state of the namespace of a run, as often as somebody asks. */
export class StatusReader {
  readonly #run: Run
  readonly #settled: Settled
  readonly #checkpoints: OpenCheckpointStore | undefined
  readonly #hubs = new Map<string, HubReading>()
  #managed: Managed | undefined
  #priceOf: ToAdvise['priceOf'] | undefined

  constructor(run: Run, settled: Settled, checkpoints: OpenCheckpointStore | undefined) {
    this.#run = run
    this.#settled = settled
    this.#checkpoints = checkpoints
  }

  /** Rejects with a `Failure` if the namespace or a hub is not there. Parts that may not be read are told in the answer. */
  async observe(): Promise<Observed> {
    const { invocation, spec, signedIn } = this.#settled
    const isLocal = invocation.given.local?.value ?? false
    const nowMs = this.#run.azure.clock.now()
    const isFresh = !isLocal && this.#managed && nowMs - this.#managed.atMs < MANAGED_MS
    const managed = isFresh ? this.#managed! : await this.#readManaged(nowMs)
    this.#managed = managed
    const { fromMs, namespace, metrics, unread } = managed
    const held = isLocal ? await (await import('../local-azure.ts')).hubsHeld({ ...this.#run, invocation }) : []
    const read = await inParallel(managed.hubs, HUBS_AT_ONCE, async (known) => {
      const own = held.find((one) => sameName(one.namespace, namespace.name) && sameName(one.name, known.hub.name))
      return this.#readingOf(known.hub, namespace).read({ ...known, held: own })
    })
    return {
      ...{ atMs: nowMs, fromMs, namespace, metrics, resourceGroup: spec.resourceGroup },
      portal: signedIn.portal(namespace.id),
      hubs: read.map(({ observed }) => observed),
      unread: [...unread, ...inOne(read.flatMap((one) => one.unread))],
    }
  }

  /** Judges what was read. Asks for prices once, with `--prices live`. */
  async assess(observed: Observed): Promise<Status> {
    const { given } = this.#settled.invocation
    this.#priceOf ??= await priceOfUnits(this.#run, observed.namespace, this.#managed?.isCaptured ?? false)
    const thresholds = {
      maxLag: given.maxLag?.value,
      maxThrottled: given.maxThrottled?.value ?? (given.exitCode?.value ? 0 : undefined),
      group: given.group?.value,
    }
    return assess(observed, thresholds, this.#priceOf)
  }

  async #readManaged(nowMs: number): Promise<Managed> {
    const { invocation, spec, signedIn } = this.#settled
    const { gate } = this.#run.azure
    const at = whereOf(spec)
    const cloud = signedIn.cloudFor(spec.subscriptionId)
    const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS
    const fromMs = toMs - MINUTE_MS - (invocation.given.window?.value ?? DEFAULT_WINDOW_MS)
    const reading = gate.run((call) => cloud.readNamespace(at, call))
    const tierOf = reading.then((found) => found?.tier)
    const [namespace, hubs, { metrics, unread }] = await Promise.all([
      reading,
      gate.run((call) => cloud.listHubs(at, call)),
      readMetrics(this.#run, cloud, at, { fromMs, toMs, tierOf }),
    ])
    if (!namespace || !hubs) throw absentNamespace(DOING, at)
    const known = chosenHubs(this.#settled, at, hubs).map(async (hub) => {
      const groups = await gate.run((call) => cloud.listConsumerGroups({ ...at, hub: hub.name }, call))
      return { hub, consumerGroups: (groups ?? []).map(({ name }) => name) }
    })
    const isCaptured = hubs.some(({ capture }) => capture)
    return { atMs: nowMs, fromMs, namespace, isCaptured, metrics, unread, hubs: await Promise.all(known) }
  }

  #readingOf({ name }: HubActual, namespace: NamespaceActual): HubReading {
    const sources = { run: this.#run, settled: this.#settled, namespace, checkpoints: this.#checkpoints }
    const reading = this.#hubs.get(name) ?? new HubReading(sources)
    this.#hubs.set(name, reading)
    return reading
  }
}

/** The same failure of several hubs is told once. */
function inOne(unread: readonly Unread[]): readonly Unread[] {
  const all = new Map<string, Unread>()
  for (const one of unread) {
    const message = one.hubs.reduce((text, hub) => text.replaceAll(hub, ''), one.failure.message)
    const key = `${one.what} ${one.failure.code} ${message}`
    const known = all.get(key)
    all.set(key, known ? { ...known, hubs: [...known.hubs, ...one.hubs] } : one)
  }
  return [...all.values()]
}

interface MetricsAsked extends Pick<MetricsQuestion, 'fromMs' | 'toMs'> {
  readonly tierOf: Promise<LiveTier | undefined>
}
type Question = Omit<MetricsQuestion, 'fromMs' | 'toMs'>

const QUESTIONS: readonly Question[] = [
  { metrics: TRAFFIC_METRICS, aggregation: 'total', splitBy: ['EntityName'] },
  { metrics: ERROR_METRICS, aggregation: 'total', splitBy: ['EntityName', 'OperationResult'] },
  { metrics: ['Size'], aggregation: 'maximum', splitBy: ['EntityName'] },
  { metrics: ['ActiveConnections'], aggregation: 'maximum', splitBy: [] },
]
/** No other tier has it, and a question for a metric that is not there fails as a whole. */
const CPU: Question = { metrics: ['NamespaceCpuUsage'], aggregation: 'maximum', splitBy: [] }

/** Without metrics the rest is shown. */
const METRICS_TRIES = 4

const nothingMeasured = (): Failure =>
  new Failure({
    code: 'absent',
    message: 'Azure has measured nothing in this time',
    why: ['Metrics come a few minutes late, and a new namespace has none yet.'],
  })

/** Asks all questions in one wave. What fails of one is told, and the others count. */
async function readMetrics(
  { azure: { gate } }: Run,
  cloud: Cloud,
  at: NamespaceRef,
  { tierOf, ...minutes }: MetricsAsked,
): Promise<{ readonly metrics: MetricsRead | undefined; readonly unread: readonly Unread[] }> {
  const unread: Unread[] = []
  const ask = async (question: Question): Promise<MetricsRead> => {
    try {
      const asked = { ...question, ...minutes }
      const { series = [], failed = [] } =
        (await gate.run((call) => cloud.readMetrics(at, asked, call), { mostTries: METRICS_TRIES })) ?? {}
      for (const { metric, why } of failed) {
        const message = `Azure could not read the metric ${metric}`
        unread.push({ what: 'metrics', hubs: [], failure: new Failure({ code: 'failed', message, why: [why] }) })
      }
      return { series, failed }
    } catch (error) {
      const failure = failureIn(error)
      unread.push({ what: 'metrics', hubs: [], failure })
      return { series: [], failed: question.metrics.map((metric) => ({ metric, why: failure.message })) }
    }
  }
  const cpu = tierOf.then((tier) => (tier === 'Premium' ? ask(CPU) : undefined))
  const answers = (await Promise.all([...QUESTIONS.map(ask), cpu])).flatMap((answer) => answer ?? [])
  const metrics = { series: answers.flatMap(({ series }) => series), failed: answers.flatMap(({ failed }) => failed) }
  const isNothing = !metrics.series.some(({ points }) => points.some(({ value }) => value !== undefined))
  if (isNothing && unread.length === 0) unread.push({ what: 'metrics', hubs: [], failure: nothingMeasured() })
  return { metrics: isNothing ? undefined : metrics, unread: inOne(unread) }
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
async function priceOfUnits(
  run: Run,
  { tier, location }: NamespaceActual,
  capture: boolean,
): Promise<ToAdvise['priceOf']> {
  const prices = tier === 'Dedicated' ? undefined : await pricesFor(run, { region: location, tier })
  return (of, units, than) => {
    const cost = (count: number) =>
      prices && costOf({ tier: of, units: count, maxUnits: count, capture, hubs: undefined }, prices)
    return costDifference(cost(units), cost(than))
  }
}
