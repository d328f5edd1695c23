import fc from 'fast-check'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { LIMITS, type Tier } from '../../src/lib/limits.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'

type Body = Readonly<Record<string, unknown>>

/** One PUT below a namespace: the path that follows the namespace's, and the body. */
export interface Put {
  readonly below: string
  readonly body: Body
}

/** A namespace that Azure can have, as the requests by which another tool makes it. */
export interface AzureNamespace {
  readonly hubs: readonly string[]
  readonly puts: readonly Put[]
  /** What of it no manifest can say. The text after "Saved to" has to name each. */
  readonly unsayable: readonly Unsayable[]
}

export type Unsayable = keyof typeof UNSAYABLE

/** What no manifest can say: the words that tell of it, and where it is in the answers of Azure. */
export const UNSAYABLE = {
  oldTls: { words: /TLS/, isAt: (key) => key === 'minimumTlsVersion' },
  encryption: { words: /customer-managed key/, isAt: (key) => key === 'encryption' },
  ownRule: { words: /ml-ingest-listen/, isAt: (_, value) => isNamed(value, 'ml-ingest-listen') },
  hubMetadata: { words: /user metadata/, isAt: (key, value) => key === 'userMetadata' && value === HUB_METADATA },
  secretMetadata: {
    words: /looks like it holds a key/,
    isAt: (key, value) => key === 'userMetadata' && (value === SECRET || value === DEFAULTS.userMetadata),
  },
  compactionLag: { words: /compaction lag/, isAt: (key) => key === 'minCompactionLagTimeInMinutes' },
  captureOff: {
    words: /settings of Capture, which is off/,
    isAt: (key, value) => key === 'captureDescription' && isOff(value),
  },
  dataLake: {
    words: /Data Lake/,
    isAt: (key, value) => key === 'captureDescription' && JSON.stringify(value).includes('AzureDataLake'),
  },
} as const satisfies Record<string, { readonly words: RegExp; isAt(key: string, value: unknown): boolean }>

const isOff = (value: unknown): boolean => JSON.stringify(value).includes('"enabled":false')

const isNamed = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && value.name === name

const SUBSCRIPTION = `/subscriptions/${LOCAL_SUBSCRIPTION.subscriptionId}`
const STORAGE = `${SUBSCRIPTION}/resourceGroups/rg-storage/providers/Microsoft.Storage/storageAccounts/lake`
const MANAGED = `${SUBSCRIPTION}/resourceGroups/rg-people/providers/Microsoft.ManagedIdentity/userAssignedIdentities`
const NETWORKS = `${SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub/subnets`
const SECRET = `SharedAccessKey=${'A'.repeat(43)}=`
const HUB_METADATA = 'of the platform'

const IDENTITIES = [`${MANAGED}/ingest`, `${MANAGED}/archive-2`]
const RIGHTS = [['Send'], ['Listen'], ['Listen', 'Send'], ['Listen', 'Manage', 'Send']]
const RULES = ['producer', 'Readers', 'ops.team-1', 'ml-ingest-listen']
const GROUPS = ['trainer', 'Scorer', 'ml-data-consumer-group']
const HUBS = ['clicks', 'Audit', 'a.b_c-d']
const PRINCIPALS = [
  { principalId: 'aaaaaaaa-0000-4000-8000-000000000001', principalType: 'User' },
  { principalId: 'bbbbbbbb-0000-4000-8000-000000000002', principalType: 'Group' },
  { principalId: 'cccccccc-0000-4000-8000-000000000003', principalType: 'ServicePrincipal' },
]
/** Azure Event Hubs Data Owner, Receiver, Sender. */
const ROLES = [
  'f526a384-b230-433a-b45c-95f59c4a2dec',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  '2b629674-e913-4c01-ae53-ef4638d8f975',
]
const FORMAT = '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}'

/** A part of a namespace, and what of it cannot be said. */
interface Part {
  readonly body: Body
  readonly unsayable?: Unsayable
}

const nothing: Part = { body: {} }
const some = <T>(values: readonly T[]): fc.Arbitrary<readonly T[]> => fc.subarray([...values])
const usually = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(usual, usual, usual, ...others)

