import { Writable } from 'node:stream'
import type { OutStream } from '../../src/ui/io.ts'

/** A stream that keeps what is written to it; with `columns` it says to be a terminal of 16 colours. */
export class FakeStream extends Writable {
  text = ''
  /** How often it was written to. */
  writes = 0
  readonly isTTY: boolean
  columns: number
  rows = 24

  constructor(options: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    super({ decodeStrings: false })
    this.isTTY = options.isTTY ?? options.columns !== undefined
    this.columns = options.columns ?? 0
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    this.writes += 1
    done()
  }

  getColorDepth(): number {
    return 4
  }

  cursorTo(x: number): boolean {
    return this.write(`\x1b[${x + 1}G`)
  }

  moveCursor(dx: number, dy: number): boolean {
    if (dx !== 0) throw new Error('only rows')
    return this.write(dy < 0 ? `\x1b[${-dy}A` : `\x1b[${dy}B`)
  }

  clearLine(direction: number): boolean {
    return this.write(direction === 1 ? '\x1b[0K' : '\x1b[2K')
  }

  resize(columns: number, rows = this.rows): void {
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }

  /** What a terminal of this width would show: lines, with the cursor movements followed. Throws when something wraps. */
  screen(): string[] {
    const lines: string[][] = [[]]
    let row = 0
    let column = 0

    for (const [, sequence, character] of this.text.matchAll(/\x1b\[([?0-9;]*[A-Za-z])|([\s\S])/gu)) {
      if (sequence !== undefined) {
        const n = Number.parseInt(sequence, 10)
        const kind = sequence.at(-1)
        if (kind === 'A') row -= n
        else if (kind === 'B') row += n
        else if (kind === 'G') column = n - 1
        else if (kind === 'K') lines[row] = n === 2 ? [] : lines[row]!.slice(0, column)
        else if (!'mhl'.includes(kind!)) throw new Error(`unknown sequence ${sequence}`)
      } else if (character === '\n') {
        row += 1
        column = 0
        lines[row] ??= []
      } else {
        if (column >= this.columns) throw new Error('a line wrapped')
        lines[row]![column] = character!
        column += 1
      }
    }
    return lines.map((line) =>
      Array.from(line, (character) => character ?? ' ')
        .join('')
        .trimEnd(),
    )
  }
}

export const asOut = (stream: FakeStream): OutStream => stream
