import type { LocalHub } from '../../hubs/directory.ts'
import type { Hubs } from '../../hubs/hubs.ts'
import { KafkaError } from '../errors.ts'
import { Group, type GroupState, type InGeneration, type SyncRequest } from './group.ts'
import { bytesOf, type Joined, type JoinRequest, type Synced } from './member.ts'

/**
 * https://learn.microsoft.com/azure/event-hubs/apache-kafka-troubleshooting-guide and
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas
 */
const LONGEST_ID = 256
const MOST_GROUPS = 1_000
/**
 * What clients say of themselves and give each other is kept in memory, and may not fill it. Neither Azure nor Kafka names
 * such bounds. A member names topics and the partitions that it owns: thousands of them fit into this. And so many members
 * of a namespace are thousands, where more than one for each partition is of no use.
 */
const MOST_BYTES_OF_MEMBER = 65_536
const MOST_BYTES_OF_MEMBERS = 32 * 1_048_576
/** https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations */
const SHORTEST_SESSION_MS = 6_000
const LONGEST_SESSION_MS = 300_000

/** How far a group has come in the events of one hub. */
interface LagInHub {
  readonly hub: string
  /** Events that can still be read, of the partitions that have an offset. */
  readonly lag: number
  readonly committedPartitions: number
}

export interface KafkaGroupHeld {
  readonly namespace: string
  readonly group: string
  readonly state: GroupState
  readonly members: number
  readonly hubs: readonly LagInHub[]
}

/**
 * The groups of all namespaces. One lasts as long as it has members, or offsets in a hub of its namespace. What they refuse
 * is a KafkaError.
 */
export class Groups {
  readonly #hubs: Hubs
  /** Those with members, by namespace and id. The case of an id matters. */
  readonly #live = new Map<string, Map<string, Group>>()

  constructor(hubs: Hubs) {
    this.#hubs = hubs
  }

  /** Undefined while nobody is in it. */
  find(namespace: string, id: string): Group | undefined {
    return this.#live.get(namespace)?.get(id)
  }

  /** For who says to be in it. */
  need(namespace: string, id: string): Group {
    checkId(id)
    const group = this.find(namespace, id)
    if (!group) throw new KafkaError('unknownMemberId', 'Nobody is in this group')
    return group
  }