const rules = some(RULES).chain((names) =>
  fc.tuple(...names.map((name) => fc.constantFrom(...RIGHTS).map((rights) => ({ name, rights })))),
)

const ownRule = ({ name }: { readonly name: string }): Pick<Part, 'unsayable'> =>
  name === 'ml-ingest-listen' ? { unsayable: 'ownRule' } : {}

/** At most one role for each principal, so that the same is not given twice. */
const roles = some(PRINCIPALS).chain((principals) =>
  fc.tuple(...principals.map((principal) => fc.constantFrom(...ROLES).map((role) => ({ ...principal, role })))),
)

const identity = fc.constantFrom(
  undefined,
  undefined,
  { type: 'SystemAssigned' },
  { type: 'UserAssigned', userAssignedIdentities: { [IDENTITIES[0]!]: {} } },
  {
    type: 'SystemAssigned, UserAssigned',
    userAssignedIdentities: Object.fromEntries(IDENTITIES.map((id) => [id, {}])),
  },
)
type Identity = { readonly type: string; readonly userAssignedIdentities?: Body } | undefined

const network = fc.record({
  defaultAction: fc.constantFrom('Allow', 'Deny'),
  trustedServiceAccessEnabled: fc.boolean(),
  ipRules: some(['203.0.113.0/24', '198.51.100.17', '192.0.2.128/25']).map((masks) =>
    masks.map((ipMask) => ({ ipMask, action: 'Allow' })),
  ),
  virtualNetworkRules: some(['ingest', 'Trainers']).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.boolean().map((ignore) => ({
          subnet: { id: `${NETWORKS}/${name}` },
          ignoreMissingVnetServiceEndpoint: ignore,
        })),
      ),
    ),
  ),
})

const tags = fc.dictionary(
  fc.constantFrom('team', 'cost-center', 'constructor', 'hidden-link: x'),
  fc.constantFrom('vision', '', '0815', 'yes', 'a: b # c'),
)

/** Azure takes 1.0 and 1.1 on a namespace that has them. */
const tls = usually<Part>(
  { body: { minimumTlsVersion: '1.2' } },
  { body: { minimumTlsVersion: '1.3' } },
  { body: { minimumTlsVersion: '1.0' }, unsayable: 'oldTls' },
)

const encryption = usually<Part>(nothing, nothing, {
  body: {
    encryption: {
      keySource: 'Microsoft.KeyVault',
      keyVaultProperties: [{ keyName: 'mine', keyVaultUri: 'https://vault.vault.azure.net/', keyVersion: '' }],
    },
  },
  unsayable: 'encryption',
})

const inflateOf = (tier: Tier, capacity: number): fc.Arbitrary<Body> =>
  LIMITS[tier].autoInflate
    ? usually({}, { isAutoInflateEnabled: true, maximumThroughputUnits: capacity + 4 })
    : fc.constant({})

/** Keys, access and encryption are settings of every tier, encryption of Premium alone. */
const namespaceOf = (tier: Tier, capacity: number, has: Identity) =>
  fc
    .record({
      inflate: inflateOf(tier, capacity),
      tls,
      encryption: tier === 'Premium' ? encryption : fc.constant(nothing),
      publicNetworkAccess: usually('Enabled', 'Disabled', 'SecuredByPerimeter'),
      disableLocalAuth: usually(false, true),
      zoneRedundant: fc.boolean(),
      tags,
    })
    .map(({ inflate, tls: least, encryption: keys, tags: labels, ...settings }) => ({
      body: {
        location: 'westeurope',
        tags: labels,
        sku: { name: tier, tier, capacity },
        ...(has && { identity: has }),
        properties: { ...settings, ...inflate, ...least.body, ...keys.body },
      },
      unsayable: [least.unsayable, keys.unsayable],
    }))

const withHours = (cleanupPolicy: string, hours: number, more: Body = {}): Part => ({
  body: { retentionDescription: { cleanupPolicy, retentionTimeInHours: hours, ...more } },
})

