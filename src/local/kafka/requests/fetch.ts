import { packEvents } from '../../batch/events.ts'
import type { LocalHub } from '../../hubs/directory.ts'
import { DamagedEvents } from '../../log/damage.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Stored, StoredReader } from '../../log/reader.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError, tellMistake } from '../errors.ts'
import { AnswerMemory } from '../memory.ts'
import { checkEpoch, countRefused, hubOf, logOf } from '../partitions.ts'
import type { FETCH } from '../wire/apis/records.ts'
import type { RequestOf, ResponseOf } from '../wire/codec.ts'

type Request = RequestOf<typeof FETCH>
type Wanted = Request['topics'][number]['partitions'][number]
type Answer = ResponseOf<typeof FETCH>['responses'][number]['partitions'][number]

/** No answer has more, whatever the client asks for: its bytes are in memory until the client has taken them. */
const MOST_BYTES = 8 * 1024 * 1024
/** The answer to a client that asks for a session. It gets none, and so names all that it wants in each request. */
const NO_SESSION = 0

/**
 * Gives what is stored in each partition that the request names, as it is. Waits until there are as many bytes as the
 * client wants at least, or for as long as it says.
 */
export const answerFetch: Handler<typeof FETCH> = async (request, call) => {
  if (request.sessionId !== NO_SESSION)
    return { throttleTimeMs: 0, errorCode: ERROR.fetchSessionIdNotFound, sessionId: NO_SESSION, responses: [] }
  const memory = new AnswerMemory(call.broker.memory)
  call.session.afterAnswer(() => memory.clear())
  const patience = new Patience(call, request.maxWaitMs)
  try {
    for (;;) {
      const round = new Round(call, request, memory)
      const responses = request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((wanted) => round.read(topic, wanted)),
      }))
      if (round.missingBytes > 0 && !patience.isOver) {
        memory.clear()
        await patience.until(round.logs, round.missingBytes)
        continue
      }
      const throttleTimeMs = round.spend()
      call.session.mute(throttleTimeMs)
      return { throttleTimeMs, errorCode: ERROR.none, sessionId: NO_SESSION, responses }
    }
  } finally {
    patience.end()
  }
}

/** One look at all that a request wants. */
class Round {
  readonly logs = new Set<PartitionLog>()
  #bytes = 0
  /** Something was refused, or there is more than the answer takes: there is no sense in waiting. */
  #isDone = false
  readonly #call: Call
  readonly #request: Request
  readonly #memory: AnswerMemory
  readonly #given: { readonly hub: LocalHub; readonly bytes: number; readonly events: number }[] = []

  constructor(call: Call, request: Request, memory: AnswerMemory) {
    this.#call = call
    this.#request = request
    this.#memory = memory
  }

  /** How many more have to come before there are as many as the client wants at least. */
  get missingBytes(): number {
    return this.#isDone ? 0 : Math.max(0, this.#request.minBytes - this.#bytes)
  }

