import { expect, test } from 'vitest'
import type { Seed } from '../../src/local/index.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { armGet, GROUP, GROUP_PATH, NAMESPACE, NAMESPACE_PATH, PLACE, TARGET } from './support.ts'
import { tapWire } from './wire-tap.ts'

/** 2^63-1 on the wire: more than a JavaScript number holds. */
const INT64 = 'int64:9223372036854775807'

/** A front door that other people have been at with tools that know more than this one. */
const SEED: Seed = {
  groups: [{ name: GROUP, location: 'northeurope', tags: { owner: 'platform' } }],
  namespaces: [
    {
      group: GROUP,
      name: NAMESPACE,
      location: 'westeurope',
      tags: { Team: 'vision', 'cost-center': '0815', empty: '' },
      sku: { name: 'Standard', capacity: 6 },
      properties: {
        isAutoInflateEnabled: true,
        maximumThroughputUnits: 12,
        minimumTlsVersion: '1.2',
        publicNetworkAccess: 'Enabled',
        alternateName: 'of-the-future',
        futureProperty: { nested: [1, { deep: true }], limit: INT64 },
      },
      identity: { type: 'SystemAssigned', principalId: 'b6a2', tenantId: 'f00d' },
      networkRules: {
        defaultAction: 'Deny',
        publicNetworkAccess: 'Enabled',
        trustedServiceAccessEnabled: true,
        ipRules: [{ ipMask: '203.0.113.0/24', action: 'Allow' }],
        virtualNetworkRules: [],
      },
      rules: [{ name: 'pipeline', rights: ['Send'] }],
      hubs: [
        {
          name: 'clicks',
          properties: {
            partitionCount: 7,
            status: 'Active',
            retentionDescription: {
              cleanupPolicy: 'Delete',
              retentionTimeInHours: 24,
              minCompactionLagTimeInMinutes: 17,
            },
            messageTimestampDescription: { timestampType: 'Create' },
            captureDescription: {
              enabled: true,
              encoding: 'Avro',
              intervalInSeconds: 300,
              sizeLimitInBytes: 314_572_800,
              skipEmptyArchives: true,
              destination: {
                name: 'EventHubArchive.AzureBlockBlob',
                properties: {
                  storageAccountResourceId:
                    '/subscriptions/1/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/lake',
                  blobContainer: 'raw',
                  archiveNameFormat:
                    '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
                },
              },
            },
            userMetadata: 'kept by hand',
            futureProperty: { nested: { deeper: [null, 'x', 0.5] }, ceiling: INT64 },
            futureFlag: false,
          },
          consumerGroups: [{ name: 'trainer', properties: { userMetadata: 'Training', futureProperty: { a: 1 } } }],
          rules: [
            { name: 'ml-ingest-send-listen', rights: ['Listen', 'Send'] },
            { name: 'other', rights: ['Manage', 'Send', 'Listen'] },
          ],
        },
        {
          name: 'compacted',
          properties: { retentionDescription: { cleanupPolicy: 'Compact', retentionTimeInHours: -1 } },
        },
      ],
    },
  ],
}

const HUB_PATH = `${NAMESPACE_PATH}/eventhubs/clicks`
const TRAINER_PATH = `${HUB_PATH}/consumergroups/trainer`
const EVERYTHING = [
  GROUP_PATH,
  NAMESPACE_PATH,
  `${NAMESPACE_PATH}/networkRuleSets/default`,
  `${NAMESPACE_PATH}/authorizationRules`,
  `${NAMESPACE_PATH}/eventhubs`,
  HUB_PATH,
  `${HUB_PATH}/consumergroups`,
  `${HUB_PATH}/authorizationRules`,
]

/** Every resource as the text that Resource Manager answers, without the time of the last change. */
async function textsOf({ arm }: TestAzure): Promise<Record<string, string>> {
  const texts = EVERYTHING.map(async (path) => [
    path,
    (await armGet(arm, path))!.replaceAll(/"updatedAt":"[^"]*"/g, '"updatedAt":""'),
  ])
  return Object.fromEntries((await Promise.all(texts)) as [string, string][])
}

interface Case {
  readonly change: string
  readonly flags: readonly string[]
  readonly writes: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[]
  /** What differs in the texts afterwards, and in nothing else. */
  readonly edits: readonly (readonly [from: string, to: string])[]
}

