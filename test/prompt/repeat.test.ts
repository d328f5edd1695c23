import { judgeGiven, DEV, group, hub, namespace, PROD, talk, type Script, type World } from './support.ts'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { CREATE } from '../support/argv.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCommandLine } from '../../src/commands/program.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import { LIMITS, TIERS, type Tier } from '../../src/lib/limits.ts'
import { readGiven } from '../../src/inputs/given.ts'

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,5}[-._]?[A-Za-z0-9]{1,8}$/)
const oneOf = (values: readonly number[]) => fc.constantFrom(...values)

const worlds: fc.Arbitrary<World> = fc.constantFrom<World[]>(
  {},
  { subscriptions: [DEV, PROD] },
  { groups: [group('rg-one')] },
  { groups: [group('rg-one')], namespaces: [namespace('ns-live')], hubs: [hub('live')] },
  { groups: [group('rg-one')], namespaces: [namespace('ns-live', { tier: 'Basic' })], hubs: [] },
)

const scriptOf = (tier: Tier): fc.Arbitrary<Script> =>
  fc.record<Script>(
    {
      'Subscription?': fc.constantFrom(DEV.name, PROD.name),
      'Resource group?': fc.constantFrom('rg-one', 'Create a new one'),
      'New resource group?': name.map((one) => `rg_(${one})`),
      'Location?': fc.constantFrom('Australia East', 'West Europe'),
      'New namespace?': name.map((one) => `ns-${one.replaceAll(/[._]/g, '-')}-x`),
      // What every tier carries.
      'How much will come in?': fc.constantFrom("I don't know yet", '5k', '300/min', '20M/day', '2MB/s'),
      'How large is an event?': fc.constantFrom('200B', '1KB', '1KiB'),
      'How much more at the busiest?': fc.constantFrom('1', '1.5', '3x'),
      'How many applications read it all?': fc.integer({ min: 0, max: 3 }).map(String),
      'How many workers share the reading?': fc.constantFrom('1', '8', 'ordered'),
      'Tier?': fc.constant(tier),
      'Capacity?': oneOf(LIMITS[tier].capacities ?? []).map(String),
      'New hub?': fc.oneof(
        name,
        fc.tuple(name, fc.integer({ min: 1, max: 32 })).map((parts) => parts.join(':')),
      ),
      'Partitions?': fc.integer({ min: 1, max: LIMITS[tier].maxPartitionsPerHub }).map(String),
      'Retention?': fc.integer({ min: 1, max: LIMITS[tier].maxRetentionHours }).map((hours) => `${hours}h`),
      'Consumer group?': fc.oneof(
        fc.constant('-'),
        fc.constant('$Default'),
        fc
          .uniqueArray(name, { minLength: 1, maxLength: 3, selector: (one) => one.toLowerCase() })
          .map((all) => all.join(', ')),
      ),
    },
    { requiredKeys: ['Tier?'] },
  )

/** Rows are there in some worlds alone, and what is live has limits of its own: such answers are replaced by Enter. */
const fitting = (world: World, script: Script): Script => {
  const has = (message: string): boolean =>
    (message !== 'Subscription?' || world.subscriptions !== undefined) &&
    (message !== 'Resource group?' || world.groups !== undefined) &&
    (world.namespaces === undefined || !['Partitions?', 'Retention?', 'New hub?'].includes(message))
  return Object.fromEntries(Object.entries(script).filter(([message]) => has(message)))
}

describe('the line that repeats a run', () => {
  it('gives the spec that the answers gave', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.constantFrom(...TIERS).chain(scriptOf), async (world, script) => {
        const { options } = talk(world, { script: fitting(world, script) })
        const { given, ...known } = await askForCreate(options)
        const asked = judgeGiven(given, known)
        const output = { version: '', out: () => undefined, width: 80 }
        const request = readCommandLine(argvOf(CREATE, given), PROGRAM, output)
        if (!request) throw new Error('the line is not a run')
        const again = readGiven(request.command.inputs, request.flags, {})
        expect(again.problems).toEqual([])
        expect(asked.ok).toBe(true)
        expect(judgeGiven(again.given, known)).toEqual(asked)
      }),
      { numRuns: 200 },
    )
  })
})
