import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan, type Plan } from '../../src/engine/plan.ts'
import { networkAfter, type NetworkActual, type NetworkSpec } from '../../src/resources/network/network.ts'
import { aRootSpec, planAgain, problemsOfRoot } from '../support/manifests.ts'
import { changesIn, expectWaysOutToWork, notesIn, onlyRefusal, planIn, stepOf, summary } from '../support/planning.ts'
import { aWorld, homeWords, type World } from '../support/worlds.ts'

const TRAIN =
  '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/train'
const DEV = TRAIN.replace('train', 'dev')
const subnet = (id: string, ignoreMissingServiceEndpoint = false) => ({ id, ignoreMissingServiceEndpoint })

const live = (network: Partial<NetworkActual> = {}): World =>
  aWorld().withNamespace().withHub('ml-data-stream').withNetwork(network)
const planFor = (network: object, world: World): Plan => {
  const spec = aRootSpec({ network })
  return plan(spec, world.actual(spec))
}
const RULES = 'network rule set ns-demo'

describe('the network rules of a new namespace', () => {
  it('are not made when nothing is said, nor when they are said to be open', () => {
    expect(summary(planIn(aWorld()))).not.toContain(`create ${RULES}`)
    expect(summary(planFor({ defaultAction: 'Allow', trustedServices: false }, aWorld())).join()).not.toContain(RULES)
  })

  it.each([
    ['--allow-ip 203.0.113.0/24 --allow-ip 198.51.100.7', ['Deny by default', 'IP rules 203.0.113.0/24, 198.51.100.7']],
    ['--trusted-services', ['Allow by default', 'trusted services']],
    ['--allow-ip ::1/128 --trusted-services', ['Deny by default', 'IP rule ::1', 'trusted services']],
  ])('are made after it: %s', (line, details) => {
    const planned = planIn(aWorld(), line)
    expect(stepOf(planned, RULES)).toMatchObject({ action: 'create', details })
    expect(summary(planned).indexOf(`create ${RULES}`)).toBe(summary(planned).indexOf('create namespace ns-demo') + 1)
  })

  it('tell what a default action means that no rule goes with', () => {
    expect(notesIn(planFor({ defaultAction: 'Deny' }, aWorld()))).toEqual([
      `${RULES}: without an IP rule or a subnet, Azure lets everybody in, also with the default action Deny`,
    ])
  })
})

describe('the network rules of an existing namespace', () => {
  it.each<readonly [Partial<NetworkActual>, object, readonly string[]]>([
    [{}, { ipRules: ['203.0.113.7'] }, ['default action: Allow -> Deny', 'IP rule 203.0.113.7: null -> Allow']],
    [
      { defaultAction: 'Deny', ipRules: ['203.0.113.7'] },
      { ipRules: ['203.0.113.7/32', '198.51.100.0/24'] },
      ['IP rule 198.51.100.0/24: null -> Allow'],
    ],
    [
      { defaultAction: 'Deny', ipRules: ['203.0.113.7', '198.51.100.7'], subnets: [subnet(DEV)] },
      { ipRules: ['203.0.113.7'], removeOthers: true },
      ['IP rule 198.51.100.7: Allow -> null', 'subnet vnet/dev: Allow -> null'],
    ],
    [
      { defaultAction: 'Deny', subnets: [subnet(TRAIN, true)] },
      { subnets: [{ id: TRAIN, ignoreMissingServiceEndpoint: false }, DEV] },
      ['subnet vnet/train: Allow without service endpoint -> Allow', 'subnet vnet/dev: null -> Allow'],
    ],
    [{ trustedServices: true }, { trustedServices: false }, ['trusted services: true -> false']],
    [
      { defaultAction: 'Deny', ipRules: ['203.0.113.7'] },
      { defaultAction: 'Allow' },
      ['default action: Deny -> Allow'],
    ],
  ])('%j are put right: %j', (network, wanted, changes) => {
    expect(changesIn(planFor(wanted, live(network)))).toEqual(changes)
    expect(planAgain(aRootSpec({ network: wanted }), live(network)).outcome).toBe('no-op')
  })

  it.each<readonly [Partial<NetworkActual>, object]>([
    [{ defaultAction: 'Deny', ipRules: ['203.0.113.7'], trustedServices: true }, { ipRules: ['203.0.113.7'] }],
    [{ defaultAction: 'Deny', subnets: [subnet(TRAIN, true)] }, { subnets: [TRAIN.toUpperCase()] }],
    [{ defaultAction: 'Deny', ipRules: ['203.0.113.7'] }, { trustedServices: false }],
  ])('%j stay as they are: %j', (network, wanted) => {
    expect(changesIn(planFor(wanted, live(network)))).toEqual([])
  })

  it('that were not asked for are told, and so is who is cut off', () => {
    const ipRules = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']
    expect(notesIn(planFor({ ipRules: ['203.0.113.7'] }, live({ ipRules })))).toEqual([
      `${RULES}: rules that were not asked for stay: 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4`,
      `${RULES}: clients from addresses that no rule names are cut off, and so is a portal in a browser there`,
      'namespace ns-demo: its firewall lets in only 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 203.0.113.7',
    ])
  })

  it('tell who gets in, also when nothing is said of them', () => {
    const network = { defaultAction: 'Deny', ipRules: ['203.0.113.7'], subnets: [subnet(DEV)], trustedServices: true }
    expect(notesIn(planIn(live(network)))).toEqual([
      'namespace ns-demo: its firewall lets in only 203.0.113.7, subnet vnet/dev, and trusted services of Azure',
    ])
  })
})

