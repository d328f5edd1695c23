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
  readonly client: { readonly id: string; readonly host: string }
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
  #answer: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } | undefined

  get isOpen(): boolean {
    return this.#answer !== undefined
  }

  /** Whoever waited before was given up by its client, which asks again. */
  wait(): Promise<T> {
    this.refuse(new KafkaError('rebalanceInProgress', 'The member asked again'))
    return new Promise((resolve, reject) => (this.#answer = { resolve, reject }))
  }

  answer(value: T): void {
    this.#answer?.resolve(value)
    this.#answer = undefined
  }

  refuse(error: KafkaError): void {
    this.#answer?.reject(error)
    this.#answer = undefined
  }
}

/** One consumer in a group, as the coordinator knows it. */
export class Member {
  readonly id: string
  readonly instanceId: string | null
  readonly client: JoinRequest['client']
  readonly joining = new Waiting<Joined>()
  readonly syncing = new Waiting<Synced>()
  readonly session: Timer
  /** What the leader gave it. */
  assignment: Buffer = Buffer.alloc(0)
  /** It has never been in a generation. */
  isNew = true
  /** It has asked for its share of this generation. */
  hasSynced = false
  #protocols: readonly Protocol[] = []
  #protocolNames: ReadonlySet<string> = new Set()
  #sessionTimeoutMs = 0
  #rebalanceTimeoutMs = 0

  constructor(id: string, request: JoinRequest, clock: Clock, onExpired: (member: Member) => void) {
    this.id = id
    this.instanceId = request.instanceId
    this.client = request.client
    this.session = new Timer(clock, () => onExpired(this))
    this.update(request)
  }

  get rebalanceTimeoutMs(): number {
    return this.#rebalanceTimeoutMs
  }

  get protocols(): readonly Protocol[] {
    return this.#protocols
  }

  update({ protocols, sessionTimeoutMs, rebalanceTimeoutMs }: JoinRequest): void {
    this.#protocols = protocols
    this.#protocolNames = new Set(protocols.map(({ name }) => name))
    this.#sessionTimeoutMs = sessionTimeoutMs
    this.#rebalanceTimeoutMs = rebalanceTimeoutMs
  }

  /** It has been heard of. */
  touch(): void {
    this.session.start(this.#sessionTimeoutMs)
  }

  supports(protocol: string): boolean {
    return this.#protocolNames.has(protocol)
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
    this.session.stop()
    this.joining.refuse(error)
    this.syncing.refuse(error)
  }
}
