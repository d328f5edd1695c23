import { closeSoon, openConsumer, type ClientOptions } from '../../data/open-clients.ts'
import { kafkaTargetOf, targetOf } from '../../data/connection-target.ts'
import { readCheckpoints, type CheckpointsRead } from '../../data/checkpoints.ts'
import { dataError } from '../../data/failure.ts'
import { readKafkaGroups } from '../../data/kafka/kafka-groups.ts'
import { KafkaOffsets } from '../../data/kafka/kafka-offsets.ts'
import { readPartitionStates } from '../../data/partition-states.ts'
import { findUnread } from '../../data/unread-events.ts'
import { findUnreadTimes } from '../../data/unread-times.ts'
import { isEmbeddedHost, type Connection } from '../../engine/connection.ts'
import { kafkaOf } from '../../engine/connections.ts'
import type { ObservedHub } from '../../engine/status/assess.ts'
import { unreadToFind } from '../../engine/status/lag.ts'
import type { GroupPositions, PartitionState, UnreadEvent } from '../../engine/status/positions.ts'
import type { Unread } from '../../engine/status/status.ts'
import { Failure } from '../../lib/errors.ts'
import { sameName } from '../../lib/names.ts'
import { listOf } from '../../lib/phrase.ts'
import { count } from '../../ui/text.ts'
import { DEFAULT_CONSUMER_GROUP } from '../../lib/limits.ts'
import { askListeners, type HubHeld, ONLY_LOOKING } from '../../local/index.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import type { OpenCheckpointStore } from '../checkpoint-store.ts'
import { hubConnection } from '../hub-connection.ts'
import type { Run } from '../run.ts'
import type { Settled } from '../settle.ts'

/** To find out when the oldest unread events came. */
const UNREAD_MS = 10_000
/** An endpoint that failed is asked again after so long. */
const KAFKA_AGAIN_MS = 60_000

export interface HubSources {
  readonly run: Run
  readonly settled: Settled
  readonly namespace: NamespaceActual
  readonly checkpoints: OpenCheckpointStore | undefined
}

/** What Resource Manager and the embedded Azure say of a hub. */
export interface HubKnown {
  readonly hub: HubActual
  /** `$Default` too. */
  readonly consumerGroups: readonly string[]
  readonly held: HubHeld | undefined
}

export interface HubRead {
  readonly observed: ObservedHub
  readonly unread: readonly Unread[]
}

/** Reads one hub as often as somebody asks. The key is read once. */
export class HubReading {
  readonly #sources: HubSources
  #connecting: Promise<Connection> | undefined
  /** The last failure of Kafka's endpoint. */
  #kafkaFailed: { readonly unread: Unread; readonly atMs: number } | undefined

  constructor(sources: HubSources) {
    this.#sources = sources
  }

  /** Rejects with the reason of an interruption alone; what could not be read is told. */
  async read(known: HubKnown): Promise<HubRead> {
    const { hub, consumerGroups, held } = known
    const unread: Unread[] = []
    const told = async <T>(what: Unread['what'], read: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await read()
      } catch (error) {
        unread.push({ what, hubs: [hub.name], failure: await this.#failureOf(what, error) })
        return undefined
      }
    }
    const reached = await told('partitions', async () => {
      const connection = await (this.#connecting ??= this.#connect(hub.name))
      return { connection, states: await this.#readStates(connection) }
    })
    if (!reached) this.#connecting = undefined
    const missed = this.#kafkaMissed()
    if (missed) unread.push(missed)
    const offsets = reached && !missed ? this.#offsetsOf(reached) : undefined
    try {
      const [checkpoints, groups] = await Promise.all([
        told('checkpoints', () => this.#readCheckpoints(hub.name, reached?.connection)),
        offsets && told('kafka groups', () => readKafkaGroups(offsets)),
      ])
      const failed = unread.find(({ what }) => what === 'kafka groups')
      if (failed && !missed) this.#kafkaFailed = { unread: failed, atMs: this.#sources.run.azure.clock.now() }
      const odd = checkpoints && oddCheckpoints(hub.name, checkpoints)
      if (odd) unread.push({ what: 'checkpoints', hubs: [hub.name], failure: odd })
      const positions = [...(checkpoints?.groups ?? []), ...(groups ?? []), ...readersIn(held)]
      const unreadEvents =
        reached &&
        (await told('age of unread events', () =>
          this.#findUnread(reached, known, { positions, offsets: groups && offsets }),
        ))
      return {
        observed: {
          ...{ hub, consumerGroups, positions, states: reached?.states, unreadEvents: unreadEvents ?? [] },
          hasCheckpoints: checkpoints !== undefined,
          pendingEvents: held?.capture?.pendingEvents,
        },
        unread,
      }
    } finally {
      await offsets?.close()
    }
  }

  async #connect(hub: string): Promise<Connection> {
    const { run, settled, namespace } = this.#sources
    const connection = await hubConnection(run, settled, hub, 'Listen', namespace)
    const { armEndpoint } = settled.signedIn
    const isEmbedded = armEndpoint !== undefined && isEmbeddedHost(connection.host)
    const listeners = isEmbedded ? await askListeners(armEndpoint) : []
    const port = listeners.find(({ protocol }) => protocol === 'kafka')?.port
    return { ...connection, kafka: namespace.kafkaEnabled ? kafkaOf(connection.host, port) : undefined }
  }

  async #readStates(connection: Connection): Promise<readonly PartitionState[]> {
    const { stop } = this.#sources.run.azure
    const consumer = openConsumer(connection, DEFAULT_CONSUMER_GROUP, this.#amqp(connection))
    try {
      return await readPartitionStates(consumer, stop)
    } finally {
      await closeSoon(consumer)
    }
  }

  async #readCheckpoints(hub: string, connection?: Connection): Promise<CheckpointsRead | undefined> {
    const { checkpoints, namespace, run } = this.#sources
    if (!checkpoints) return undefined
    try {
      return await readCheckpoints(checkpoints.store, {
        fqdn: connection?.host ?? namespace.host,
        ...{ hub, signal: run.azure.stop },
      })
    } catch (error) {
      throw checkpoints.failureOf(error)
    }
  }

  /** What failed of Kafka's endpoint a moment ago: to find out again takes seconds where its port is closed. */
  #kafkaMissed(): Unread | undefined {
    const failed = this.#kafkaFailed
    const { clock } = this.#sources.run.azure
    return failed && clock.now() - failed.atMs < KAFKA_AGAIN_MS ? failed.unread : undefined
  }

  /** Undefined where there is no endpoint, as on Basic. */
  #offsetsOf({ connection, states }: Reached): KafkaOffsets | undefined {
    const { run, settled } = this.#sources
    const { kafka, host } = connection
    if (!kafka) return undefined
    return new KafkaOffsets(connection, {
      target: kafkaTargetOf(kafka),
      userAgent: `ml-ingest/${run.deps.version}`,
      credential: settled.signedIn.kafkaCredential(host),
      ...{ signal: run.azure.stop, partitions: states },
    })
  }