describe('network rules that change who gets in', () => {
  it.each<readonly [Partial<NetworkActual>, object, readonly string[]]>([
    [
      { defaultAction: 'Deny', ipRules: ['203.0.113.7', '198.51.100.7'], trustedServices: true },
      { ipRules: ['203.0.113.7'], trustedServices: false, removeOthers: true },
      [
        `${RULES}: clients of 198.51.100.7 are cut off`,
        `${RULES}: trusted services of Azure are cut off`,
        'namespace ns-demo: its firewall lets in only 203.0.113.7',
      ],
    ],
    [
      {},
      { ipRules: ['0.0.0.0/0'] },
      [
        `${RULES}: clients from addresses that no rule names are cut off, and so is a portal in a browser there`,
        'namespace ns-demo: its IP rule 0.0.0.0/0 lets everybody in',
      ],
    ],
  ])('%j say so: %j', (network, wanted, notes) => {
    expect(notesIn(planFor(wanted, live(network)))).toEqual(notes)
  })

  it('count for nothing while public network access is disabled, and say nothing of a perimeter', () => {
    const rules = '--allow-ip 203.0.113.7 --public-network-access'
    expect(notesIn(planIn(aWorld(), `${rules} disabled`))).toEqual([
      'namespace ns-demo: public network access is disabled and there is no private endpoint: nobody can connect until one is made',
      'namespace ns-demo: its network rules have no effect while public network access is disabled',
    ])
    expect(notesIn(planIn(aWorld(), `${rules} secured-by-perimeter`))).toEqual([
      'namespace ns-demo: public network access is secured by a network security perimeter, which has to let clients in',
    ])
  })
})

describe('network rules that Azure would not take', () => {
  it('are refused on an existing namespace of Basic', () => {
    const basic = aWorld().withNamespace({ tier: 'Basic' }).withHub('ml-data-stream')
    const line = '--allow-ip 203.0.113.7'
    expect(onlyRefusal(planIn(basic, line)).what).toBe("Can't restrict the network of namespace ns-demo")
    expectWaysOutToWork(basic, homeWords(line))
  })

  it('are refused when they would be too many together with those that are there', () => {
    const ipRules = Array.from({ length: 128 }, (_, i) => `203.0.113.${i}`)
    expect(onlyRefusal(planFor({ ipRules: ['198.51.100.7'] }, live({ ipRules }))).because).toBe(
      'It would have 129 IP rules, and has at most 128 of each.',
    )
    expect(planFor({ ipRules: ['198.51.100.7'], removeOthers: true }, live({ ipRules })).outcome).toBe('applicable')
  })

  it('keep a namespace from moving to Basic', () => {
    const world = live({ defaultAction: 'Deny', ipRules: ['203.0.113.7'] })
    expect(String(onlyRefusal(planIn(world, '--tier Basic --no-consumer-group')).because)).toContain(
      'namespace ns-demo has network rules, which Basic does not have',
    )
  })
})

