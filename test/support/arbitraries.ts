import fc from 'fast-check'
import type { LiveTier } from '../../src/lib/limits.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import { AzureRefused } from './azure-rules.ts'
import { aCapture, aWorld, STORAGE_ID, type World } from './worlds.ts'

const HUBS = ['clicks', 'Audit', 'a.b_c-d'] as const
const GROUPS = ['trainer', 'Scorer', 'ml-data-consumer-group'] as const
const RULES = ['ml-ingest-send-listen', 'ml-ingest-listen', 'theirs', 'Producer'] as const
const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
/** A manifest cannot say the type of the second. */
const PRINCIPALS = {
  [ANN]: { principalId: ANN, principalType: 'User' },
  [BOB]: { principalId: BOB, principalType: 'Device' },
} as const
const TIERS: readonly LiveTier[] = ['Basic', 'Standard', 'Premium', 'Dedicated']

const hours = fc.constantFrom(1, 24, 25, 48, 168, 169, 2160)
const partitions = fc.constantFrom(1, 2, 4, 5, 32, 33, 100)
const tags = fc.dictionary(fc.constantFrom('team', 'cost', 'constructor', 'created-by'), fc.constantFrom('a', 'b'))

const hub: fc.Arbitrary<Omit<HubActual, 'name'>> = fc
  .record({
    partitions,
    retentionHours: hours,
    cleanupPolicy: fc.constantFrom('Delete', 'Delete', 'Delete', 'Compact', 'DeleteOrCompact'),
    tombstoneHours: fc.constantFrom(undefined, 1, 24, 48),
    status: fc.constantFrom('Active', 'Active', 'SendDisabled', 'ReceiveDisabled', 'Restoring'),
    unmanaged: fc.constant([]),
    timestampType: fc.constantFrom('LogAppend', 'LogAppend', 'Create', undefined),
    capture: fc.constantFrom(undefined, undefined, aCapture(), aCapture({ container: 'other', intervalSeconds: 60 })),
  })
  .map((made) => ({
    ...made,
    ...(made.cleanupPolicy === 'Compact' ? { retentionHours: undefined } : {}),
    ...(made.cleanupPolicy === 'Delete' ? { tombstoneHours: undefined } : {}),
  }))

const namespace = fc.record({
  tier: fc.constantFrom(...TIERS),
  capacity: fc.constantFrom(1, 2, 3, 4, 8),
  autoInflateMax: fc.constantFrom(0, 0, 2, 8, 20),
  location: fc.constantFrom('westeurope', 'westeurope', 'eastus'),
  localAuthDisabled: fc.constantFrom(false, false, true),
  provisioningState: fc.constantFrom('Succeeded', 'Succeeded', 'Failed'),
  tags,
})

const rights = fc.constantFrom(['Send', 'Listen'] as const, ['Listen'] as const, ['Listen', 'Send'] as const)

/** Worlds that Azure can have: empty, a group, a namespace, hubs with what is in them. */
export const world: fc.Arbitrary<World> = fc
  .record({
    provider: fc.constantFrom('Registered', 'Registered', 'NotRegistered'),
    group: fc.boolean(),
    namespace: fc.option(namespace, { freq: 4 }),
    hubs: fc.uniqueArray(fc.tuple(fc.constantFrom(...HUBS), hub), { selector: ([name]) => name }),
    groups: fc.array(fc.tuple(fc.constantFrom(...HUBS), fc.constantFrom(...GROUPS), fc.constantFrom(undefined, 'x'))),
    rules: fc.array(fc.tuple(fc.constantFrom(undefined, ...HUBS), fc.constantFrom(...RULES), rights)),
    storage: fc.constantFrom('Standard_LRS', 'Standard_ZRS', 'Premium_LRS', 'absent', undefined),
    roles: fc.array(fc.tuple(fc.constantFrom(undefined, ...HUBS), fc.constantFrom(ANN, BOB)), { maxLength: 3 }),
  })
  .map((drawn) => {
    const start = aWorld().withProvider({ state: drawn.provider })
    const stored = drawn.storage === 'absent' ? start : start.withStorageAccount(STORAGE_ID, { sku: drawn.storage })
    const grouped = drawn.group ? stored.withGroup({ location: 'northeurope' }) : stored
    const { namespace: live } = drawn
    if (!live) return grouped
    const builders: ((world: World) => World)[] = [
      (made) => made.withNamespace(live),
      ...drawn.hubs.map(
        ([name, one]) =>
          (made: World) =>
            made.withHub(name, one),
      ),
      ...drawn.groups.map(
        ([name, group, metadata]) =>
          (made: World) =>
            made.withConsumerGroup(name, group, metadata),
      ),
      ...drawn.rules.map(
        ([name, rule, has]) =>
          (made: World) =>
            name === undefined ? made.withNamespaceRule(rule, has) : made.withRule(name, rule, has),
      ),
      ...drawn.roles.map(
        ([hub, principalId]) =>
          (made: World) =>
            made.withRole({ ...PRINCIPALS[principalId], role: 'sender', hub, from: hub ? 'hub' : 'namespace' }),
      ),
    ]
    return builders.reduce(tolerant, grouped)
  })

