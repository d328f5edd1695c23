import type { Clock } from '../../lib/clock.ts'
import type { EventToStore, StoredEvent } from '../log/record.ts'
import { type Amount, Budget, RATES, times } from './budget.ts'
import { type PacedReader, ReadingTurns } from './reading-turns.ts'

/** What a namespace has been given. */
export interface Capacity {
  readonly unit: keyof typeof RATES
  readonly units: number
  /** As many as auto-inflate may raise it to; `units` where it is off. */
  readonly mostUnits: number
}

/** What holds namespaces to their units asks of the control plane and tells it. */
export interface Scaling {
  /** Undefined where there is no such namespace. */
  capacityOf(namespace: string): Capacity | undefined
  /** Auto-inflate has raised the capacity. */
  inflate(namespace: string, units: number): void
}

export interface LimitsOptions {
  readonly scaling: Scaling
  readonly clock: Clock
  readonly log: (line: string) => void
}

/**
 * Holds each namespace to its units, for servers of any protocol. What counts of an event is the message as it was
 * received, without the envelope of a batch. https://learn.microsoft.com/azure/event-hubs/event-hubs-scalability
 */
export class Limits {
  readonly #options: LimitsOptions
  readonly #namespaces = new Map<string, NamespaceLimits>()

  constructor(options: LimitsOptions) {
    this.#options = options
  }

  /** Counts a publication and lets it in. False where it comes too early: then it does not count. */
  letIn(namespace: string, amount: Amount): boolean {
    return this.#of(namespace)?.letIn(amount) ?? true
  }

  /**
   * For clients that are told how long to wait: `waitMs` is the time until the next may come. What would have to wait longer
   * than `mostMs` itself is not let in, and does not count.
   */
  letInOrWait(namespace: string, amount: Amount, mostMs: number): { readonly isIn: boolean; readonly waitMs: number } {
    return this.#of(namespace)?.letInOrWait(amount, mostMs) ?? { isIn: true, waitMs: 0 }
  }

  /** How long such a client has to wait until it may read again, after it was given so much. */
  waitAfterReading(namespace: string, amount: Amount): number {
    return this.#of(namespace)?.waitAfterReading(amount) ?? 0
  }

  /** For one that reads from the namespace; undefined where nothing limits it. */
  joinReaders(namespace: string, wake: () => void): PacedReader | undefined {
    return this.#of(namespace)?.turns.join(wake)
  }

  /** How many publications were refused since the start. */
  refused(namespace: string): number {
    return this.#namespaces.get(namespace)?.refused ?? 0
  }

  followDirectory(): void {
    for (const [name, limits] of this.#namespaces) {
      const capacity = this.#options.scaling.capacityOf(name)
      if (capacity && RATES[capacity.unit]) limits.resize(capacity)
      else this.#forget(name, limits)
    }
  }

  close(): void {
    for (const [name, limits] of this.#namespaces) this.#forget(name, limits)
  }

  #of(name: string): NamespaceLimits | undefined {
    const known = this.#namespaces.get(name)
    if (known) return known
    const capacity = this.#options.scaling.capacityOf(name)
    if (!capacity || !RATES[capacity.unit]) return undefined
    const limits = new NamespaceLimits(name, capacity, this.#options)
    this.#namespaces.set(name, limits)
    return limits
  }

  #forget(name: string, limits: NamespaceLimits): void {
    this.#namespaces.delete(name)
    limits.turns.close()
  }
}

class NamespaceLimits {
  readonly turns: ReadingTurns
  refused = 0
  readonly #name: string
  readonly #options: LimitsOptions
  readonly #in: Budget
  readonly #out: Budget
  #capacity: Capacity

  constructor(name: string, capacity: Capacity, options: LimitsOptions) {
    const { clock } = options
    this.#name = name
    this.#options = options
    this.#capacity = capacity
    const rates = ratesOf(capacity)
    this.#in = new Budget(rates.in, clock.now())
    this.#out = new Budget(rates.out, clock.now())
    this.turns = new ReadingTurns({ budget: this.#out, clock, grow: () => this.#inflate() })
  }

  letIn(amount: Amount): boolean {
    return this.#letIn(amount, 0)
  }

  letInOrWait(amount: Amount, mostMs: number): { readonly isIn: boolean; readonly waitMs: number } {
    return { isIn: this.#letIn(amount, mostMs), waitMs: this.#waitMs(this.#in) }
  }

  waitAfterReading(amount: Amount): number {
    this.#out.spend(amount, this.#options.clock.now())
    return this.#waitMs(this.#out)
  }

  resize(capacity: Capacity): void {
    const now = this.#options.clock.now()
    const { unit, units } = this.#capacity
    this.#capacity = capacity
    if (capacity.unit === unit && capacity.units === units) return
    const rates = ratesOf(capacity)
    this.#in.resize(rates.in, now)
    this.#out.resize(rates.out, now)
    this.turns.refresh()
  }

  #letIn(amount: Amount, mostMs: number): boolean {
    if (this.#waitMs(this.#in) > mostMs) {
      if (this.refused++ === 0) this.#options.log(this.#refusalText())
      return false
    }
    this.#in.spend(amount, this.#options.clock.now())
    return true
  }

  /** How long until something is left, if auto-inflate cannot give more at once. */
  #waitMs(budget: Budget): number {
    const left = () => budget.waitMs(this.#options.clock.now())
    return left() > 0 && this.#inflate() ? left() : left()
  }

  /** One unit more, at once, if auto-inflate may. */
  #inflate(): boolean {
    const { units, mostUnits } = this.#capacity
    if (units >= mostUnits) return false
    this.resize({ ...this.#capacity, units: units + 1 })
    this.#options.scaling.inflate(this.#name, units + 1)
    return true
  }

  #refusalText(): string {
    const { unit, units } = this.#capacity
    const capacity = `${units} ${unit}${units === 1 ? '' : 's'}`
    return `More comes into namespace ${this.#name} than ${capacity} can take: senders are told to wait`
  }
}

function ratesOf({ unit, units }: Capacity): { readonly in: Amount; readonly out: Amount } {
  const rates = RATES[unit]!
  return { in: times(rates.in, units), out: times(rates.out, units) }
}

/** What comes in with events, before they are stored. */
export function amountToStore(events: readonly EventToStore[]): Amount {
  let bytes = 0
  for (const { header, annotations, bare } of events) {
    bytes += header.length + bare.length
    for (const one of annotations) bytes += one.length
  }
  return { bytes, events: events.length }
}

/** What readers are given of stored events: as much as came in. */
export const amountRead = (events: readonly StoredEvent[]): Amount => ({
  bytes: events.reduce(
    (sum, { header, annotations, bare }) => sum + header.length + annotations.length + bare.length,
    0,
  ),
  events: events.length,
})
