import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
// Loaded lazily by the program, which takes no time of the manual clock.
import '../../src/commands/delete.ts'
import '../../src/commands/local-start.ts'
import '../../src/commands/rotate-key.ts'
import '../../src/commands/verify.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { testDeps } from '../support/test-deps.ts'
import { ESCAPE, NAMESPACE, PLACE, SERVICE_HOST, SMALL, TARGET } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The address of a Resource Manager that never answers. */
async function silentAzure(): Promise<string> {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Starts the command, and turns the clock only when it has come to rest. Answers what stderr shows after so many ms. */
async function shownAfter(ms: number, argv: readonly string[], columns: number | undefined): Promise<string> {
  const clock = new ManualClock()
  const stop = new AbortController()
  const folder = temporaryFolder()
  const deps = testDeps({
    ...{ clock, stop: stop.signal, tty: columns === undefined ? false : true, cwd: folder },
    ...(columns === undefined ? {} : { columns }),
    host: { ...SERVICE_HOST, homedir: folder, isAlive: () => true, spawnDetached: async () => 4_242 },
    env: {
      ML_INGEST_ARM_ENDPOINT: await silentAzure(),
      AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId,
    },
  })
  const startedAt = clock.now()
  const ended = main(argv, deps)
  const rested = () => new Promise((resolve) => setTimeout(resolve, 30))
  if (columns) await expect.poll(() => clock.pending.some((left) => left <= 50), { timeout: 10_000 }).toBe(true)
  while (clock.now() - startedAt < ms) {
    await rested()
    clock.advance(10)
  }
  await rested()
  const shown = deps.stderr.text
  stop.abort(new Interruption('SIGINT'))
  // What polls a clock that stands still ends at the next turn.
  clock.advance(20_000)
  await ended
  return shown
}

const READING = 'Reading from Azure'

const COMMANDS: readonly (readonly [words: string, flags: readonly string[], shown: string])[] = [
  ['create', [...PLACE, ...SMALL, '--yes'], READING],
  ['plan', [...PLACE, ...SMALL], READING],
  ['show-connection', TARGET, READING],
  ['verify', TARGET, READING],
  ['delete', [...TARGET, '--yes', '--confirm', NAMESPACE], READING],
  ['delete', [...TARGET, '--dry-run'], READING],
  ['rotate-key', [...TARGET, '--stage', '1', '--yes', '--format', 'text'], READING],
  ['plan', ['-s', 'by-name', ...PLACE], READING],
  ['create', ['--local', '--yes'], 'Connecting to the embedded Azure'],
  ['show-connection', ['--local'], 'Connecting to the embedded Azure'],
  ['local start', ['--detach'], 'Starting the embedded Azure'],
]

test.each(COMMANDS)('%s shows a sign of life within a tenth of a second: %j', async (words, flags, text) => {
  expect(await shownAfter(100, [...words.split(' '), ...flags], 80)).toContain(text)
})

test('a terminal that cannot be animated gets a line', async () => {
  const shown = await shownAfter(100, ['plan', ...PLACE, '--progress', 'plain'], 80)
  expect(shown).toMatch(/^\d\d:\d\d:\d\dZ Reading from Azure \(0s\)\n$/)
})

test('a log is told nothing of what takes a moment', async () => {
  expect(await shownAfter(100, ['plan', ...PLACE], undefined)).toBe('')
})

test('what is quick shows nothing', async () => {
  expect(await shownAfter(40, ['plan', ...PLACE], 80)).not.toContain(ESCAPE)
})
