import { LARGE_EVENT_BYTES } from '../lib/limits.ts'

interface Cell {
  readonly text: string
  readonly isQuoted: boolean
}

/** A row of a table, and the line where it begins, from 1. */
interface Row {
  readonly line: number
  readonly cells: readonly Cell[]
}

/** A row as a JSON object. */
export interface CsvEvent {
  readonly line: number
  readonly text: string
}

/** Makes the error of a line that cannot be read. */
export type BadLine = (line: number, why: string) => Error

/**
 * The rows of a CSV table below its header, as JSON objects. The separator is a comma, or what the header has instead: a
 * semicolon or a tab. A small reader of our own: csv-parse has 75 KB and Papa Parse 52, and csv-parser tells no line, and
 * takes a quote that is never closed for the rest of the file. https://www.rfc-editor.org/rfc/rfc4180
 */
export async function* csvEvents(chunks: AsyncIterable<string>, bad: BadLine): AsyncGenerator<CsvEvent> {
  let names: readonly string[] | undefined
  for await (const { line, cells } of rowsOf(chunks, bad)) {
    if (!names) {
      names = namesIn(cells, (why) => bad(line, why))
      continue
    }
    if (cells.length !== names.length)
      throw bad(
        line,
        `It has ${cells.length} ${cells.length === 1 ? 'field' : 'fields'}, and the header has ${names.length}.`,
      )
    const members = names.map((name, i) => `${JSON.stringify(name)}:${jsonOf(cells[i]!)}`)
    yield { line, text: `{${members.join(',')}}` }
  }
}

function namesIn(cells: readonly Cell[], bad: (why: string) => Error): readonly string[] {
  const names = cells.map(({ text }) => text)
  if (names.includes('')) throw bad('The header has a column without a name.')
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw bad(`The header names ${twice} twice.`)
  return names
}

/** A double keeps so many digits of any decimal number. https://en.cppreference.com/w/cpp/types/numeric_limits/digits10 */
const DIGITS_MAX = 15
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/**
 * Nothing for an empty field, true, false and numbers as such, and everything else as text; a field in quotes is always
 * text. A number keeps its digits as they are. What is no number in JSON, or is one that readers would change, stays text:
 * 007, 1e999, numbers of more than 15 digits.
 */
function jsonOf({ text, isQuoted }: Cell): string {
  if (isQuoted) return JSON.stringify(text)
  if (text === '') return 'null'
  if (text === 'true' || text === 'false') return text
  return isExact(text) ? text : JSON.stringify(text)
}

function isExact(text: string): boolean {
  if (!NUMBER.test(text)) return false
  const digits = text.replace(/e.*/i, '').replace(/\D/g, '').replace(/^0+/, '')
  const value = Math.abs(Number(text))
  const isInRange = value === 0 ? digits === '' : value >= 1e-300 && value <= 1e300
  return digits.length <= DIGITS_MAX && isInRange
}

const SEPARATORS = [',', ';', '\t']
/** What means something in a table, and the text between. */
const TOKENS = /[^",;\t\r\n]+|[^]/g
const OLD_LINE_ENDS = 'Its lines end with CR alone. Save the file with LF or CRLF.'
/** Of a line or row that is longer than an event can be. */
export const TOO_LONG = `It is longer than ${LARGE_EVENT_BYTES / 1024 / 1024} MB, and no event can be.`

async function* rowsOf(chunks: AsyncIterable<string>, bad: BadLine): AsyncGenerator<Row> {
  const reader = new RowReader(bad)
  for await (const chunk of chunks) yield* reader.read(chunk)
  yield* reader.end()
}

/** Where the reader is in a field: before it, in it, within its quotes, or after a quote that may be the last. */
type Place = 'start' | 'plain' | 'quoted' | 'quote'

class RowReader {
  readonly #bad: BadLine
  #separator: string | undefined
  #place: Place = 'start'
  #text = ''
  #cells: Cell[] = []
  #line = 1
  #rowLine = 1
  #quoteLine = 1
  #header = ''
  #before = ''
  #length = 0

  constructor(bad: BadLine) {
    this.#bad = bad
  }

  *read(chunk: string): Generator<Row> {
    for (const one of this.#withHeader(chunk).match(TOKENS) ?? []) {
      if (this.#before === '\r' && one !== '\n' && this.#place !== 'quoted') throw this.#bad(this.#line, OLD_LINE_ENDS)
      this.#before = one
      this.#length += one.length
      if (this.#length > LARGE_EVENT_BYTES) throw this.#bad(this.#rowLine, TOO_LONG)
      if (this.#place === 'quoted') {
        if (one === '"') this.#place = 'quote'
        else this.#text += one
        if (one === '\n') this.#line++
      } else if (one === '"' && this.#place !== 'plain') {
        if (this.#place === 'quote') this.#text += '"'
        else this.#quoteLine = this.#line
        this.#place = 'quoted'
      } else if (one === this.#separator) this.#endCell()
      else if (one === '\n') {
        yield* this.#endRow()
        this.#line++
        this.#rowLine = this.#line
      } else if (this.#place === 'quote') {
        if (one !== '\r')
          throw this.#bad(this.#line, 'A field goes on after its closing quote. A quote inside is written twice.')
      } else {
        this.#text += one
        this.#place = 'plain'
      }
    }
  }

  *end(): Generator<Row> {
    if (this.#separator === undefined) yield* this.read('\n')
    if (this.#place === 'quoted') throw this.#bad(this.#quoteLine, 'A quote is opened here and never closed.')
    yield* this.#endRow()
  }

  /** Keeps the text until the first line is there, which tells the separator. */
  #withHeader(chunk: string): string {
    if (this.#separator !== undefined) return chunk
    this.#header += chunk
    if (this.#header.length > LARGE_EVENT_BYTES) throw this.#bad(1, TOO_LONG)
    if (!/[\r\n]/.test(chunk)) return ''
    const [first = ''] = this.#header.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1)
    this.#separator = SEPARATORS.find((one) => first.includes(one)) ?? ','
    return this.#header
  }

  #endCell(): void {
    this.#cells.push({ text: this.#text, isQuoted: this.#place === 'quote' })
    this.#text = ''
    this.#place = 'start'
  }

  /** A line without anything is no row. */
  *#endRow(): Generator<Row> {
    if (this.#place === 'plain') this.#text = this.#text.replace(/\r$/, '')
    const isBlank = this.#cells.length === 0 && this.#text === '' && this.#place !== 'quote'
    this.#endCell()
    const cells = this.#cells
    this.#cells = []
    this.#length = 0
    if (!isBlank) yield { line: this.#rowLine, cells }
  }
}
