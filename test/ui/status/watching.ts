import { watchFrame, watchScreen } from '../../../src/ui/status/watch.ts'
import { makeIo } from '../../../src/ui/io.ts'
import { NOW_MS, troubled } from './statuses.ts'

/** A program that watches, with another time in each frame, until Ctrl-C. */
const { stdin, stdout, stderr, env } = process
const stop = new AbortController()
const io = makeIo({ stdin, stdout, stderr, env, platform: 'linux', flags: {} })
process.once('SIGINT', () => stop.abort())
stdout.write('before\n')
const screen = watchScreen(io, stop.signal)
let atMs = NOW_MS
const ticking = setInterval(() => {
  atMs += 1_000
  screen.draw(watchFrame({ ...troubled(), atMs }, { nowMs: atMs, failing: undefined }))
}, 20)
stop.signal.addEventListener('abort', () => {
  clearInterval(ticking)
  stdout.write('after\n')
})
