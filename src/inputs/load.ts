import { bad, EMPTY, ok, wholeNumber, type Parser } from '../lib/parser.ts'
import { formatBinarySize, parseByteCount, parseBytesPerSecond, parsePerSecond } from '../lib/quantity.ts'
import { MAX_EVENT_BYTES } from '../lib/limits.ts'
import { inputsOf, type Input } from './input.ts'

/** More than any namespace takes in. */
const MOST_PER_SECOND = 1e12
const MOST_READERS = 1_000
const MOST_WORKERS = 1_024
const MOST_PEAK = 1_000

/** What nobody has to say: the limits of a throughput unit in bytes and in events meet at 1 KB. */
export const USUAL_LOAD = { bytesPerEvent: 1_000, peak: 1 } as const

/** A quantity above zero. */
const quantity =
  (read: (text: string) => number | undefined, what: string, most = MOST_PER_SECOND): Parser<number> =>
  (text) => {
    if (text.trim() === '') return EMPTY
    const value = read(text)
    if (value === undefined) return bad(`is not ${what}`)
    if (value <= 0) return bad('has to be more than 0')
    return value <= most ? ok(value) : bad('is more than any namespace takes in')
  }

export const parseEventRate = quantity(parsePerSecond, 'a number of events for one second, such as 5000, 5k or 20M/day')
export const parseByteRate = quantity(parseBytesPerSecond, 'a rate, such as 20MB/s or 2TB/day')

/** The size of an event in bytes, up to the largest that any tier takes. */
export const parseEventSize: Parser<number> = (text) => {
  const read = quantity(parseByteCount, 'a size, such as 800B or 1KB', Infinity)(text)
  if (!read.ok) return read
  if (read.value < 1) return bad('is less than one byte')
  const bytes = Math.round(read.value)
  return bytes <= MAX_EVENT_BYTES
    ? ok(bytes)
    : bad(`is above ${formatBinarySize(MAX_EVENT_BYTES)}, the largest event that Event Hubs takes`)
}

export const parsePeak: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const value = /^\d{1,4}(\.\d{1,3})?x?$/i.test(text.trim()) ? Number.parseFloat(text) : Number.NaN
  if (Number.isNaN(value)) return bad('is not a factor, such as 2 or 1.5')
  return value >= 1 && value <= MOST_PEAK
    ? ok(value)
    : bad(`is out of range: a peak is 1 to ${MOST_PEAK} times the mean`)
}

const load = inputsOf('Load')

/** What is expected to come in. */
export const LOAD_INPUTS = {
  eventsPerSecond: load.value({
    at: 'load.eventsPerSecond',
    flags: '--events-per-second <n>',
    prompt: 'How many events come in?',
    help: 'events that come into each hub, on average: 5000, 5k, 20M/day',
    example: '5k',
    parse: parseEventRate,
  }),
  eventSize: load.value({
    at: 'load.eventSize',
    flags: '--event-size <size>',
    prompt: 'How large is an event?',
    help: 'size of an event: 800B, 1KB (1,000 bytes)',
    example: '1KB',
    default: USUAL_LOAD.bytesPerEvent,
    // Formatted by hand: the first use of `Intl` in a process takes 15 ms and more, and this is evaluated at every start.
    defaultText: `${USUAL_LOAD.bytesPerEvent / 1_000}KB`,
    parse: parseEventSize,
  }),
  throughput: load.value({
    at: 'load.throughput',
    flags: '--throughput <rate>',
    help: 'instead of --events-per-second: 20MB/s, 2TB/day into each hub',
    example: '20MB/s',
    parse: parseByteRate,
  }),
  peak: load.value({
    at: 'load.peak',
    flags: '--peak <factor>',
    prompt: 'How much more at the busiest?',
    help: 'how many times the average comes in at the busiest',
    example: '2',
    default: USUAL_LOAD.peak,
    parse: parsePeak,
  }),
  readers: load.value({
    at: 'load.readers',
    flags: '--readers <n>',
    prompt: 'How many applications read it all?',
    help: 'applications that each read all events of a hub',
    example: '3',
    defaultText: 'the number of its consumer groups',
    parse: wholeNumber('the number of readers', 0, MOST_READERS),
  }),
  workers: load.value({
    at: 'load.workers',
    flags: '--workers <n>',
    prompt: 'How many workers share the reading?',
    help: 'parallel workers of the reader that has most: each needs a partition',
    example: '8',
    defaultText: '4',
    parse: wholeNumber('the number of workers', 1, MOST_WORKERS),
  }),
  ordered: load.toggle({
    at: 'load.ordered',
    flags: '--ordered',
    help: 'keep all events of a hub in one order, which takes a single partition',
  }),
} satisfies Record<string, Input>
