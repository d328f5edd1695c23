import fc from 'fast-check'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { Failure } from '../../src/lib/errors.ts'
import type { Connection } from '../../src/engine/connection.ts'
import type { KeepStep, RefuseStep, Target } from '../../src/resources/step.ts'
import type { CreateStep, Step, UpdateStep, Plan } from '../../src/engine/plan.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { About } from '../../src/ui/error-view.ts'
import { makeStyle, type Canvas } from '../../src/ui/text.ts'
import { spellerOf } from '../../src/ui/spell.ts'

export const KEY = 'mXh1Jm3w0x2nQ8qk4bV7rT5yU9oPzLcA6dEfGhIjKs0='
export const ABOUT: About = {
  version: '1.2.0',
  node: 'v20.20.2',
  platform: 'linux x64',
  issuesUrl: 'https://example.org/issues',
}

export const canvas = (width: number): Canvas => ({ style: makeStyle(0, true), width })

/** Of a run that is about one namespace. */
export const speller = spellerOf({
  command: PROGRAM.commands.find(({ name }) => name === 'create')!,
  commands: PROGRAM.commands,
  given: { namespace: { value: 'ns-demo', source: 'flag', texts: ['ns-demo'] } },
  shell: 'posix',
})

export const stringOf = (hub: string | undefined, rule = 'ml-ingest-send'): string =>
  `Endpoint=sb://ns-demo.servicebus.windows.net/;SharedAccessKeyName=${rule};SharedAccessKey=${KEY}` +
  (hub === undefined ? '' : `;EntityPath=${hub}`)

export function sasConnection(changes: Partial<Connection> = {}): Connection {
  const { hub = 'clicks', host = 'ns-demo.servicebus.windows.net' } = changes
  return {
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'rg-demo',
    namespace: 'ns-demo',
    namespaceId:
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-demo',
    host,
    hub,
    hubStatus: 'Active',
    consumerGroups: ['trainer', 'audit'],
    kafka: { servers: `${host}:9093`, protocol: 'SASL_SSL' },
    tierHasKafka: true,
    conditions: [],
    sign: {
      kind: 'sas',
      rule: 'ml-ingest-send-listen',
      scope: 'hub',
      rights: ['Send', 'Listen'],
      key: new Secret(KEY),
      connectionString: new Secret(stringOf(hub, 'ml-ingest-send-listen')),
      secondary: false,
    },
    ...changes,
  }
}

export const entraConnection = (changes: Partial<Connection> = {}): Connection =>
  sasConnection({
    sign: {
      ...{ kind: 'entra', granted: false, embedded: false },
      roles: ['Azure Event Hubs Data Sender', 'Azure Event Hubs Data Receiver'],
    },
    ...changes,
  })

export const createStep = (target: Target, details: readonly string[] = []): CreateStep => {
  const writes = {
    provider: { op: 'register-provider' },
    group: { op: 'create-group', location: 'westeurope', tags: {} },
    namespace: {
      op: 'create-namespace',
      body: { location: 'westeurope', tier: 'Standard', capacity: 1, autoInflateMax: 0, minimumTls: '1.2', tags: {} },
    },
    'network-rules': {
      op: 'put-network-rules',
      spec: {
        defaultAction: { value: 'Deny', given: true },
        trustedServices: { value: false, given: false },
        ipRules: ['203.0.113.7'],
        subnets: [],
        removeOthers: false,
      },
    },
    hub: { op: 'create-hub', body: { partitions: 4, retentionHours: 24 } },
    'consumer-group': { op: 'create-consumer-group', body: { userMetadata: '' } },
    rule: { op: 'put-rule', rights: ['Send'] },
    'role-assignment': {
      op: 'assign-role',
      grant: {
        principalId: '8c1d2e3f-0000-0000-0000-000000000000',
        role: 'sender',
        principalType: 'Group',
        scope: 'hub',
      },
    },
  } as const
  return { action: 'create', target, details, write: writes[target.kind] }
}
export const updateStep = (target: Target, changes: UpdateStep['changes']): UpdateStep => ({
  action: 'update',
  target,
  changes,
  write: { op: 'update-hub', changes: { retentionHours: 168 } },
})
export const keepStep = (target: Target, details: readonly string[] = []): KeepStep => ({
  action: 'keep',
  target,
  details,
})
export const refuseStep: RefuseStep = {
  action: 'refuse',
  target: { kind: 'hub', name: 'clicks' },
  changes: [{ field: 'partitions', from: 8, to: 16 }],
  refusals: [
    {
      what: "Can't change the partition count of hub clicks",
      because: 'On Standard it is fixed when the hub is created.',
      waysOut: [
        {
          text: 'keep 8 partitions',
          edit: { hub: { of: 'clicks', name: 'clicks', partitions: 8, retention: 168 } },
        },
        { text: 'Premium can grow partitions, but needs a new namespace.' },
      ],
      link: 'https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions',
    },
  ],
}