const HUB = ['--hub', 'clicks']
const cases: readonly Case[] = [
  {
    change: 'only retention',
    flags: [...HUB, '--retention', '7d'],
    writes: [{ method: 'PUT', path: HUB_PATH }],
    edits: [
      [
        '"cleanupPolicy":"Delete","retentionTimeInHours":24,"minCompactionLagTimeInMinutes":17',
        '"cleanupPolicy":"Delete","retentionTimeInHours":168,"minCompactionLagTimeInMinutes":17',
      ],
      ['},"messageRetentionInDays":1,"partitionCount":7', '},"messageRetentionInDays":7,"partitionCount":7'],
    ],
  },
  {
    change: 'only a tag',
    flags: [...HUB, '--tag', 'team=speech', '--tag', 'new=yes'],
    writes: [
      {
        method: 'PATCH',
        path: NAMESPACE_PATH,
        body: { tags: { Team: 'speech', 'cost-center': '0815', empty: '', new: 'yes' }, properties: {} },
      },
    ],
    edits: [
      [
        '{"Team":"vision","cost-center":"0815","empty":""}',
        '{"Team":"speech","cost-center":"0815","empty":"","new":"yes"}',
      ],
    ],
  },
  {
    change: 'only user metadata',
    flags: [...HUB, '--consumer-group', 'trainer', '--user-metadata', 'Retraining'],
    writes: [
      {
        method: 'PUT',
        path: TRAINER_PATH,
        body: { properties: { userMetadata: 'Retraining', futureProperty: { a: 1 } } },
      },
    ],
    edits: [['"userMetadata":"Training"', '"userMetadata":"Retraining"']],
  },
  {
    change: 'only capacity',
    flags: [...HUB, '--capacity', '8'],
    writes: [
      {
        method: 'PATCH',
        path: NAMESPACE_PATH,
        body: { sku: { name: 'Standard', tier: 'Standard', capacity: 8 }, properties: {} },
      },
    ],
    edits: [['"capacity":6', '"capacity":8']],
  },
  {
    change: 'only the auto-inflate maximum',
    flags: [...HUB, '--auto-inflate-max', '20'],
    writes: [
      {
        method: 'PATCH',
        path: NAMESPACE_PATH,
        body: { properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 20 } },
      },
    ],
    edits: [['"maximumThroughputUnits":12', '"maximumThroughputUnits":20']],
  },
  {
    change: 'nothing: a floor below what Azure inflated to, values that are there, rights in another order',
    flags: [
      '--hub',
      'clicks:7:24h',
      '--capacity',
      '2',
      '--auto-inflate-max',
      '12',
      '--tier',
      'Standard',
      '--kafka',
      '--tag',
      'TEAM=vision',
      '--consumer-group',
      'TRAINER',
      '--user-metadata',
      'Training',
    ],
    writes: [],
    edits: [],
  },
  { change: 'nothing: no opinion about anything', flags: HUB, writes: [], edits: [] },
]

test.each(cases)('create that changes $change', async ({ flags, writes, edits }) => {
  const azure = await startTestAzure({ seed: SEED })
  const before = await textsOf(azure)
  const tap = await tapWire(azure)
  const run = await azure.run(['create', ...TARGET, ...flags, '--yes'], { env: tap.env })
  expect(run.exitCode, run.stderr).toBe(0)
  const sent = tap.requests.filter(({ method, path }) => method !== 'GET' && !/listKeys$/i.test(path))
  expect(
    sent.map(({ method, path, body }, i) => ({
      method,
      path,
      ...(writes[i]?.body !== undefined && { body: JSON.parse(body) as unknown }),
    })),
  ).toEqual(writes)
  const wanted = Object.fromEntries(
    Object.entries(before).map(([path, text]) => [
      path,
      edits.reduce((edited, [from, to]) => edited.replace(from, to), text),
    ]),
  )
  const written = sent.map(({ path }) => path)
  expect(valuesOf(await textsOf(azure))).toEqual(valuesOf(roundedByTheServer(wanted, written)))
})

/** The order of keys is the server's affair; a number is what its digits say. */
const valuesOf = (texts: Record<string, string>): unknown =>
  Object.values(texts).map((text) => JSON.parse(text.replaceAll(/:(\d{16,})/g, ':"$1"')) as unknown)

/** The embedded Azure keeps numbers as JavaScript does: what it was sent rightly, it cannot keep. */
function roundedByTheServer(texts: Record<string, string>, written: readonly string[]): Record<string, string> {
  if (!written.includes(HUB_PATH)) return texts
  const isRounded = (path: string) => path === HUB_PATH || path === `${NAMESPACE_PATH}/eventhubs`
  return Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [
      path,
      isRounded(path) ? text.replace('"ceiling":9223372036854775807', '"ceiling":9223372036854776000') : text,
    ]),
  )
}

test('what is written back holds numbers as they came, and nothing that Azure alone sets', async () => {
  const azure = await startTestAzure({ seed: SEED })
  const tap = await tapWire(azure)
  const before = (await armGet(azure.arm, HUB_PATH))!
  await azure.run(['create', ...TARGET, ...HUB, '--retention', '7d', '--yes'], { env: tap.env })
  const { body } = tap.requests.find(({ method }) => method === 'PUT')!
  expect(body).toContain('"ceiling":9223372036854775807')
  const sent = (JSON.parse(body) as { properties: object }).properties
  const had = (JSON.parse(before) as { properties: object }).properties
  const { createdAt, updatedAt, partitionIds, messageRetentionInDays, retentionDescription, ...rest } = had as Record<
    string,
    unknown
  >
  expect([createdAt, updatedAt, partitionIds, messageRetentionInDays].every((one) => one !== undefined)).toBe(true)
  expect(sent).toEqual({
    ...rest,
    retentionDescription: { ...(retentionDescription as object), retentionTimeInHours: 168 },
  })
  expect(Object.keys(JSON.parse(body) as object)).toEqual(['properties'])
})

test('the group has another region than the namespace, and --location means the namespace', async () => {
  const azure = await startTestAzure({ seed: SEED })
  expect(await azure.run(['create', ...PLACE, ...HUB, '--yes'])).toMatchObject({ exitCode: 0 })
  expect(azure.writes()).toEqual([])
})

test('inflated above the floor is noted, and --reset-capacity alone lowers it', async () => {
  const azure = await startTestAzure({ seed: SEED })
  const floor = [...TARGET, ...HUB, '--capacity', '2']
  const plan = await azure.run(['plan', ...floor, '--exit-code'])
  expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('inflated to 6, floor 2') as string })
  const tap = await tapWire(azure)
  expect(await azure.run(['create', ...floor, '--reset-capacity', '--yes'], { env: tap.env })).toMatchObject({
    exitCode: 0,
  })
  expect(
    tap.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body) as unknown),
  ).toEqual([{ sku: { name: 'Standard', tier: 'Standard', capacity: 2 }, properties: {} }])
})
