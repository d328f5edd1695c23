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
          { name: 'eh1', partitions: 2, retentionHours: 1, consumerGroups: ['cg1'] },
          { name: 'eh2', partitions: 32, retentionHours: 1, consumerGroups: [] },
        ],
      },
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
      `${at}.Name is "mine": it must be emulatorNs1`,
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
