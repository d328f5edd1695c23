import xterm from '@xterm/headless'
import { expect, it, test } from 'vitest'
import { makeIo } from '../../../src/ui/io.ts'
import { watchFrame, watchScreen } from '../../../src/ui/status/watch.ts'
import { asOut, FakeStream } from '../fake-stream.ts'
import { hub, NOW_MS, quietHub, status, troubled } from './statuses.ts'

/** A terminal on which somebody typed a command, and a screen that watches. */
function open(columns: number, rows: number) {
  const stream = new FakeStream({ columns })
  stream.rows = rows
  const stop = new AbortController()
  const stdout = asOut(stream)
  const io = makeIo({
    stdin: process.stdin,
    stdout,
    stderr: stdout,
    env: { TERM: 'xterm' },
    platform: 'linux',
    flags: {},
  })
  const emulated = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  let fed = 0
  /** What stands on the terminal. */
  const seen = async (): Promise<readonly string[]> => {
    const text = stream.text.slice(fed)
    fed = stream.text.length
    await new Promise<void>((resolve) => emulated.write(text, resolve))
    const { active } = emulated.buffer
    return Array.from({ length: emulated.rows }, (_, y) =>
      active
        .getLine(active.viewportY + y)!
        .translateToString(true, 0, emulated.cols)
        .trimEnd(),
    )
  }
  const resize = async (cols: number, toRows: number) => {
    await seen()
    emulated.resize(cols, toRows)
    stream.resize(cols, toRows)
  }
  stream.write('$ ml-ingest status --watch\n')
  return { stream, stop, emulated, seen, resize, screen: watchScreen(io, stop.signal) }
}

const frameOf = (of = troubled(), failing?: string) => watchFrame(of, { nowMs: NOW_MS + 12_000, failing })

test.each([80, 40])('fills a terminal of %d columns, and cuts what is more', async (columns) => {
  const { screen, seen, emulated } = open(columns, 20)
  screen.draw(frameOf())
  const lines = await seen()
  expect(emulated.buffer.active.type).toBe('alternate')
  expect(lines[0]).toBe(
    'ml-ingest status at 12:04:31 UTC. Ctrl-C ends.'.slice(0, columns - 1) + (columns < 46 ? '…' : ''),
  )
  expect(lines[1]).toMatch(/^ns-clicks: 2 throughput units/)
  expect(lines.at(-1)).toMatch(/^\d+ more lines: enlarge/)
  screen.close()
})

it('draws over the last frame in one write, and never erases the screen', async () => {
  const { screen, stream, seen } = open(80, 24)
  screen.draw(frameOf())
  const before = stream.writes
  screen.draw(frameOf(status({ hubs: [hub({ name: 'short' })] })))
  expect(stream.writes).toBe(before + 1)
  expect(stream.text).not.toMatch(/\x1b\[[23]J/)
  expect(stream.text.match(/\x1b\[\?2026h\x1b\[H[^]*?\x1b\[\?2026l/g)).toHaveLength(2)
  const text = (await seen()).join('\n')
  expect(text).toContain('Hub short')
  expect(text).not.toContain('Not all right')
})

it('a shorter frame leaves nothing of a longer one', async () => {
  const { screen, seen } = open(80, 40)
  screen.draw(() => Array.from({ length: 40 }, (_, i) => `${'x'.repeat(80 - (i % 2))}`))
  expect((await seen()).at(-1)).toBe('x'.repeat(79))
  screen.draw(() => ['one', 'y'.repeat(80)])
  expect(await seen()).toEqual(['one', 'y'.repeat(80), ...Array.from({ length: 38 }, () => '')])
})

it('is drawn anew for another size, in the middle of things', async () => {
  const { screen, seen, resize } = open(80, 60)
  screen.draw(frameOf())
  await resize(40, 30)
  const narrow = await seen()
  expect(narrow[7]).toBe('  - 12,345 unread events, at most 1,000')
  expect(narrow).toHaveLength(30)
  await resize(120, 60)
  const wide = await seen()
  expect(wide[1]).toBe('ns-clicks: 2 throughput units of Standard, up to 4 by auto-inflate, westeurope')
  expect(wide.join('\n')).not.toContain('Busiest minute, of')
})

test.each(['close', 'abort'] as const)('gives the terminal back on %s, with the last frame on it', async (how) => {
  const { screen, stop, stream, seen, emulated } = open(80, 50)
  screen.draw(frameOf(status({ hubs: [quietHub('audit')] })))
  if (how === 'abort') stop.abort()
  screen.close()
  const lines = await seen()
  expect(emulated.buffer.active.type).toBe('normal')
  expect(lines[0]).toBe('$ ml-ingest status --watch')
  expect(lines[1]).toMatch(/^ns-clicks/)
  expect(lines.join('\n')).toContain('https://portal.azure.com/')
  expect(lines.join('\n')).not.toContain('Ctrl-C ends')
  expect(stream.text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(stream.text.lastIndexOf('\x1b[?25l'))
  const { text } = stream
  stream.resize(40)
  screen.draw(frameOf())
  screen.close()
  expect(stream.text).toBe(text)
  expect(stream.listenerCount('resize')).toBe(0)
})

it('keeps what was read last, and says why there is nothing newer', async () => {
  const { screen, seen } = open(80, 50)
  screen.draw(frameOf(status(), 'the network is unreachable'))
  expect((await seen())[1]).toBe('Read 12 s ago; since then it cannot be read: the network is unreachable')
})
