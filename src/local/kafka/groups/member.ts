import type { Clock } from '../../../lib/clock.ts'
import { KafkaError } from '../errors.ts'
import { Timer } from './timer.ts'

/** A way to share out partitions that a member knows, and what it tells the leader about itself in its terms. */
export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinRequest {
  /** Empty for one that comes for the first time. */
  readonly memberId: string
  /** The name of a static member, which keeps its share while it is away for a short time; null for others. */
  readonly instanceId: string | null
  readonly client: {
    readonly id: string
    readonly host: string
    /** Aborted when the connection ends. */
    readonly connection: AbortSignal
  }
  /** What the group is for, `consumer` for readers. */
  readonly protocolType: string
  /** The one it likes best first. */
  readonly protocols: readonly Protocol[]
  readonly sessionTimeoutMs: number
  /** How long it may take to join again when the group asks for it. */
  readonly rebalanceTimeoutMs: number
  /** Whether a leader can be told to leave the shares as they are. */
  readonly canSkipAssignment: boolean
}

/** What a member, and each of its protocols, takes in memory around what it says; rather more than less. */
const MEMBER_BYTES = 4_096
const PROTOCOL_BYTES = 128

/** How much memory the member holds that a request asks for. */
export const bytesOf = ({ client, instanceId, protocols }: JoinRequest): number =>
  protocols.reduce(
    (sum, { name, metadata }) => sum + PROTOCOL_BYTES + name.length + metadata.length,
    MEMBER_BYTES + client.id.length + (instanceId ?? '').length,
  )

/** What a member of a new generation learns. */
export interface Joined {
  readonly generation: number
  readonly protocolType: string
  readonly protocol: string
  readonly leader: string
  readonly memberId: string
  readonly skipsAssignment: boolean
  /** For the leader, who shares out. */
  readonly members: readonly {
    readonly memberId: string
    readonly instanceId: string | null
    readonly metadata: Buffer
  }[]
}

export interface Synced {
  readonly protocolType: string
  readonly protocol: string
  readonly assignment: Buffer
}

/** An answer that a member waits for. */
class Waiting<T> {
  readonly #onAnswered: () => void
  #answer: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } | undefined

  constructor(onAnswered: () => void) {
    this.#onAnswered = onAnswered
  }

  get isOpen(): boolean {
    return this.#answer !== undefined
  }

  /** Whoever waited before was given up by its client, which asks again. */
  wait(): Promise<T> {
    this.#answer?.reject(new KafkaError('rebalanceInProgress', 'The member asked again'))
    return new Promise((resolve, reject) => (this.#answer = { resolve, reject }))
  }

  answer(value: T): void {
    this.#answer?.resolve(value)
    this.#over()
  }

  refuse(error: KafkaError): void {
    this.#answer?.reject(error)
    this.#over()
  }

  #over(): void {
    if (!this.#answer) return
    this.#answer = undefined
    this.#onAnswered()
  }
}

/** One consumer in a group, as the coordinator knows it. */
export class Member {
  readonly id: string
  readonly instanceId: string | null
  /** While it waits it sends no heartbeats: its session begins anew with each answer, also with one that refuses. */
  readonly joining = new Waiting<Joined>(() => this.touch())
  readonly syncing = new Waiting<Synced>(() => this.touch())
  readonly session: Timer
  /** What the leader gave it. */
  assignment: Buffer = Buffer.alloc(0)
  /** It has never been in a generation. */
  isNew = true
  /** It has asked for its share of this generation. */
  hasSynced = false
  #client: JoinRequest['client']
  #bytes: number
  #protocols: readonly Protocol[]
  #sessionTimeoutMs: number
  #rebalanceTimeoutMs: number

  constructor(id: string, request: JoinRequest, clock: Clock, onExpired: (member: Member) => void) {
    this.id = id
    this.instanceId = request.instanceId
    this.#client = request.client
    this.#bytes = bytesOf(request)
    this.session = new Timer(clock, () => onExpired(this))
    this.#protocols = request.protocols
    this.#sessionTimeoutMs = request.sessionTimeoutMs
    this.#rebalanceTimeoutMs = request.rebalanceTimeoutMs
  }

  /** Who joined in its name the last time. */
  get client(): JoinRequest['client'] {
    return this.#client
  }

  /** How much memory it holds. */
  get bytes(): number {
    return this.#bytes + this.assignment.length
  }

  get rebalanceTimeoutMs(): number {
    return this.#rebalanceTimeoutMs
  }

  get protocols(): readonly Protocol[] {
    return this.#protocols
  }

  update(request: JoinRequest): void {
    this.#client = request.client
    this.#bytes = bytesOf(request)
    this.#protocols = request.protocols
    this.#sessionTimeoutMs = request.sessionTimeoutMs
    this.#rebalanceTimeoutMs = request.rebalanceTimeoutMs
  }

  /** It has been heard of. */
  touch(): void {
    this.session.start(this.#sessionTimeoutMs)
  }

  metadata(protocol: string): Buffer {
    return this.#protocols.find(({ name }) => name === protocol)?.metadata ?? Buffer.alloc(0)
  }

  /** Whether it would say the same of itself again. */
  says(protocols: readonly Protocol[]): boolean {
    const isSame = ({ name, metadata }: Protocol, i: number) =>
      name === protocols[i]?.name && metadata.equals(protocols[i].metadata)
    return this.#protocols.length === protocols.length && this.#protocols.every(isSame)
  }

  /** Ends it: nothing of it runs on, and whoever waits in its name is refused. */
  end(error: KafkaError): void {
    this.joining.refuse(error)
    this.syncing.refuse(error)
    this.session.stop()
  }
}
