import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Problem } from '../lib/errors.ts'
import { KEY_MAX, LARGE_EVENT_BYTES } from '../lib/limits.ts'
import { csvEvents, TOO_LONG, type BadLine } from './csv.ts'
import { fieldOf } from './fields.ts'
import type { LineToSend } from './send-lines.ts'

/** Where lines come from. */
export interface Source {
  /** As it was named; `-` for stdin. */
  readonly name: string
  readonly isCsv: boolean
}

/** A line that cannot be sent. The message says why. */
export class LineRefused extends Error {
  /** The name of a source, or of a sample. */
  readonly source: string
  readonly line: number
  /** The line, where it is not JSON. */
  readonly text: string | undefined

  constructor(source: string, line: number, why: string, text?: string) {
    super(why)
    this.source = source
    this.line = line
    this.text = text
  }
}

export interface SourceOptions {
  readonly cwd: string
  readonly stdin: Readable
  /** The partition key of all events, or the field of each that is its key. */
  readonly key: string | readonly string[] | undefined
  /** Called with each line that is a JSON array. */
  readonly onArray?: (line: LineToSend) => void
}

/** Every file that cannot be read, with the reason. */
export async function unreadable(sources: readonly Source[], cwd: string): Promise<readonly Problem[]> {
  const whys = sources.map(async ({ name }): Promise<readonly Problem[]> => {
    const why = name === '-' ? undefined : await whyUnreadable(resolve(cwd, name))
    if (why === undefined) return []
    const origin = { kind: 'flag', name: 'FILE' } as const
    return [{ kind: 'invalid', input: 'files', origin, text: name, message: `cannot be read: ${why}` }]
  })
  return (await Promise.all(whys)).flat()
}

async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    const handle = await open(path)
    const isFolder = (await handle.stat()).isDirectory()
    await handle.close()
    return isFolder ? 'it is a folder' : undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'there is no such file' : message
  }
}

/** The events of some files, one after the other. Rejects with `LineRefused` at the first line that cannot be sent. */
export async function* linesOf(sources: readonly Source[], options: SourceOptions): AsyncGenerator<LineToSend> {
  for (const source of sources) yield* linesIn(source, options)
}

/** Generated events as lines of a source of that name, numbered from 1. */
export async function* keyed(
  events: Iterable<string>,
  { name, key }: Pick<SourceOptions, 'key'> & { readonly name: string },
): AsyncGenerator<LineToSend> {
  let line = 0
  for (const text of events) yield lineOf(text, { name, line: ++line, key })
}

interface At extends Pick<SourceOptions, 'key' | 'onArray'> {
  readonly name: string
  readonly line: number
}

/** Throws `LineRefused` for a text that is not JSON, or has no key. */
function lineOf(text: string, { name, line, key, onArray }: At): LineToSend {
  const value = parse(text, (why) => new LineRefused(name, line, why, text))
  const keyed = typeof key === 'object' ? keyIn(value, key, (why) => new LineRefused(name, line, why)) : key
  const one = { source: name, number: line, text, key: keyed }
  if (Array.isArray(value)) onArray?.(one)
  return one
}

async function* linesIn(source: Source, options: SourceOptions): AsyncGenerator<LineToSend> {
  const { cwd, stdin } = options
  const { name, isCsv } = source
  const bad: BadLine = (line, why) => new LineRefused(name, line, why)
  const input = name === '-' ? stdin : createReadStream(resolve(cwd, name))
  try {
    const text = textOf(input, bad)
    for await (const { line, text: event } of isCsv ? csvEvents(text, bad) : jsonLines(text, bad)) {
      yield lineOf(event, { ...options, name, line })
    }
  } finally {
    input.destroy()
  }
}

async function* jsonLines(
  chunks: AsyncIterable<string>,
  bad: BadLine,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 0
  let rest = ''
  for await (const chunk of chunks) {
    const lines = chunk.split('\n')
    lines[0] = rest + lines[0]!
    rest = lines.pop()!
    for (const text of lines) {
      line++
      if (text.trim() !== '') yield { line, text: text.replace(/\r$/, '') }
    }
    if (rest.length > LARGE_EVENT_BYTES) throw bad(line + 1, TOO_LONG)
  }
  if (rest.trim() !== '') yield { line: line + 1, text: rest.replace(/\r$/, '') }
}

/** The text of a file in UTF-8, without the mark at its beginning. */
async function* textOf(input: Readable, bad: BadLine): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  let isFirst = true
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw bad(line, 'It is not UTF-8, or the lines behind it are not. Save the file as UTF-8.')
    }
  }
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
    if (isFirst && isUtf16(bytes)) throw bad(1, UTF_16)
    isFirst = false
    const text = decode(bytes)
    for (const one of text) if (one === '\n') line++
    yield text
  }
  yield decode()
}

/** By its mark, or by the zeros that it has between the characters of a Latin text. */
const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0

const UTF_16 =
  'It is UTF-16, as PowerShell writes with > and Excel as "Unicode Text". Save the file as UTF-8: in PowerShell with Set-Content -Encoding utf8.'

function parse(text: string, bad: (why: string) => Error): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw bad(`It is not JSON: ${(error as Error).message}.`)
  }
}

function keyIn(event: unknown, path: readonly string[], bad: (why: string) => Error): string {
  const value = fieldOf(event, path)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw bad(`It has no field ${path.join('.')} that is a text, a number, true or false.`)
  const key = String(value)
  if (key === '' || key.length > KEY_MAX)
    throw bad(`Its field ${path.join('.')} has ${key.length} characters: a partition key has 1 to ${KEY_MAX}.`)
  return key
}