/** What Azure could not have, or has already, is left out of the world. */
function tolerant(made: World, build: (world: World) => World): World {
  try {
    return build(made)
  } catch (error) {
    if (error instanceof AzureRefused || /already|Exists/.test(String(error))) return made
    throw error
  }
}

const flag = (name: string, values: fc.Arbitrary<string | number>): fc.Arbitrary<string[]> =>
  fc.option(values, { nil: undefined, freq: 2 }).map((value) => (value === undefined ? [] : [name, String(value)]))
const toggle = (name: string): fc.Arbitrary<string[]> => fc.constantFrom([], [], [name])
const many = (name: string, values: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc
    .uniqueArray(values, { maxLength: 3, selector: (text) => text.toLowerCase().split(/[:=]/)[0] })
    .map((all) => all.flatMap((text) => [name, text]))

const hubText = fc
  .tuple(
    fc.constantFrom('clicks', 'CLICKS', 'audit', 'a.b_c-d', 'fresh'),
    fc.option(partitions, { nil: undefined }),
    fc.option(fc.constantFrom('1h', '24h', '25h', '2d', '7d', '90d'), { nil: undefined }),
  )
  .map(([name, count, time]) =>
    [name, ...(count === undefined ? [] : [count, ...(time === undefined ? [] : [time])])].join(':'),
  )

const CAPTURE = ['--capture-storage-account', STORAGE_ID.toLowerCase(), '--capture-container', 'raw']

const LOADS = [
  ['--events-per-second', '5k', '--readers', '3'],
  ['--events-per-second', '432M/day', '--event-size', '1KiB', '--peak', '1.5'],
  ['--throughput', '20MB/s', '--workers', '8'],
  ['--events-per-second', '2,000', '--ordered'],
]

/** Flags of `create` besides those that say where. Not all are valid together. */
export const flags: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    flag('--tier', fc.constantFrom(...TIERS)),
    flag('--capacity', fc.constantFrom(1, 2, 3, 4, 8)),
    flag('--auto-inflate-max', fc.constantFrom(0, 2, 8, 20)),
    toggle('--reset-capacity'),
    toggle('--kafka'),
    many('--tag', fc.constantFrom('Team=a', 'cost=b', 'constructor=a', 'toString=x', 'CREATED-BY=a')),
    many('--hub', hubText),
    flag('--partitions', partitions),
    flag('--retention', fc.constantFrom('24h', '48h', '7d', '90d')),
    fc.oneof(
      many('--consumer-group', fc.constantFrom('trainer', 'SCORER', 'clicks/own', '$Default')),
      fc.constant(['--no-consumer-group']),
    ),
    flag('--user-metadata', fc.constantFrom('x', "it's $HOME")),
    flag('--access', fc.constantFrom('send', 'listen', 'send-listen', 'manage')),
    flag('--policy', fc.constantFrom('theirs', 'nowhere')),
    many('--grant', fc.constantFrom(`${ANN}:sender`, `${ANN}:sender@namespace`, `${BOB}:owner:User`)),
    toggle('--disable-local-auth'),
    fc.constantFrom([], [], ['--no-capture'], CAPTURE, [
      ...CAPTURE,
      '--capture-interval',
      '90s',
      '--capture-skip-empty',
    ]),
    flag('-l', fc.constantFrom('westeurope', 'eastus')),
    fc.constantFrom([], [], [], [], ...LOADS),
  )
  .map((parts) => parts.flat())