  read(topic: string, wanted: Wanted): Answer {
    const { partition: partitionIndex } = wanted
    const rest = { abortedTransactions: null, preferredReadReplica: -1 }
    try {
      const hub = hubOf(this.#call, topic, 'Listen')
      const log = logOf(this.#call, hub, partitionIndex)
      checkEpoch(wanted.currentLeaderEpoch)
      const { beginSequenceNumber: begin, lastSequenceNumber } = log.state()
      const next = lastSequenceNumber + 1
      if (wanted.fetchOffset < begin || wanted.fetchOffset > next)
        throw new KafkaError('offsetOutOfRange', `Offset ${wanted.fetchOffset} where there are ${begin} to ${next}`)
      this.logs.add(log)
      const records = this.#records(hub, log, wanted)
      const state = { highWatermark: next, lastStableOffset: next, logStartOffset: begin }
      return { partitionIndex, errorCode: ERROR.none, ...state, ...rest, records }
    } catch (error) {
      this.#isDone = true
      tellMistake(error, this.#call.broker.hubs.log)
      countRefused(this.#call, topic, error)
      const unknown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 }
      return { partitionIndex, errorCode: codeOf(error), ...unknown, ...rest, records: [] }
    }
  }

  /** Counts what was read. Returns how many milliseconds the client has to wait. */
  spend(): number {
    const { limits, traffic, clock } = this.#call.broker.hubs
    const nowMs = clock.now()
    let waitMs = 0
    for (const given of this.#given) {
      traffic.countOut(given.hub, given, nowMs)
      waitMs = Math.max(waitMs, limits?.waitAfterReading(given.hub.namespace, given) ?? 0)
    }
    return waitMs
  }

  #records(hub: LocalHub, log: PartitionLog, wanted: Wanted): readonly Buffer[] {
    const reader = readerAt(this.#call, log, wanted.fetchOffset)
    if (reader.atEnd) return []
    const left = Math.min(this.#request.maxBytes, MOST_BYTES, this.#memory.most) - this.#bytes
    if (left <= 0 && this.#bytes > 0) {
      this.#isDone = true
      return []
    }
    const parts: Buffer[] = []
    let events = 0
    for (const stored of this.#read(hub, wanted, reader, left)) {
      if (stored.kind === 'batch') this.#memory.keep(stored.batch.bytes)
      parts.push(stored.kind === 'batch' ? stored.batch.bytes : packEvents(stored.events, hub.timestampType))
      events += stored.kind === 'batch' ? stored.batch.events : stored.events.length
    }
    if (!reader.atEnd) this.#isDone = true
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    this.#bytes += bytes
    if (events > 0) this.#given.push({ hub, bytes, events })
    return parts
  }

  /** Clients hear of lost events once, by an error after which they ask again. Then those are passed over. */
  #read(
    { namespace, name }: LocalHub,
    { partition, partitionMaxBytes }: Wanted,
    reader: StoredReader,
    left: number,
  ): readonly Stored[] {
    const { told } = this.#call.broker.hubs
    const key = `kafka/${namespace}/${name}/${partition}`
    const memory = this.#memory.rest()
    for (;;) {
      try {
        return reader.read(Math.min(left, partitionMaxBytes, memory.length), memory)
      } catch (error) {
        if (!(error instanceof DamagedEvents)) throw error
        if (!told.has(key, error.lost)) {
          told.add(key, error.lost)
          throw new KafkaError('kafkaStorageError', error.message)
        }
        reader.skipDamage()
        if (reader.atEnd) return []
      }
    }
  }
}

/** Most requests go on where the last one of their connection ended: then its reader knows the place. */
function readerAt({ session: { readers } }: Call, log: PartitionLog, offset: number): StoredReader {
  const last = readers.get(log)
  if (last?.sequenceNumber === offset) return last
  const reader = log.storedReader(offset)
  readers.set(log, reader)
  return reader
}

/** How long a request may wait: by one timer, so that a clock that is set changes nothing. */
class Patience {
  readonly #call: Call
  readonly #waitMs: number
  readonly #ending = new AbortController()
  #isStarted = false
  #isOver: boolean
  #wake: () => void = () => undefined

  constructor(call: Call, waitMs: number) {
    this.#call = call
    this.#waitMs = waitMs
    this.#isOver = waitMs <= 0
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves when so many bytes have come into these together, when it is over, or when a hub has changed. */
  async until(logs: ReadonlySet<PartitionLog>, bytes: number): Promise<void> {
    this.#start()
    const wanted = bytesIn(logs) + bytes
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    const look = () => {
      if (bytesIn(logs) >= wanted || [...logs].some(({ closed }) => closed)) this.#wake()
    }
    const stops = [...logs].map((log) => log.onAppend(look))
    stops.push(this.#call.broker.hubs.directory.onChange(() => this.#wake()))
    await woken
    for (const stop of stops) stop()
  }

  end(): void {
    this.#ending.abort()
  }

  #start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const { session, broker } = this.#call
    const end = () => this.#ending.abort()
    session.signal.addEventListener('abort', end)
    void broker.hubs.clock
      .sleep(this.#waitMs, this.#ending.signal)
      .catch(() => undefined)
      .then(() => {
        session.signal.removeEventListener('abort', end)
        this.#isOver = true
        this.#wake()
      })
  }
}

const bytesIn = (logs: ReadonlySet<PartitionLog>): number => {
  let bytes = 0
  for (const log of logs) bytes += log.appendedBytes
  return bytes
}