function retentionOf(tier: Tier): fc.Arbitrary<Part> {
  const hours = fc.constantFrom(...[1, 7, 24, 25, 168, 2160].filter((one) => one <= LIMITS[tier].maxRetentionHours))
  const kept = hours.map((one) => withHours('Delete', one))
  if (!LIMITS[tier].compaction) return kept
  const tombstones = fc.constantFrom({}, { tombstoneRetentionTimeInHours: 24 })
  const compacted = tombstones.map((more) => withHours('Compact', -1, more))
  const both = fc.tuple(hours, tombstones).map(([one, more]) => withHours('DeleteOrCompact', one, more))
  const lagging: Part = {
    ...withHours('Compact', -1, { minCompactionLagTimeInMinutes: 17 }),
    unsayable: 'compactionLag',
  }
  return fc.oneof({ weight: 6, arbitrary: kept }, compacted, both, fc.constant(lagging))
}

/** Identities that Capture can write with. */
function captureIdentities(has: Identity): readonly (Body | undefined)[] {
  const users = Object.keys(has?.userAssignedIdentities ?? {})
  return [
    undefined,
    ...(has?.type.includes('SystemAssigned') ? [{ type: 'SystemAssigned' }] : []),
    ...users.map((id) => ({ type: 'UserAssigned', userAssignedIdentity: id })),
  ]
}

const DATA_LAKE: Part = {
  body: {
    captureDescription: {
      enabled: true,
      encoding: 'Avro',
      destination: {
        name: 'EventHubArchive.AzureDataLake',
        properties: {
          dataLakeSubscriptionId: LOCAL_SUBSCRIPTION.subscriptionId,
          dataLakeAccountName: 'old-lake',
          dataLakeFolderPath: '/raw',
          archiveNameFormat: FORMAT,
        },
      },
    },
  },
  unsayable: 'dataLake',
}

/** As a portal leaves it. */
const switchedOff = (capture: Part): Part => ({
  body: { captureDescription: { ...(capture.body['captureDescription'] as Body), enabled: false } },
  unsayable: 'captureOff',
})

const captureOf = (has: Identity): fc.Arbitrary<Part> =>
  fc
    .record({
      encoding: usually('Avro', 'AvroDeflate'),
      intervalInSeconds: fc.constantFrom(60, 61, 300, 899),
      sizeLimitInBytes: fc.constantFrom(10_485_760, 10_485_763, 314_572_800, 524_288_000),
      skipEmptyArchives: fc.boolean(),
      identity: fc.constantFrom(...captureIdentities(has)),
      archiveNameFormat: usually(FORMAT, FORMAT.replaceAll('/', '-')),
    })
    .map(({ identity: writer, archiveNameFormat, ...settings }) => ({
      body: {
        captureDescription: {
          enabled: true,
          ...settings,
          destination: {
            name: 'EventHubArchive.AzureBlockBlob',
            ...(writer && { identity: writer }),
            properties: { storageAccountResourceId: STORAGE, blobContainer: 'raw', archiveNameFormat },
          },
        },
      },
    }))

const group = fc.constantFrom<Part>(
  nothing,
  { body: { userMetadata: 'of team: vision # 1' } },
  { body: { userMetadata: SECRET }, unsayable: 'secretMetadata' },
)

const hubOf = (name: string, tier: Tier, has: Identity) =>
  fc
    .record({
      partitionCount: fc.constantFrom(1, 2, 5, 32),
      retention: retentionOf(tier),
      capture: LIMITS[tier].capture
        ? fc.oneof(
            { weight: 3, arbitrary: fc.constant(nothing) },
            captureOf(has),
            captureOf(has).map(switchedOff),
            fc.constant(DATA_LAKE),
          )
        : fc.constant(nothing),
      status: usually('Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'),
      timestampType: usually('LogAppend', 'Create'),
      metadata: usually<Part>(nothing, { body: { userMetadata: HUB_METADATA }, unsayable: 'hubMetadata' }),
      groups: LIMITS[tier].maxConsumerGroups > 1 ? some(GROUPS) : fc.constant([]),
      rules,
      roles,
    })
    .chain(({ groups, ...drawn }) =>
      fc
        .tuple(...groups.map((one) => group.map((part) => ({ name: one, ...part }))))
        .map((made) => hubPuts(name, { ...drawn, groups: made })),
    )