  /** Kafka's endpoint says when events came without reading them; without it the events are read. */
  async #findUnread(
    { connection, states }: Reached,
    { hub, consumerGroups }: HubKnown,
    {
      positions,
      offsets,
    }: { readonly positions: readonly GroupPositions[]; readonly offsets: KafkaOffsets | undefined },
  ): Promise<readonly UnreadEvent[]> {
    const { clock, stop } = this.#sources.run.azure
    const { retentionHours } = hub
    const wanted = unreadToFind(states, positions)
    if (wanted.length === 0 || retentionHours === undefined) return []
    if (offsets) return findUnreadTimes(offsets, wanted, { retentionHours, nowMs: clock.now() })
    const open = (group: string) => openConsumer(connection, group, this.#amqp(connection))
    const groups = [DEFAULT_CONSUMER_GROUP, ...consumerGroups.filter((one) => !sameName(one, DEFAULT_CONSUMER_GROUP))]
    const { events, error } = await findUnread(open, wanted, { groups, signal: stop, timeoutMs: UNREAD_MS })
    // Some of them may do: the soonest loss is what counts, and nobody knows whether it is among them.
    if (error !== undefined) throw error as Error
    return events
  }

  #amqp(connection: Connection): ClientOptions {
    const { run, settled } = this.#sources
    const { deps, invocation } = run
    const webSockets = invocation.given.webSockets?.value ?? false
    return {
      target: targetOf(connection, { webSockets, env: deps.env }),
      userAgent: `ml-ingest/${deps.version} ${ONLY_LOOKING}`,
      credential: settled.signedIn.dataCredential,
    }
  }

  async #failureOf(what: Unread['what'], error: unknown): Promise<Failure> {
    this.#sources.run.azure.stop.throwIfAborted()
    if (error instanceof Failure || !this.#connecting) return failureIn(error)
    const connection = await this.#connecting
    const byKafka = what === 'kafka groups' && connection.kafka
    const target = byKafka ? kafkaTargetOf(byKafka) : this.#amqp(connection).target
    return dataError(error, { connection, target, doing: 'hub', consumerGroup: DEFAULT_CONSUMER_GROUP })
  }
}

/** Only a `Failure` is told as what could not be read. Anything else is thrown on: it is our mistake, or an interruption. */
export function failureIn(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

/** Says what is in the container instead of checkpoints of the hub that can be used. */
function oddCheckpoints(hub: string, { groups, unusable, otherHubs }: CheckpointsRead): Failure | undefined {
  const [first, ...more] = unusable
  const others = more.length === 0 ? '' : `, and ${count(more.length, 'other')}`
  if (first)
    return new Failure({ code: 'failed', message: `Can't use the checkpoint ${first.blob}: it ${first.why}${others}` })
  if (groups.length > 0) return undefined
  const why =
    otherHubs.length === 0 ? 'The container has none at all.' : `The container has those of ${listOf(otherHubs)}.`
  return new Failure({ code: 'absent', message: `There are no checkpoints of hub ${hub}`, why: [why] })
}

interface Reached {
  readonly connection: Connection
  readonly states: readonly PartitionState[]
}

/** How far AMQP readers of the embedded Azure have read. */
function readersIn(held: HubHeld | undefined): readonly GroupPositions[] {
  const groups = new Map<string, GroupPositions>()
  for (const { group, partition, nextSequenceNumber } of held?.readers ?? []) {
    const partitions = [...(groups.get(group)?.partitions ?? []), { partition, nextSequenceNumber }]
    groups.set(group, { group, source: 'readers', partitions })
  }
  return [...groups.values()]
}
