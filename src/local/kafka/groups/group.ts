import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import { KafkaError } from '../errors.ts'
import { type Joined, type JoinRequest, Member, type Synced } from './member.ts'
import { fenced, type MemberName, Roster } from './roster.ts'
import { Timer } from './timer.ts'

/** Kafka waits for 3 s by default. Nobody who tries something on one machine starts members so far apart. */
const FIRST_REBALANCE_DELAY_MS = 100
/** A member that waits for its first generation sends no heartbeats. Kafka gives it up after this. */
const NEW_MEMBER_TIMEOUT_MS = 300_000

/** `Empty` is a group that has offsets alone. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

export interface InGeneration extends MemberName {
  readonly generation: number
}

export interface SyncRequest extends InGeneration {
  /** Null where the client does not say. */
  readonly protocolType: string | null
  readonly protocol: string | null
  /** By member id; from the leader. */
  readonly assignments: ReadonlyMap<string, Buffer>
}

/**
 * The members of one group and their generations, by Kafka's classic protocol: all join, one of them, the leader, shares
 * out, and all get their shares. It begins anew when a member comes, goes or changes. What it refuses is a KafkaError. A
 * group without members is over.
 * https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal
 */
export class Group {
  readonly #clock: Clock
  readonly #onEnd: () => void
  readonly #roster = new Roster()
  readonly #joinTimer: Timer
  readonly #syncTimer: Timer
  #state: GroupState = 'Empty'
  #generation = 0
  #protocolType = ''
  /** Of this generation. */
  #protocol = ''
  #leader = ''
  /** How much longer the first generation may wait for more members; undefined when it is no more about the first one. */
  #patienceMs: number | undefined
  #hasMoreComeIn = false

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock
    this.#onEnd = onEnd
    this.#joinTimer = new Timer(clock, () => this.#joinDue())
    this.#syncTimer = new Timer(clock, () => this.#syncDue())
  }

  get state(): GroupState {
    return this.#state
  }

  get protocolType(): string {
    return this.#protocolType
  }

  /** Of this generation; empty before the first one. */
  get protocol(): string {
    return this.#protocol
  }

  get members(): readonly Member[] {
    return this.#roster.all()
  }

  /** Resolves with the generation that the member is in. */
  async join(request: JoinRequest): Promise<Joined> {
    if (!this.#takes(request)) throw new KafkaError('inconsistentGroupProtocol', 'No protocol that all members know')
    if (request.memberId === '') return this.#joinNew(request)
    const member = this.#roster.need(request)
    // A leader that joins a stable group again wants to share out anew.
    const isSettled = this.#state === 'CompletingRebalance' || (this.#state === 'Stable' && member.id !== this.#leader)
    if (isSettled && member.says(request.protocols)) {
      member.touch()
      return this.#joined(member)
    }
    member.update(request)
    const joined = member.joining.wait()
    this.#rebalance()
    return joined
  }

  /** Resolves with the share of the member, when the leader has sent it. */
  async sync(request: SyncRequest): Promise<Synced> {
    const member = this.#memberOf(request)
    const { protocolType, protocol } = request
    if ((protocolType ?? this.#protocolType) !== this.#protocolType || (protocol ?? this.#protocol) !== this.#protocol)
      throw new KafkaError('inconsistentGroupProtocol', 'Another protocol than the one of this generation')
    if (this.#state === 'PreparingRebalance') throw rebalanceInProgress()
    member.hasSynced = true
    if (this.members.every(({ hasSynced }) => hasSynced)) this.#syncTimer.stop()
    if (this.#state === 'Stable') return this.#synced(member)
    const synced = member.syncing.wait()
    if (member.id === this.#leader) this.#shareOut(request.assignments)
    return synced
  }

  heartbeat(request: InGeneration): void {
    this.#memberOf(request)
    if (this.#state === 'PreparingRebalance') throw rebalanceInProgress()
  }

  /** Why each of them could not leave; undefined for those that left. `check` refuses by a KafkaError. */
  leave(names: readonly MemberName[], check: (member: Member) => void): readonly (KafkaError | undefined)[] {
    const refused = names.map((name) => {
      try {
        const member = this.#roster.needLeaving(name)
        check(member)
        this.#roster.drop(member)
        return undefined
      } catch (error) {
        if (error instanceof KafkaError) return error
        throw error
      }
    })
    if (refused.includes(undefined)) this.#followLoss()
    return refused
  }

  /** Whether this member may commit offsets now. */
  admitCommit(request: InGeneration): void {
    this.#memberOf(request)
    // It has joined this generation, and does not know its share yet.
    if (this.#state === 'CompletingRebalance') throw rebalanceInProgress()
  }

  /** Lets go of the timers. Whoever waits is refused. */
  close(): void {
    for (const member of this.members) this.#roster.drop(member)
    this.#joinTimer.stop()
    this.#syncTimer.stop()
  }

  #takes({ protocolType, protocols }: JoinRequest): boolean {
    if (this.#roster.size === 0) return protocolType !== '' && protocols.length > 0
    return protocolType === this.#protocolType && this.#roster.share(protocols)
  }

  #memberOf(request: InGeneration): Member {
    const member = this.#roster.need(request)
    if (request.generation !== this.#generation)
      throw new KafkaError('illegalGeneration', `The group is in generation ${this.#generation}`)
    member.touch()
    return member
  }

  #joinNew(request: JoinRequest): Promise<Joined> {
    const { instanceId, client } = request
    const id = `${instanceId ?? client.id}-${randomUUID()}`
    const member = new Member(id, request, this.#clock, (expired) => this.#expire(expired))
    const before = instanceId === null ? undefined : this.#roster.ofInstance(instanceId)
    const joined = member.joining.wait()
    if (before) {
      this.#replace(before, member, request)
    } else {
      if (this.#roster.size === 0) this.#protocolType = request.protocolType
      this.#roster.add(member)
      member.session.start(NEW_MEMBER_TIMEOUT_MS)
      this.#followConnection(member, joined)
      this.#hasMoreComeIn = this.#patienceMs !== undefined
      this.#rebalance()
    }
    return joined
  }

  /**
   * One that was never told its id cannot come back: it goes with its connection. Kafka keeps it, and gives it a share that
   * nobody reads.
   */
  #followConnection(member: Member, joined: Promise<Joined>): void {
    const { connection } = member.client
    const onGone = () => {
      if (member.joining.isOpen) this.#expire(member)
    }
    const stop = () => connection.removeEventListener('abort', onGone)
    connection.addEventListener('abort', onGone)
    joined.then(stop, stop)
  }

  /**
   * A static member is back. While its group is stable it goes on with its share, and nobody else notices.
   * https://cwiki.apache.org/confluence/display/KAFKA/KIP-345
   */
  #replace(before: Member, member: Member, { canSkipAssignment }: JoinRequest): void {
    const leader = this.#leader
    this.#roster.drop(before, fenced())
    this.#roster.add(member)
    if (leader === before.id) this.#leader = member.id
    member.assignment = before.assignment
    member.hasSynced = before.hasSynced
    member.isNew = false
    if (this.#state !== 'Stable' || this.#roster.elect() !== this.#protocol) return this.#rebalance()
    // Older clients have no word for it. One that reads another leader's name asks for its share.
    if (canSkipAssignment) member.joining.answer(this.#joined(member, true))
    else member.joining.answer({ ...this.#joined(member), leader, members: [] })
  }

  /** Begins a new generation, or goes on with the one that has begun. */
  #rebalance(): void {
    if (this.#state === 'PreparingRebalance') {
      if (this.#patienceMs === undefined && this.members.every(({ joining }) => joining.isOpen)) this.#complete()
      return
    }
    const isFirst = this.#state === 'Empty'
    this.#state = 'PreparingRebalance'
    this.#syncTimer.stop()
    for (const { syncing } of this.members) syncing.refuse(rebalanceInProgress())
    if (isFirst) {
      this.#patienceMs = Math.max(this.#roster.rebalanceTimeoutMs() - FIRST_REBALANCE_DELAY_MS, 0)
      this.#joinTimer.start(FIRST_REBALANCE_DELAY_MS)
    } else {
      this.#joinTimer.start(this.#roster.rebalanceTimeoutMs())
      this.#rebalance()
    }
  }

  #joinDue(): void {
    const delay = Math.min(FIRST_REBALANCE_DELAY_MS, this.#patienceMs ?? 0)
    if (!this.#hasMoreComeIn || delay === 0) return this.#complete()
    this.#hasMoreComeIn = false
    this.#patienceMs! -= delay
    this.#joinTimer.start(delay)
  }

  /** Without those who have not joined; but static members may be away until their session ends. */
  #complete(): void {
    for (const member of this.members)
      if (!member.joining.isOpen && member.instanceId === null) this.#roster.drop(member)
    if (this.#roster.size === 0) return this.#end()
    const present = this.members.filter(({ joining }) => joining.isOpen)
    const leader = present.find(({ id }) => id === this.#leader) ?? present[0]
    if (!leader) return this.#joinTimer.start(this.#roster.rebalanceTimeoutMs())
    this.#joinTimer.stop()
    this.#patienceMs = undefined
    this.#hasMoreComeIn = false
    this.#leader = leader.id
    this.#generation++
    this.#protocol = this.#roster.elect()
    this.#state = 'CompletingRebalance'
    for (const member of this.members) {
      member.joining.answer(this.#joined(member))
      member.isNew = false
      member.hasSynced = false
      member.touch()
    }
    this.#syncTimer.start(this.#roster.rebalanceTimeoutMs())
  }

  #joined(member: Member, isUnchanged = false): Joined {
    const isLeader = member.id === this.#leader
    const metadataOf = (one: Member) => one.metadata(this.#protocol)
    return {
      ...{ generation: this.#generation, protocolType: this.#protocolType, protocol: this.#protocol },
      ...{ leader: this.#leader, memberId: member.id, skipsAssignment: isLeader && isUnchanged },
      members: isLeader
        ? this.members.map((one) => ({ memberId: one.id, instanceId: one.instanceId, metadata: metadataOf(one) }))
        : [],
    }
  }

  #shareOut(assignments: ReadonlyMap<string, Buffer>): void {
    this.#state = 'Stable'
    for (const member of this.members) {
      member.assignment = assignments.get(member.id) ?? Buffer.alloc(0)
      member.syncing.answer(this.#synced(member))
    }
  }

  #synced({ assignment }: Member): Synced {
    return { protocolType: this.#protocolType, protocol: this.#protocol, assignment }
  }

  #syncDue(): void {
    for (const member of this.members) if (!member.hasSynced) this.#roster.drop(member)
    this.#followLoss()
  }

  #expire(member: Member): void {
    // It waits for the group, and not the group for it.
    if (!member.isNew && (member.joining.isOpen || member.syncing.isOpen)) return
    this.#roster.drop(member)
    this.#followLoss()
  }

  #followLoss(): void {
    if (this.#roster.size === 0) this.#end()
    else this.#rebalance()
  }

  #end(): void {
    this.close()
    this.#state = 'Empty'
    this.#onEnd()
  }
}

const rebalanceInProgress = () => new KafkaError('rebalanceInProgress', 'The group shares out anew')
