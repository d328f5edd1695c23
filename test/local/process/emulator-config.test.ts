import { describe, expect, test } from 'vitest'
import { readEmulatorConfig } from '../../../src/local/process/emulator-config.ts'

/** As in https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator */
const entity = (name: string, more: object = {}) => ({
  Name: name,
  PartitionCount: '2',
  ConsumerGroups: [{ Name: 'cg1' }],
  ...more,
})
const config = (entities: readonly unknown[], namespace: object = {}) =>
  JSON.stringify({
    UserConfig: {
      NamespaceConfig: [{ Type: 'EventHub', Name: 'emulatorNs1', Entities: entities, ...namespace }],
      LoggingConfig: { Type: 'File' },
    },
  })
const problemsOf = (text: string) => {
  const read = readEmulatorConfig(text)
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path} ${message}`)
}

describe('the configuration of the official emulator', () => {
  test('is read as it is', () => {
    const text = config([entity('eh1'), entity('eh2', { PartitionCount: 32, ConsumerGroups: undefined })])
    expect(readEmulatorConfig(`\uFEFF${text}`)).toEqual({
      ok: true,
      namespace: {
        group: 'emulator-rg',
        name: 'emulatorNs1',
        rootKey: 'SAS_KEY_VALUE',
        hubs: [
          { name: 'eh1', partitions: 2, retentionHours: 1, rule: 'ml-ingest-send-listen', consumerGroups: ['cg1'] },
          { name: 'eh2', partitions: 32, retentionHours: 1, rule: 'ml-ingest-send-listen', consumerGroups: [] },
        ],
      },
      warnings: [],
    })
  })

  test('may name $Default, which is there anyway', () => {
    const read = readEmulatorConfig(config([entity('eh1', { ConsumerGroups: [{ Name: '$default' }, { Name: 'a' }] })]))
    expect(read).toMatchObject({ namespace: { hubs: [{ consumerGroups: ['a'] }] } })
  })

  test('has all its mistakes told, each with its place', () => {
    const entities = [
      entity('eh1', { PartitionCount: 0, ConsumerGroups: [{ Name: 'a' }, { Name: 'A' }, {}, 7] }),
      entity('EH1', { PartitionCount: '101' }),
      { Name: 'bad name', ConsumerGroups: {} },
      'eh4',
    ]
    const at = 'UserConfig.NamespaceConfig[0]'
    expect(problemsOf(config(entities, { Type: 'ServiceBus', Name: 'mine' }))).toEqual([
      `${at}.Type is "ServiceBus": it must be EventHub`,
      `${at}.Entities[1].Name is used twice`,
      `${at}.Entities[0].ConsumerGroups[1].Name is used twice`,
      `${at}.Entities[0].ConsumerGroups[2].Name is missing`,
      `${at}.Entities[0].ConsumerGroups[3] is 7: it must be an object`,
      `${at}.Entities[0].PartitionCount is 0: it must be a whole number from 1 to 100`,
      `${at}.Entities[1].PartitionCount is "101": it must be a whole number from 1 to 100`,
      `${at}.Entities[2].ConsumerGroups is {}: it must be an array`,
      expect.stringMatching(/Entities\[2\]\.Name is "bad name": a name has letters/) as string,
      `${at}.Entities[2].PartitionCount is missing`,
      `${at}.Entities[3] is "eh4": it must be an object`,
    ])
  })

  test.each([
    [{ Name: 'mine' }, 'Name is "mine": the namespace is called emulatorNs1 here'],
    [{ Name: undefined }, 'Name is missing: the namespace is called emulatorNs1 here'],
    [{ Name: 7 }, 'Name is 7: the namespace is called emulatorNs1 here'],
    [{ Type: undefined }, 'Type is missing: EventHub is taken'],
    [{ Entities: [] }, 'Entities is empty: no hub is made'],
  ])('with %j in its namespace is taken with a warning', (namespace, warning) => {
    const read = readEmulatorConfig(config([entity('eh1')], namespace))
    expect(read).toMatchObject({ ok: true, namespace: { name: 'emulatorNs1' } })
    expect(read.ok && read.warnings.map(({ path, message }) => `${path} ${message}`)).toEqual([
      `UserConfig.NamespaceConfig[0].${warning}`,
    ])
  })

  test('is told from that of the Service Bus emulator, which lists its namespaces under another name', () => {
    const namespaces = [{ Name: 'sbemulatorns', Queues: [{ Name: 'queue.1' }], Topics: [] }]
    expect(readEmulatorConfig(JSON.stringify({ UserConfig: { Namespaces: namespaces } }))).toEqual({
      ok: false,
      problems: [
        {
          path: 'UserConfig.Namespaces[0]',
          message: 'has Queues and Topics: this is a file of the Service Bus emulator, not of Event Hubs',
        },
      ],
    })
  })

  test('is told from that of the Service Bus emulator', () => {
    const namespace = { Type: undefined, Name: 'sbemulatorns', Entities: undefined, Queues: [], Topics: [] }
    expect(problemsOf(config([], namespace))).toEqual([
      'UserConfig.NamespaceConfig[0] has Queues and Topics: this is a file of the Service Bus emulator, not of Event Hubs',
    ])
  })

  test.each([
    ['{', ' is not JSON'],
    ['[]', 'UserConfig is missing'],
    ['{"UserConfig":{}}', 'UserConfig.NamespaceConfig is missing'],
    ['{"UserConfig":{"NamespaceConfig":[]}}', 'UserConfig.NamespaceConfig has 0 entries'],
    ['{"UserConfig":{"NamespaceConfig":[{},{}]}}', 'UserConfig.NamespaceConfig has 2 entries'],
    [
      config([entity('eh1', { ConsumerGroups: Array.from({ length: 100 }, (_, i) => ({ Name: `g${i}` })) })]),
      'has 100 groups',
    ],
  ])('%s: %s', (text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem)
  })
})
