import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOAD_INPUTS, parseByteRate, parseEventRate, parseEventSize, parsePeak } from '../../src/inputs/load.ts'
import type { Parser } from '../../src/lib/parser.ts'
import { expectOne, problemsIn, words, type BadLine } from '../support/problems.ts'

const NO_RATE = 'is not a number of events for one second, such as 5000, 5k or 20M/day'
const NO_BYTES = 'is not a rate, such as 20MB/s or 2TB/day'
const NO_SIZE = 'is not a size, such as 800B or 1KB'
const NO_PEAK = 'is not a factor, such as 2 or 1.5'
const TOO_MUCH = 'is more than any namespace takes in'

const READ: readonly (readonly [Parser<number>, string, number])[] = [
  [parseEventRate, '5k', 5_000],
  [parseEventRate, '5,000', 5_000],
  [parseEventRate, '300k/min', 5_000],
  [parseEventRate, '432M/day', 5_000],
  [parseEventRate, '0.5', 0.5],
  [parseEventRate, '1/day', 1 / 86_400],
  [parseEventRate, '1000G', 1e12],
  [parseByteRate, '20MB/s', 20e6],
  [parseByteRate, '1.728TB/day', 20e6],
  [parseEventSize, '1KB', 1_000],
  [parseEventSize, '1000', 1_000],
  [parseEventSize, '1MiB', 1_048_576],
  [parseEventSize, '1.04MB', 1_040_000],
  [parseEventSize, '1B', 1],
  [parseEventSize, '0.3KiB', 307],
  [parsePeak, '1', 1],
  [parsePeak, '1.5', 1.5],
  [parsePeak, ' 2x ', 2],
  [parsePeak, '2X', 2],
  [parsePeak, '1000', 1_000],
  [LOAD_INPUTS.readers.parse, '0', 0],
  [LOAD_INPUTS.workers.parse, '1024', 1_024],
]

describe('what is typed of a load', () => {
  it.each(READ)('%# %s', (parse, text, value) => expect(parse(text)).toEqual({ ok: true, value }))
})

const BAD: readonly BadLine[] = [
  ...['many', '1e3', '1,5k', '20.000', '0x10', '5/month', '5/constructor'].map((text): BadLine => [
    ['--events-per-second', text],
    `--events-per-second ${text}`,
    NO_RATE,
  ]),
  [['--events-per-second', '5 k k'], '--events-per-second "5 k k"', NO_RATE],
  [['--events-per-second', ' '], '--events-per-second " "', 'is empty'],
  ['--events-per-second 0', '--events-per-second 0', 'has to be more than 0'],
  ['--events-per-second 1001G', '--events-per-second 1001G', TOO_MUCH],
  ['--throughput 20', '--throughput 20', NO_BYTES],
  ['--throughput 20Mb/s', '--throughput 20Mb/s', NO_BYTES],
  ['--throughput 0MB/s', '--throughput 0MB/s', 'has to be more than 0'],
  ['--throughput 2TB/s', '--throughput 2TB/s', TOO_MUCH],
  ['--event-size 1K', '--event-size 1K', NO_SIZE],
  ['--event-size 1Kb', '--event-size 1Kb', NO_SIZE],
  ['--event-size 0.5B', '--event-size 0.5B', 'is less than one byte'],
  ['--event-size 0', '--event-size 0', 'has to be more than 0'],
  ['--event-size 1.05MB', '--event-size 1.05MB', 'is above 1 MiB, the largest event that Event Hubs takes'],
  ['--event-size 9999TB', '--event-size 9999TB', /^is above 1 MiB/],
  ['--peak twice', '--peak twice', NO_PEAK],
  ['--peak 1,5', '--peak 1,5', NO_PEAK],
  ['--peak 1e1', '--peak 1e1', NO_PEAK],
  ['--peak 0.5', '--peak 0.5', 'is out of range: a peak is 1 to 1000 times the mean'],
  ['--peak 1001', '--peak 1001', 'is out of range: a peak is 1 to 1000 times the mean'],
  ['--readers 1001', '--readers 1001', 'is out of range: the number of readers is 0 to 1000'],
  ['--readers 1.5', '--readers 1.5', 'is not a whole number: the number of readers is 0 to 1000'],
  ['--workers 0', '--workers 0', 'is out of range: the number of workers is 1 to 1024'],
]

describe('what cannot be a load', () => {
  it.each(BAD.map(([line, flag, message]) => ({ line, flag, message })))('$flag', ({ line, flag, message }) =>
    expectOne(problemsIn(typeof line === 'string' ? words(line) : line), flag, message),
  )

  it('is never taken as a number that is none', () => {
    const parsers = [parseEventRate, parseByteRate, parseEventSize, parsePeak]
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0159.,_ /exkMGBbis') }), (text) => {
        for (const parse of parsers) {
          const read = parse(text)
          if (read.ok) expect(read.value > 0 && Number.isFinite(read.value), text).toBe(true)
          else expect(read.message).toMatch(/^(is|has) /)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