interface DrawnHub {
  readonly partitionCount: number
  readonly retention: Part
  readonly capture: Part
  readonly status: string
  readonly timestampType: string
  readonly metadata: Part
  readonly groups: readonly (Part & { readonly name: string })[]
  readonly rules: readonly { readonly name: string; readonly rights: readonly string[] }[]
  readonly roles: readonly Role[]
}

interface Role {
  readonly principalId: string
  readonly principalType: string
  readonly role: string
}

type Made = Pick<AzureNamespace, 'puts'> & { readonly unsayable: readonly (Unsayable | undefined)[] }

/** Azure makes no hub that takes no events, and captures no hub that is disabled. */
function hubPuts(name: string, drawn: DrawnHub): Made {
  const { partitionCount, retention, metadata, status: asked, timestampType, capture } = drawn
  const below = `/eventhubs/${name}`
  const status = capture !== nothing && asked === 'Disabled' ? 'ReceiveDisabled' : asked
  const body = (now: string): Body => ({
    properties: {
      ...{ partitionCount, ...retention.body, ...capture.body, ...metadata.body },
      ...{ status: now, messageTimestampDescription: { timestampType } },
    },
  })
  return {
    puts: [
      { below, body: body(status === 'SendDisabled' ? 'Active' : status) },
      ...(status === 'SendDisabled' ? [{ below, body: body(status) }] : []),
      ...drawn.groups.map((one) => ({ below: `${below}/consumergroups/${one.name}`, body: { properties: one.body } })),
      ...rulePuts(below, drawn.rules),
      ...rolePuts(below, drawn.roles),
    ],
    unsayable: [retention, capture, metadata, ...drawn.groups, ...drawn.rules.map(ownRule)].map(
      (part) => part.unsayable,
    ),
  }
}

const rulePuts = (below: string, all: DrawnHub['rules']): readonly Put[] =>
  all.map(({ name, rights }) => ({ below: `${below}/authorizationRules/${name}`, body: { properties: { rights } } }))

const rolePuts = (below: string, all: readonly Role[]): readonly Put[] =>
  all.map(({ role, ...principal }) => ({
    below: `${below}/providers/Microsoft.Authorization/roleAssignments/${principal.principalId.replace(/^..../, role.slice(0, 4))}`,
    body: {
      properties: {
        ...principal,
        roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    },
  }))

/** Namespaces of every tier with one to three hubs, and all that can be set on them. */
export const azureNamespace: fc.Arbitrary<AzureNamespace> = fc
  .record({
    tier: usually<Tier>('Standard', 'Basic', 'Premium'),
    capacity: fc.constantFrom(1, 2, 4),
    identity,
    hubs: fc.subarray(HUBS, { minLength: 1 }),
  })
  .chain(({ tier, capacity, identity: has, hubs }) =>
    fc
      .record({
        namespace: namespaceOf(tier, capacity, has),
        network: tier === 'Basic' ? fc.constant(undefined) : fc.option(network, { nil: undefined }),
        rules,
        roles,
        inside: fc.tuple(...hubs.map((name) => hubOf(name, tier, has))),
      })
      .map((drawn) => ({
        hubs,
        puts: [
          { below: '', body: drawn.namespace.body },
          ...(drawn.network ? [{ below: '/networkRuleSets/default', body: { properties: drawn.network } }] : []),
          ...rulePuts('', drawn.rules),
          ...rolePuts('', drawn.roles),
          ...drawn.inside.flatMap(({ puts }) => puts),
        ],
        unsayable: [
          ...drawn.namespace.unsayable,
          ...drawn.rules.map((rule) => ownRule(rule).unsayable),
          ...drawn.inside.flatMap(({ unsayable }) => unsayable),
        ].filter((one) => one !== undefined),
      })),
  )
