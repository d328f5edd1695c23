import { packEvents } from '../../batch/events.ts'
import type { LocalHub } from '../../hubs/directory.ts'
import { DamagedEvents } from '../../log/damage.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Stored, StoredReader } from '../../log/reader.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError } from '../errors.ts'
import { AnswerMemory } from '../memory.ts'
import { checkEpoch, hubOf, logOf } from '../partitions.ts'
import type { FETCH } from '../wire/apis/records.ts'
import type { RequestOf, ResponseOf } from '../wire/codec.ts'

type Request = RequestOf<typeof FETCH>
type Wanted = Request['topics'][number]['partitions'][number]
type Answer = ResponseOf<typeof FETCH>['responses'][number]['partitions'][number]

/** No answer has more, whatever the client asks for: half of what is asked would wait in the memory of slow clients. */
const MOST_BYTES = 8 * 1024 * 1024
/** Nobody has a session with us: each request names all that it wants. Then this is the id to answer. */
const NO_SESSION = 0

/**
 * Gives what is stored in each partition that the request names, as it is. Waits until there are as many bytes as the
 * client wants at least, or for as long as it says.
 */
export const answerFetch: Handler<typeof FETCH> = async (request, call) => {
  const { hubs } = call.broker
  if (request.sessionId !== NO_SESSION)
    return { throttleTimeMs: 0, errorCode: ERROR.fetchSessionIdNotFound, sessionId: NO_SESSION, responses: [] }
  const deadlineMs = hubs.clock.now() + request.maxWaitMs
  const memory = new AnswerMemory(call.broker.memory)
  call.session.afterAnswer(() => memory.clear())
  for (;;) {
    memory.clear()
    const round = new Round(call, request, memory)
    const responses = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((wanted) => round.read(topic, wanted)),
    }))
    const leftMs = deadlineMs - hubs.clock.now()
    const isEnough = round.hasRefused || round.bytes >= request.minBytes || leftMs <= 0
    if (!isEnough) await nextAppend(call, round.logs, leftMs)
    if (!isEnough && !call.session.signal.aborted) continue
    const throttleTimeMs = round.spend()
    call.session.mute(throttleTimeMs)
    return { throttleTimeMs, errorCode: ERROR.none, sessionId: NO_SESSION, responses }
  }
}

/** One look at all that a request wants. */
class Round {
  readonly logs: PartitionLog[] = []
  bytes = 0
  hasRefused = false
  readonly #call: Call
  readonly #request: Request
  readonly #memory: AnswerMemory
  /** How much was read of each namespace. */
  readonly #events = new Map<string, { bytes: number; events: number }>()

  constructor(call: Call, request: Request, memory: AnswerMemory) {
    this.#call = call
    this.#request = request
    this.#memory = memory
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
      this.logs.push(log)
      const records = this.#records(hub, log, wanted)
      const state = { highWatermark: next, lastStableOffset: next, logStartOffset: begin }
      return { partitionIndex, errorCode: ERROR.none, ...state, ...rest, records }
    } catch (error) {
      this.hasRefused = true
      const unknown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 }
      return { partitionIndex, errorCode: codeOf(error), ...unknown, ...rest, records: [] }
    }
  }

  /** Counts what was read. Returns how many milliseconds the client has to wait. */
  spend(): number {
    const { limits } = this.#call.broker.hubs
    const waits = [...this.#events].map(([namespace, amount]) => limits?.waitAfterReading(namespace, amount) ?? 0)
    return Math.max(0, ...waits)
  }

  #records(hub: LocalHub, log: PartitionLog, wanted: Wanted): readonly Buffer[] {
    const left = Math.min(this.#request.maxBytes, MOST_BYTES) - this.bytes
    if (left <= 0 && this.bytes > 0) return []
    const reader = readerAt(this.#call, log, wanted.fetchOffset)
    if (reader.atEnd) return []
    const parts: Buffer[] = []
    let events = 0
    for (const stored of this.#read(hub, wanted, reader, left)) {
      if (stored.kind === 'batch') this.#memory.keep(stored.batch.bytes)
      parts.push(stored.kind === 'batch' ? stored.batch.bytes : packEvents(stored.events, hub.timestampType))
      events += stored.kind === 'batch' ? stored.batch.events : stored.events.length
    }
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    this.bytes += bytes
    const before = this.#events.get(hub.namespace) ?? { bytes: 0, events: 0 }
    this.#events.set(hub.namespace, { bytes: before.bytes + bytes, events: before.events + events })
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

const READERS = Symbol('readers')

/** Most requests go on where the last one of their connection ended: then its reader knows the place. */
function readerAt({ session }: Call, log: PartitionLog, offset: number): StoredReader {
  const known = session.state.get(READERS) as WeakMap<PartitionLog, StoredReader> | undefined
  const readers = known ?? new WeakMap<PartitionLog, StoredReader>()
  if (!known) session.state.set(READERS, readers)
  const last = readers.get(log)
  if (last?.sequenceNumber === offset) return last
  const reader = log.storedReader(offset)
  readers.set(log, reader)
  return reader
}

/** Resolves when something comes into one of these, when the time is over, or when the connection ends. */
async function nextAppend({ broker, session }: Call, logs: readonly PartitionLog[], waitMs: number): Promise<void> {
  const ending = new AbortController()
  const end = () => ending.abort()
  const stops = logs.map((log) => log.onAppend(end))
  session.signal.addEventListener('abort', end)
  try {
    await broker.hubs.clock.sleep(waitMs, ending.signal).catch(() => undefined)
  } finally {
    session.signal.removeEventListener('abort', end)
    for (const stop of stops) stop()
  }
}
