import manifest from '../package.json' with { type: 'json' }
import { realClock } from './lib/clock.ts'
import { Interruption } from './lib/errors.ts'
import { exitCodeOf } from './ui/exit.ts'
import { realHost } from './local/index.ts'
import { foregroundRunner, type EndSignal } from './run/foreground.ts'
import { main } from './main.ts'

const stop = new AbortController()

/** Gets the signals instead of the run while a command runs in the foreground. */
let onSignal: ((signal: EndSignal) => void) | undefined

/** The first signal ends the run in order; a second one ends it at once. */
function interrupt(kind: EndSignal): void {
  if (onSignal) return onSignal(kind)
  const interruption = new Interruption(kind)
  if (stop.signal.aborted) process.exit(exitCodeOf(interruption))
  stop.abort(interruption)
}
process.on('SIGINT', () => interrupt('SIGINT'))
process.on('SIGTERM', () => interrupt('SIGTERM'))
process.on('SIGBREAK', () => interrupt('SIGTERM'))
process.on('SIGHUP', () => interrupt('SIGHUP'))

/** A stream that fails does not end the run: `main` tells what became of stdout, and nobody reads a broken stderr. */
const carryOn = (): void => undefined

const opened = new Set<NodeJS.WriteStream>()

/** Opened on first use, because each stream takes milliseconds. */
function writable(name: 'stdout' | 'stderr'): NodeJS.WriteStream {
  const stream = process[name]
  if (!opened.has(stream)) stream.on('error', carryOn)
  opened.add(stream)
  return stream
}

const exitCode = await main(process.argv.slice(2), {
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return writable('stdout')
  },
  get stderr() {
    return writable('stderr')
  },
  env: process.env,
  platform: process.platform,
  nodeVersion: process.versions.node,
  version: manifest.version,
  issuesUrl: manifest.bugs.url,
  cwd: process.cwd(),
  clock: realClock,
  random: Math.random,
  stop: stop.signal,
  run: async (program, args, cwd) => {
    const { execFile } = await import('node:child_process')
    return new Promise((resolve) => {
      execFile(program, args, { cwd }, (error) => {
        const code = error?.code
        resolve(code === undefined || code === null ? 0 : typeof code === 'number' ? code : undefined)
      })
    })
  },
  openPage: async (url) => {
    const { default: open } = await import('open')
    return open(url).then(
      () => true,
      () => false,
    )
  },
  runForeground: foregroundRunner((take) => {
    onSignal = take
    return () => (onSignal = undefined)
  }),
  get host() {
    return realHost({
      execPath: process.execPath,
      entry: `${import.meta.dirname}/../bin/ml-ingest.js`,
      env: process.env,
      platform: process.platform,
      homedir: process.getBuiltinModule('node:os').homedir(),
      pid: process.pid,
      kill: (pid, signal) => process.kill(pid, signal),
    })
  },
})
// What the libraries leave behind, such as a sign-in that was given up, must not keep the process alive.
for (const stream of opened) await new Promise<void>((resolve) => stream.write('', () => resolve()))
process.exit(exitCode)
