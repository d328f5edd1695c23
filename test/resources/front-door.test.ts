import { describe, expect, it } from 'vitest'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { LIMITS, TIERS } from '../../src/lib/limits.ts'
import { defaultNamespaceName } from '../../src/resources/namespace/name.ts'
import { parseLocation, parseNamespaceName } from '../../src/inputs/parsers.ts'
import { REGIONS } from '../../src/inputs/regions.ts'
import { aSpec, homeWords, specOf, SUBSCRIPTION } from '../support/worlds.ts'

const a = (count: number): string => 'a'.repeat(count)
const list = (count: number, flag: string, text: (i: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, i) => [flag, text(i)]).flat()

describe('at the limits', () => {
  it.each([
    ['the shortest namespace name', ['-n', 'abc123']],
    ['the longest namespace name', ['-n', a(50)]],
    ['a namespace name that only looks reserved', ['-n', 'orders-sbx']],
    ['the longest resource group name', ['-g', a(90)]],
    ['an odd resource group name', ['-g', '(_a.b-c)']],
    ['a hub name of one letter', ['--hub', 'a']],
    ['the longest hub name', ['--hub', a(256)]],
    ['a hub name of every character', ['--hub', 'A1._-z9']],
    ['the longest consumer group name', ['--consumer-group', a(50)]],
    ['the longest policy name', ['--policy', a(50)]],
    ['the longest user metadata', ['--user-metadata', a(1024)]],
    ['the longest tag', ['--tag', `${a(512)}=${a(256)}`]],
    ['a tag without a value', ['--tag', 'empty=']],
    ['a tag with = in its value', ['--tag', 'query=a=b']],
    ['49 tags', list(49, '--tag', (i) => `t${i}=x`)],
    ['10 hubs', list(10, '--hub', (i) => `h${i}`)],
    [
      '19 consumer groups, and $Default again',
      list(19, '--consumer-group', (i) => `g${i}`).concat(['--consumer-group', '$DEFAULT']),
    ],
    [
      '100 hubs on one processing unit',
      ['--tier', 'Premium', '--capacity', '1', ...list(100, '--hub', (i) => `h${i}:2`)],
    ],
    [
      '200 partitions on one processing unit',
      ['--tier', 'Premium', '--capacity', '1', '--hub', 'a:100', '--hub', 'b:100'],
    ],
    ['99 consumer groups on Premium', ['--tier', 'Premium', ...list(99, '--consumer-group', (i) => `g${i}`)]],
    ['a floor at the maximum', ['--capacity', '40', '--auto-inflate-max', '40']],
    ['auto-inflate switched off on Basic', ['--tier', 'Basic', '--auto-inflate-max', '0']],
    ['$Default alone on Basic', ['--tier', 'Basic', '--consumer-group', '$Default']],
    ['Kafka on Premium', ['--tier', 'Premium', '--kafka']],
    ['the shortest and the longest time limit', ['--timeout', '1s']],
  ])('%s', (_, words) => {
    expect(() => aSpec(words)).not.toThrow()
  })

  it.each(TIERS)('%s: each capacity, the most partitions, the longest retention', (tier) => {
    const { capacities, maxPartitionsPerHub, maxRetentionHours } = LIMITS[tier]
    for (const capacity of capacities ?? []) {
      const words = [
        '--tier',
        tier,
        '--capacity',
        String(capacity),
        '--hub',
        `h:${maxPartitionsPerHub}:${maxRetentionHours}h`,
      ]
      expect(aSpec(words)).toMatchObject({
        namespace: { tier: { value: tier, given: true }, capacity: { value: capacity } },
        hubs: [{ partitions: { value: maxPartitionsPerHub }, retentionHours: { value: maxRetentionHours } }],
      })
    }
  })

  it.each([
    ['24h', 24],
    ['1h', 1],
    ['7d', 168],
    ['7D', 168],
    [' 2d ', 48],
  ])('retention %s', (text, hours) => {
    expect(aSpec(['--retention', text]).hubs[0].retentionHours).toEqual({ value: hours, given: true })
  })

  it.each([
    ['standard', 'Standard'],
    ['PREMIUM', 'Premium'],
    ['dedicated', 'Dedicated'],
  ])('a tier in any case: %s', (text, tier) => {
    expect(aSpec(['--tier', text]).namespace.tier.value).toBe(tier)
  })
})

