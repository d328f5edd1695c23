import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Need, present, runReferee } from '../../../amqp/support/referee.ts'
import { PARTITIONS, startAzure, type TestAzure } from './azure.ts'
import { Program, tellOfJson } from './program.ts'
import { assignorsToTry, expectSharing } from './sharing.ts'

export interface Client {
  readonly name: string
  readonly needs: readonly Need[]
  /** The program that plays a scenario. */
  readonly script: readonly [string, ...string[]]
  /** In which ways it sends. */
  readonly modes: readonly string[]
  /** The first message with its headers, as it reads it: key, headers, and whether the time is about now. */
  readonly sample: readonly unknown[]
  /** `npm test` tries the first. */
  readonly assignors: readonly string[]
  /** It asks for no topic without a partition. */
  readonly checksCounts?: boolean
  /** What it says of a group that has committed an offset and has no members. */
  readonly group: Readonly<Record<string, unknown>>
  /** What it says of each refusal. */
  readonly refusals: Readonly<Record<string, unknown>>
}

const COUNT = 1_000
const TIMEOUT_MS = 90_000

/** Lets one client do everything that it can. Each test has an event hub of its own. */
export function clientSuite({
  name,
  needs,
  script,
  modes,
  sample,
  assignors,
  group,
  refusals,
  checksCounts = false,
}: Client): void {
  describe.skipIf(!present(...needs)).concurrent(name, { timeout: TIMEOUT_MS }, () => {
    let azure: TestAzure
    beforeAll(async () => {
      azure = await startAzure([
        'exchange',
        'times',
        'groups',
        'refusals',
        'elsewhere',
        ...assignors.map((one) => `group-${one}`),
      ])
    })
    afterAll(() => azure.close())

    const command = (scenario: string, options: object): readonly [string, ...string[]] => [
      ...script,
      scenario,
      JSON.stringify({ ...azure.where, ...options }),
    ]
    const play = (scenario: string, options: object) => runReferee(command(scenario, options))

    it(`sends ${modes.join(', ')}, and reads it back from the beginning`, async () => {
      expect(await play('exchange', { topic: 'exchange', count: COUNT })).toEqual({
        failed: Object.fromEntries(modes.map((mode) => [mode, []])),
        received: Object.fromEntries(modes.map((mode) => [mode, COUNT])),
        ...{ inOrder: true, contiguous: true, sample },
      })
    })

    it('finds offsets by time', async () => {
      const none = Array<number>(PARTITIONS).fill(-1)
      const found = (await play('times', { topic: 'times' })) as { readonly start: readonly number[] }
      // A partition that has nothing has no first event.
      expect(found.start.every((offset) => offset <= 0)).toBe(true)
      expect(found).toMatchObject({ late: Array(PARTITIONS).fill(true), after: none, total: 20 })
    })

    it('makes, describes, widens and removes a topic', async () => {
      expect(await play('admin', { topic: 'made' })).toEqual({
        checked: [0, expect.any(Number)],
        created: [0, 3],
        settings: { 'cleanup.policy': 'delete', 'retention.ms': '7200000' },
        ...{ exists: 36, name: 17, config: 40, value: 40, policy: 44, ...(checksCounts ? {} : { none: 37 }) },
        ...{ raised: [0, 5], lowered: 37, deleted: [0, 0], gone: 3 },
      })
    })

    it('lists a group, describes it, and what it has committed', async () => {
      expect(await play('groups', { topic: 'groups' })).toEqual({ listed: true, ...group })
    })

    it('understands each refusal', async () => {
      const told = await play('refusals', { topic: 'refusals', other: 'elsewhere' })
      expect(told).toEqual(refusals)
    })

    it.for(assignorsToTry(assignors))('shares a topic in a group: %s', async (assignor, { onTestFinished }) => {
      const topic = `group-${assignor}`
      await expectSharing(azure.where, topic, () => {
        const member = new Program(command('member', { topic, group: topic, assignor }), tellOfJson)
        onTestFinished(() => member.kill())
        return member
      })
    })
  })
}
