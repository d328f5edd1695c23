import { KafkaError } from '../errors.ts'
import type { Member, Protocol } from './member.ts'

/** Who asks. A static member is also known by its instance id. */
export interface MemberName {
  readonly memberId: string
  readonly instanceId: string | null
}

/** The members of a group, in the order in which they came. What it refuses is a KafkaError. */
export class Roster {
  readonly #members = new Map<string, Member>()

  get size(): number {
    return this.#members.size
  }

  all(): readonly Member[] {
    return [...this.#members.values()]
  }

  add(member: Member): void {
    this.#members.set(member.id, member)
  }

  /** Refuses what the member waits for. */
  drop(member: Member, because: KafkaError = unknownMember()): void {
    this.#members.delete(member.id)
    member.end(because)
  }

  need({ memberId, instanceId }: MemberName): Member {
    const ofInstance = instanceId === null ? undefined : this.ofInstance(instanceId)
    if (ofInstance && ofInstance.id !== memberId) throw fenced()
    const member = this.#members.get(memberId)
    if (!member || (instanceId !== null && !ofInstance)) throw unknownMember()
    return member
  }

  /** The one that shall leave: an administrator names a static member by its instance alone. */
  needLeaving(name: MemberName): Member {
    if (name.memberId !== '' || name.instanceId === null) return this.need(name)
    const member = this.ofInstance(name.instanceId)
    if (!member) throw unknownMember()
    return member
  }

  ofInstance(instanceId: string): Member | undefined {
    return this.all().find((member) => member.instanceId === instanceId)
  }

  /** Whether all members know one of these. */
  share(protocols: readonly Protocol[]): boolean {
    const common = this.#knownToAll()
    return protocols.some(({ name }) => common.has(name))
  }

  /** Each member votes for what it likes best of those that all know. */
  elect(): string {
    const common = this.#knownToAll()
    const votes = new Map<string, number>()
    for (const { protocols } of this.#members.values()) {
      const choice = protocols.find(({ name }) => common.has(name))
      if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
    }
    const most = Math.max(...votes.values())
    return [...votes].find(([, count]) => count === most)?.[0] ?? ''
  }

  /** As long as the slowest of them may take. */
  rebalanceTimeoutMs(): number {
    return Math.max(...this.all().map((member) => member.rebalanceTimeoutMs))
  }

  /** In one pass: members may be many, and know many. */
  #knownToAll(): ReadonlySet<string> {
    const [first, ...others] = this.all().map(({ protocols }) => new Set(protocols.map(({ name }) => name)))
    return new Set([...(first ?? [])].filter((name) => others.every((names) => names.has(name))))
  }
}

export const fenced = () => new KafkaError('fencedInstanceId', 'Another member has this instance id now')
const unknownMember = () => new KafkaError('unknownMemberId', 'The group has no such member')