describe('a spec', () => {
  it('has a default for everything but the subscription, and none of them is given', () => {
    expect(specOf(['-s', SUBSCRIPTION])).toEqual({
      subscriptionId: SUBSCRIPTION,
      isLocal: false,
      resourceGroup: 'ml-data-ingestion-rg',
      location: undefined,
      namespace: {
        name: defaultNamespaceName(SUBSCRIPTION, 'ml-data-ingestion-rg'),
        tier: { value: 'Standard', given: false },
        capacity: { value: 1, given: false },
        autoInflateMax: { value: 0, given: false },
        resetCapacity: false,
        kafka: false,
        localAuthDisabled: { value: false, given: false },
        minimumTls: { value: '1.2', given: false },
        publicNetworkAccess: { value: 'Enabled', given: false },
        zoneRedundant: undefined,
        identity: { added: [], removed: [] },
        tags: {},
      },
      network: undefined,
      hubs: [
        expect.objectContaining({
          name: 'ml-data-stream',
          partitions: { value: 4, given: false },
          retentionHours: { value: 24, given: false },
          consumerGroups: [
            {
              name: 'ml-data-consumer-group',
              userMetadata: { value: 'Machine Learning Data Consumer Group', given: false },
              given: false,
            },
          ],
        }),
      ],
      rule: { kind: 'access', access: 'send-listen', given: false },
      accessRules: [],
      grants: [],
    })
  })

  it("takes a hub's own numbers before those for all hubs", () => {
    const { hubs } = aSpec('--hub a:8:48h --hub b:2 --hub c --partitions 16 --retention 3d')
    expect(hubs.map((hub) => [hub.partitions.value, hub.retentionHours.value])).toEqual([
      [8, 48],
      [2, 72],
      [16, 72],
    ])
    expect(hubs.every((hub) => hub.partitions.given && hub.retentionHours.given)).toBe(true)
  })

  it('leaves $Default out in any case of letters', () => {
    const { hubs } = aSpec(['--consumer-group', '$default', '--consumer-group', '$DEFAULT', '--consumer-group', 'a'])
    expect(hubs[0].consumerGroups.map((group) => group.name)).toEqual(['a'])
  })

  it('puts a default consumer group where the tier that will be has room for it', () => {
    const groups = (line: string, liveTier?: 'Basic' | 'Standard') =>
      aSpec(line, liveTier ? { liveTier } : {}).hubs[0].consumerGroups.length
    expect(groups('')).toBe(1)
    expect(groups('--tier Basic')).toBe(0)
    expect(groups('', 'Basic')).toBe(0)
    expect(groups('--tier Standard', 'Basic')).toBe(1)
    expect(groups('--tier Basic', 'Standard')).toBe(0)
  })

  it('keeps tags as they were given, whatever they are called', () => {
    const { tags } = aSpec(['--tag', 'constructor=a', '--tag', '__proto__=b', '--tag', 'Team=c']).namespace
    expect(Object.entries(tags)).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['Team', 'c'],
    ])
  })

  it('takes the only subscription there is when nobody names one', () => {
    expect(specOf([], { subscriptionId: SUBSCRIPTION }).subscriptionId).toBe(SUBSCRIPTION)
    expect(aSpec('', { subscriptionId: 'other' }).subscriptionId).toBe(SUBSCRIPTION)
  })
})

describe('a location', () => {
  it.each([...REGIONS, 'West Europe', 'WESTEUROPE', ' eastus2 '])('%s', (text) => {
    expect(parseLocation(text)).toEqual({ ok: true, value: text.toLowerCase().replaceAll(' ', '') })
  })

  // Announced or likely, and near to regions that are known: Azure opens regions faster than we learn of them.
  it.each(['southeastus', 'greececentral', 'finlandcentral', 'koreanorth', 'italysouth', 'westus9', 'taiwannorth'])(
    'that may be opened: %s',
    (text) => expect(parseLocation(text)).toEqual({ ok: true, value: text }),
  )
})

describe('the name of a namespace nobody named', () => {
  it('is a name, the same for the same place in any case, and another for another place', () => {
    const name = defaultNamespaceName(SUBSCRIPTION, DEFAULTS.resourceGroup)
    expect(name).toMatch(/^ml-ingest-[a-z2-7]{8}$/)
    expect(parseNamespaceName(name)).toEqual({ ok: true, value: name })
    expect(defaultNamespaceName(SUBSCRIPTION.toUpperCase(), DEFAULTS.resourceGroup.toUpperCase())).toBe(name)
    expect(defaultNamespaceName(SUBSCRIPTION, 'other')).not.toBe(name)
    expect(defaultNamespaceName('other', DEFAULTS.resourceGroup)).not.toBe(name)
    expect(specOf(homeWords().slice(0, 4)).namespace.name).toBe(defaultNamespaceName(SUBSCRIPTION, 'rg'))
  })
})
