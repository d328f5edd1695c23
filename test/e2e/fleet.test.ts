import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/local/index.ts'
import { manifestOf, writesOf } from '../support/fleet.ts'
import { ended, isWrite, sandbox, stateOf, watchAzure, type SandboxOptions } from './sandbox.ts'

const FLEET = { hubs: 200, groupsEach: 5 }
const WRITES = writesOf(FLEET)
/** So many hubs are asked about in the first wave, also where they are absent. */
const FIRST_HUBS = 9
/**
 * What a run asks first, with so many hubs made: provider, group, namespace and hubs; then the consumer groups and the rule
 * of each hub that is there.
 */
const firstReads = (hubsMade: number): number => 4 + 2 * Math.max(FIRST_HUBS, hubsMade)
const CREATE = ['create', '-f', 'fleet.yaml', '--yes', '--no-connection', '--timeout', '1h']

/** Kills in a row on one fleet: each run finds what those before it left half made, and the last one ends the work. */
const KILLS = 5
const FLEETS = 4

/** At this share of the first reads of a run; at this share of all writes that make the fleet. */
interface Kill {
  readonly kind: 'read' | 'write'
  readonly share: number
}

/** Repeats a failure with the seed in its name: `KILL_SEED=1 npx vitest run -c test/e2e/vitest.config.ts fleet`. */
const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31))

const shares = fc.sample(fc.noBias(fc.nat({ max: 1e6 })), { seed, numRuns: FLEETS * KILLS }).map((n) => n / 1e6)

/** Reads and writes in turn, the writes spread over the whole of the work: a random one in each fifth. */
const fleets = Array.from({ length: FLEETS }, (_, fleet) =>
  shares
    .slice(fleet * KILLS, (fleet + 1) * KILLS)
    .map((share, kill): Kill =>
      (fleet + kill) % 2 === 0 ? { kind: 'write', share: (kill + share) / KILLS } : { kind: 'read', share },
    ),
)
const titleOf = (kills: readonly Kill[]) =>
  kills.map(({ kind, share }) => `${kind} at ${(share * 100).toFixed(1)} %`).join(', ')

/** A fleet that is being made, in an embedded Azure of its own. */
async function startFleet(onFinished: NonNullable<SandboxOptions['onFinished']>) {
  const { folder, spawn, run } = sandbox({ onFinished })
  writeFileSync(join(folder, 'fleet.yaml'), manifestOf(FLEET))
  const seen = { read: 0, write: 0 }
  let killWhenDue: (() => void) | undefined
  const onRequest = (record: RequestRecord) => {
    seen[isWrite(record) ? 'write' : 'read']++
    killWhenDue?.()
  }
  const azure = await watchAzure({ onRequest }, onFinished)
  return {
    azure,
    create: () => run(CREATE, { env: azure.env }),
    createKilledAt: ({ kind, share }: Kill) => {
      const hubs = new Set(azure.writes().flatMap(({ path }) => /\/eventhubs\/[^/]+$/i.exec(path)?.[0] ?? []))
      const at = Math.ceil(share * (kind === 'write' ? WRITES : firstReads(hubs.size)))
      const child = spawn(CREATE, { env: azure.env })
      seen.read = 0
      killWhenDue = () => {
        if (seen[kind] >= at) child.kill('SIGKILL')
      }
      return ended(child).finally(() => (killWhenDue = undefined))
    },
  }
}

describe.skipIf(process.platform === 'win32')(`200 hubs, killed again and again (KILL_SEED=${seed})`, () => {
  let expected: unknown
  beforeAll(async () => {
    const closing: (() => Promise<void>)[] = []
    const { azure, create } = await startFleet((close) => void closing.push(close))
    for (let run = 1; run <= 2; run++) expect(await create()).toMatchObject({ exitCode: 0 })
    expect(azure.writes()).toHaveLength(WRITES)
    expected = stateOf(azure)
    for (const close of closing) await close()
  })

  test.concurrent.for(fleets.map((kills) => [titleOf(kills), kills] as const))(
    'at %s',
    { timeout: 240_000 },
    async ([, kills], { onTestFinished: onFinished }) => {
      const { azure, create, createKilledAt } = await startFleet(onFinished)
      for (const kill of kills) expect((await createKilledAt(kill)).exitCode, titleOf([kill])).toBe(null)
      expect(await create()).toMatchObject({ exitCode: 0 })
      const made = azure.writes().map(({ path }) => path)
      const madeAgain = made.filter((path, index) => made.indexOf(path) < index)
      expect(madeAgain).toEqual([])
      expect(made).toHaveLength(WRITES)
      expect(stateOf(azure)).toEqual(expected)
    },
  )
})