describe('after a run', () => {
  const ip = fc.constantFrom('203.0.113.7', '198.51.100.0/24', '192.0.2.1')
  const id = fc.constantFrom(TRAIN, DEV, TRAIN.toUpperCase())
  const lives = fc.record({
    defaultAction: fc.constantFrom('Allow', 'Deny'),
    trustedServices: fc.boolean(),
    ipRules: fc.uniqueArray(ip),
    subnets: fc.uniqueArray(fc.record({ id, ignoreMissingServiceEndpoint: fc.boolean() }), {
      selector: (one) => one.id.toLowerCase(),
    }),
  })
  const setting = <T>(value: fc.Arbitrary<T>) => fc.record({ value, given: fc.boolean() })
  const specs: fc.Arbitrary<NetworkSpec> = fc.record({
    defaultAction: setting(fc.constantFrom('Allow' as const, 'Deny' as const)),
    trustedServices: setting(fc.boolean()),
    ipRules: fc.uniqueArray(ip),
    subnets: fc.uniqueArray(fc.record({ id, ignoreMissingServiceEndpoint: setting(fc.boolean()) }), {
      selector: (one) => one.id.toLowerCase(),
    }),
    removeOthers: fc.boolean(),
  })
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

  it('all that was asked for is there, what was not asked for stays unless it was to go, and a second run changes nothing', () => {
    fc.assert(
      fc.property(specs, lives, (spec, before) => {
        const after = networkAfter(spec, before)
        expect(after.ipRules).toEqual(expect.arrayContaining([...spec.ipRules]))
        for (const one of spec.subnets) expect(after.subnets.filter(({ id }) => same(id, one.id))).toHaveLength(1)
        const others = [
          ...before.ipRules.filter((one) => !spec.ipRules.includes(one)).map((one) => after.ipRules.includes(one)),
          ...before.subnets
            .filter(({ id }) => !spec.subnets.some((one) => same(one.id, id)))
            .map(({ id }) => after.subnets.some((one) => one.id === id)),
        ]
        expect(others.every((isThere) => isThere !== spec.removeOthers)).toBe(true)
        if (!spec.defaultAction.given) expect(after.defaultAction).toBe(before.defaultAction)
        if (!spec.trustedServices.given) expect(after.trustedServices).toBe(before.trustedServices)
        expect(networkAfter(spec, after)).toEqual(after)
      }),
    )
  })
})

describe('network rules that cannot be', () => {
  it.each([
    [{ tier: 'Basic', network: { ipRules: ['203.0.113.7'] } }, '', /network .*is not possible on Basic/],
    [{ network: { ipRules: ['203.0.113.7', '203.0.113.7/32'] } }, '', /network\.ipRules\[1\].* is given twice/],
    [{ network: { subnets: [DEV, { id: DEV.toUpperCase() }] } }, '', /network\.subnets\[1\].* is given twice/],
    [{}, '--tier Basic --trusted-services', /is not possible on Basic/],
  ])('%j %s', (root, line, message) => {
    const problems = problemsOfRoot(root, line)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
  })

  it.each([
    ['203.0.113.256', /is not an IP address or range/],
    ['203.0.113.0/33', /is not \/0 to \/32/],
    ['2001:db8::/129', /is not \/0 to \/128/],
    ['office', /is not an IP address or range/],
    ['203.0.113.0/24/1', /is not an IP address or range/],
  ])('--allow-ip %s', (ip, message) => {
    expect(() => aRootSpec({}, `--allow-ip ${ip}`)).toThrow(message)
  })
})