  async join(namespace: string, id: string, request: JoinRequest): Promise<Joined> {
    const { memberId, instanceId, sessionTimeoutMs } = request
    if (sessionTimeoutMs < SHORTEST_SESSION_MS || sessionTimeoutMs > LONGEST_SESSION_MS) {
      const bounds = `${SHORTEST_SESSION_MS} to ${LONGEST_SESSION_MS} ms`
      throw new KafkaError('invalidSessionTimeout', `A session lasts ${bounds}`)
    }
    const bytes = bytesOf(request)
    if (bytes > MOST_BYTES_OF_MEMBER) throw tooLarge('A member says so much of itself')
    const before = this.find(namespace, id)?.members.find(
      (member) => member.id === memberId || (instanceId !== null && member.instanceId === instanceId),
    )
    this.#checkMemory(namespace, bytes - (before?.bytes ?? 0))
    if (memberId !== '') return this.need(namespace, id).join(request)
    this.#checkRoom(namespace, id)
    const group = this.find(namespace, id) ?? new Group(this.#hubs.clock, () => this.#live.get(namespace)?.delete(id))
    const joined = group.join(request)
    if (group.members.length > 0) {
      const ofNamespace = this.#live.get(namespace) ?? new Map<string, Group>()
      this.#live.set(namespace, ofNamespace.set(id, group))
    }
    return joined
  }

  /** See Group.sync. */
  async sync(namespace: string, id: string, request: SyncRequest): Promise<Synced> {
    const group = this.need(namespace, id)
    const sizes = [...request.assignments.values()].map(({ length }) => length)
    if (sizes.some((size) => size > MOST_BYTES_OF_MEMBER)) throw tooLarge('The share of a member is so large')
    const before = group.members.map(({ assignment }) => assignment.length)
    this.#checkMemory(namespace, sum(sizes) - sum(before))
    return group.sync(request)
  }

  /**
   * Whether offsets may be committed: by a member, or by anybody while there are none. `unknown` is what a client calls a
   * group that it takes itself to be in, and that does not exist.
   */
  admitCommit(
    namespace: string,
    id: string,
    request: InGeneration,
    unknown: 'groupIdNotFound' | 'illegalGeneration',
  ): void {
    this.#checkRoom(namespace, id)
    const group = this.find(namespace, id)
    if (group) return group.admitCommit(request)
    if (request.generation < 0) return
    const isKnown = this.offsetsOf(namespace, id).length > 0
    throw new KafkaError(isKnown ? 'unknownMemberId' : unknown, 'Nobody is in this group')
  }

  /** Every group of the namespace, in no order. */
  ids(namespace: string): ReadonlySet<string> {
    const committed = this.#hubsOf(namespace).flatMap((hub) => this.#hubs.committedOffsets(hub).groups())
    return new Set([...(this.#live.get(namespace)?.keys() ?? []), ...committed])
  }

  /** The hubs in which the group has committed offsets. */
  offsetsOf(namespace: string, id: string): readonly LocalHub[] {
    return this.#hubsOf(namespace).filter((hub) => this.#hubs.committedOffsets(hub).of(id).size > 0)
  }

  /** Forgets the offsets of a group that nobody is in. Throws what the file system throws. */
  delete(namespace: string, id: string): void {
    if (this.find(namespace, id)) throw new KafkaError('nonEmptyGroup', 'The group has members')
    const hubs = this.offsetsOf(namespace, id)
    if (hubs.length === 0) throw new KafkaError('groupIdNotFound', 'There is no such group')
    for (const hub of hubs) this.#hubs.committedOffsets(hub).forget(id)
  }

  held(): readonly KafkaGroupHeld[] {
    const namespaces = new Set([...this.#live.keys(), ...this.#hubs.directory.hubs().map((hub) => hub.namespace)])
    return [...namespaces].flatMap((namespace) =>
      [...this.ids(namespace)].map((group): KafkaGroupHeld => {
        const live = this.find(namespace, group)
        return {
          ...{ namespace, group, state: live?.state ?? 'Empty', members: live?.members.length ?? 0 },
          hubs: this.offsetsOf(namespace, group).map((hub) => this.#lagIn(hub, group)),
        }
      }),
    )
  }

  /** Lets go of the timers. */
  close(): void {
    for (const ofNamespace of this.#live.values()) for (const group of ofNamespace.values()) group.close()
    this.#live.clear()
  }

  /** What was dropped for its age or for room cannot be read any more. Kafka's own tools count it too. */
  #lagIn(hub: LocalHub, group: string): LagInHub {
    const committed = [...this.#hubs.committedOffsets(hub).of(group)].filter(([index]) => index < hub.partitionCount)
    const lags = committed.map(([index, { offset }]) => {
      const { beginSequenceNumber, lastSequenceNumber } = this.#hubs.partition(hub, index).state()
      return Math.max(0, lastSequenceNumber + 1 - Math.max(offset, beginSequenceNumber))
    })
    return { hub: hub.name, lag: sum(lags), committedPartitions: committed.length }
  }

  #hubsOf(namespace: string): readonly LocalHub[] {
    return this.#hubs.directory.hubs().filter((hub) => hub.namespace === namespace)
  }

  /** Whether members of the namespace may hold so much more. */
  #checkMemory(namespace: string, moreBytes: number): void {
    if (moreBytes <= 0) return
    const groups = [...(this.#live.get(namespace)?.values() ?? [])]
    const held = sum(groups.flatMap(({ members }) => members.map(({ bytes }) => bytes)))
    if (held + moreBytes > MOST_BYTES_OF_MEMBERS) throw tooLarge('The groups of the namespace hold so much')
  }

  #checkRoom(namespace: string, id: string): void {
    checkId(id)
    if (this.find(namespace, id) || this.offsetsOf(namespace, id).length > 0) return
    if (this.ids(namespace).size < MOST_GROUPS) return
    throw new KafkaError('policyViolation', `A namespace has at most ${MOST_GROUPS} groups`)
  }
}

function checkId(id: string): void {
  if (id.length > 0 && id.length <= LONGEST_ID) return
  throw new KafkaError('invalidGroupId', `The id of a group has 1 to ${LONGEST_ID} characters`)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const tooLarge = (what: string): KafkaError =>
  new KafkaError('groupMaxSizeReached', `${what} that there is no room for it`)