export const FRONT_DOOR: readonly Target[] = [
  { kind: 'group', name: 'rg-demo' },
  { kind: 'namespace', name: 'ns-demo' },
  { kind: 'hub', name: 'clicks' },
  { kind: 'consumer-group', hub: 'clicks', name: 'trainer' },
  { kind: 'rule', hub: 'clicks', name: 'ml-ingest-send-listen' },
]

export const forbidden = (): Failure =>
  new Failure({
    message: 'Failed to create hub clicks',
    azure: { status: 403, code: 'AuthorizationFailed', requestId: '6f1c0b7e-5a41-4c0e-9a53-1f2f0c3d9b10' },
    why: ['dana@contoso.com may not write event hubs in ns-demo.'],
    hint: 'Ask an owner of rg-demo for the role Contributor, then run the same command again.',
    code: 'access',
  })

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}[A-Za-z0-9]$/)
const phrase = fc
  .array(fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'B', '7', '-', ';', '日', '\n', '\x1b', '\u009b') }), {
    maxLength: 12,
  })
  .map((words) => words.join(' '))
const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constantFrom('provider', 'group', 'namespace', 'hub'), name }),
  fc.record({ kind: fc.constantFrom('consumer-group', 'rule'), hub: name, name }),
)
const shown = fc.oneof(fc.string({ maxLength: 20, unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null))
const changes = fc.array(
  fc.record({ field: fc.constantFrom('retention', 'capacity', 'tags'), from: shown, to: shown }),
  {
    maxLength: 4,
  },
)
const refusal = fc.record({
  what: phrase,
  because: phrase,
  waysOut: fc.array(
    fc.oneof(
      fc.record({ text: phrase }),
      fc.record({ text: phrase, edit: fc.record({ namespace: name, location: name }, { requiredKeys: [] }) }),
    ),
    { maxLength: 3 },
  ),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(target, fc.array(phrase, { maxLength: 3 })).map(([at, details]) => createStep(at, details)),
  fc.tuple(target, fc.array(phrase, { maxLength: 3 })).map(([at, details]) => keepStep(at, details)),
  fc.tuple(target, changes).map(([at, list]) => updateStep(at, list)),
  fc.record({ action: fc.constant('refuse' as const), target, changes, refusals: fc.array(refusal, { maxLength: 2 }) }),
)

/** Any plan that the types allow, with text that came from anywhere. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    steps: fc.array(step, { maxLength: 12 }),
    notes: fc.array(fc.record({ target, text: phrase }), { maxLength: 2 }),
  })
  .map(({ steps, notes }) => {
    const has = (action: Step['action']) => steps.some((one) => one.action === action)
    const outcome = has('refuse') ? 'refused' : has('create') || has('update') ? 'applicable' : 'no-op'
    return { outcome, steps, notes } as Plan
  })

/** A value of a flag that cannot be; `message` says why. */
export const problem = (input: string, flag: string, text: string) =>
  ({ kind: 'invalid', input, origin: { kind: 'flag', name: flag }, text }) as const
