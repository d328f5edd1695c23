import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { LineToSend } from '../data/send-lines.ts'
import { formatElapsed } from '../lib/duration.ts'
import { Failure } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { count, formatBytes, formatCount } from '../ui/text.ts'
import { endedWith, localConnection } from '../run/local-azure.ts'
import { spellerFor } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import { whileReading } from '../run/wait.ts'
import { problemsError } from '../run/problems-error.ts'
import type { Given } from '../inputs/given.ts'
import { quoteWords } from '../inputs/argv.ts'
import { sendProblems } from '../inputs/contradictions.ts'

const TELL_EVERY_MS = 5_000

/** Sends JSON lines from a file or stdin to a hub of the embedded Azure, each line as the body of one event. */
export async function localSend(run: Run): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { given, args } = invocation
  const { clock, stop } = azure
  const { io } = streams
  const problems = [...invocation.problems, ...sendProblems(given)]
  if (problems.length > 0) throw problemsError(run, problems)
  const [hub, file = '-'] = args
  if (hub === undefined) throw noHub()
  const connection = await whileReading(run, () => localConnection(run, hub))
  const input = file === '-' ? (deps.stdin as Readable) : await openFile(resolve(deps.cwd, file), file)
  const [{ openProducer }, { targetOf }, { sendLines }] = await Promise.all([
    import('../data/open-clients.ts'),
    import('../data/connection-target.ts'),
    import('../data/send-lines.ts'),
  ])
  const target = targetOf(connection, { webSockets: false, env: deps.env })
  const producer = openProducer(connection, { target, userAgent: `ml-ingest/${deps.version}` })
  const sent = { events: 0, bytes: 0 }
  const told = tellProgress(run, () => `  ${formatCount(sent.events)} sent`)
  try {
    await sendLines(producer, linesOf(given, input, badLineIn(run, hub, file)), {
      partition: given.partition?.texts[0],
      perSecond: given.rate?.value,
      clock,
      signal: stop,
      onSent: (events, bytes) => {
        sent.events += events
        sent.bytes += bytes
      },
    })
  } catch (error) {
    return await endedWith(run, error, { connection, target, doing: 'send', consumerGroup: '$Default' })
  } finally {
    told.abort()
    input.destroy()
    const elapsed = formatElapsed(azure.watch.elapsedMs)
    const what = count(sent.events, 'event').replace(/^\d+/, formatCount)
    io.note(`  Sent ${what} (${formatBytes(sent.bytes)}) to ${connection.namespace}/${connection.hub}  (${elapsed})`)
    await producer.close()
  }
  return EXIT.ok
}

async function openFile(path: string, shown: string): Promise<Readable> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(shown, error.code === 'ENOENT' ? 'There is no such file.' : error.message)
  })
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream()
  await handle.close()
  throw unreadable(shown, 'It is a folder.')
}

const unreadable = (shown: string, why: string): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't read ${shown}`,
    why: [why],
    hint: 'Give a file of JSON lines, or - for stdin.',
  })

async function* linesOf({ key, keyField }: Given, input: Readable, badLine: BadLine): AsyncGenerator<LineToSend> {
  let number = 0
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number++
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line
    if (text.trim() === '') continue
    const bad = (why: string) => badLine(number, why)
    const event = parse(text, bad)
    const field = keyField?.value
    yield { number, text, key: field === undefined ? key?.value : keyIn(event, field, bad) }
  }
}

function parse(text: string, bad: (why: string) => Failure): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw bad(`It is not JSON: ${(error as Error).message}.`)
  }
}

function keyIn(event: unknown, field: string, bad: (why: string) => Failure): string {
  const value = typeof event === 'object' && event !== null ? (event as Record<string, unknown>)[field] : undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw bad(`It has no field ${field} that is a text, a number, true or false.`)
}

type BadLine = (number: number, why: string) => Failure

/** Makes the error of a line, with the command that sends the file from that line on. */
function badLineIn({ invocation }: Run, hub: string, file: string): BadLine {
  const { shell } = invocation
  const send = `${spellerFor(invocation).command({}, 'local send')} ${quoteWords([hub, '-'], shell)}`
  const cut = file !== '-' && shell === 'posix'
  return (number, why) => {
    const rest = cut ? `tail -n +${number} ${quoteWords([file], shell)} | ${send}` : send
    return new Failure({
      code: 'usage',
      message: `Can't send line ${number}`,
      why: [why, 'The lines before it are sent. It and the lines after it are not.'],
      hint: `Correct it, and send the lines from ${number} on:\n${rest}`,
    })
  }
}

const noHub = (): Failure =>
  new Failure({
    code: 'usage',
    message: "Can't send: no hub is named",
    hint: 'Name the hub, then a file or - for stdin: npx ml-ingest local send clicks events.jsonl',
  })

/** Reports progress every few seconds. */
function tellProgress({ streams: { io }, azure: { clock, stop } }: Run, text: () => string): AbortController {
  const ended = new AbortController()
  const tell = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(TELL_EVERY_MS, AbortSignal.any([ended.signal, stop]))
      io.note(text())
    }
  }
  tell().catch(() => undefined)
  return ended
}
