import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionsOf, type ConnectionOptions } from '../../src/engine/connections.ts'
import { Gate } from '../../src/engine/gate.ts'
import { readActual } from '../../src/engine/actual.ts'
import { plan } from '../../src/engine/plan.ts'
import { judge, wantedOf } from '../../src/resources/front-door.ts'
import { Failure } from '../../src/lib/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cloudError, ScriptedCloud } from '../support/scripted-cloud.ts'
import { flags, world } from '../support/arbitraries.ts'
import { givenBy } from '../support/argv.ts'
import { wantedFrom } from '../support/manifests.ts'
import { aSpec, aWorld, SUBSCRIPTION, type World } from '../support/worlds.ts'
import { settle } from './applying.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

function reading(made: World, clock = new ManualClock({ autoAdvance: true })) {
  const stop = new AbortController()
  const cloud = new ScriptedCloud(clock, made)
  const gate = new Gate({ clock, stop: stop.signal, random: () => 0.5 })
  const read = (line: string, withKeys = false) => readActual(cloud, gate, aSpec(line), { withKeys })
  return { cloud, gate, clock, stop, read }
}

const RULES = ['Send', 'Listen'] as const
const home = () => aWorld().withNamespace().withHub('Clicks').withRule('Clicks', 'ml-ingest-send-listen', RULES)

const wish = (more: Partial<ConnectionOptions> = {}): ConnectionOptions => ({
  secondary: false,
  doing: 'show a connection',
  embedded: false,
  ...more,
})

describe('reading', () => {
  it.each([
    ['an empty subscription', aWorld()],
    ['a whole front door', home().withConsumerGroup('Clicks', 'trainer')],
  ])('sends one wave: all requests are under way before any is answered: %s', async (_, made) => {
    const clock = new ManualClock()
    const { cloud, read } = reading(made, clock)
    cloud.latencyMs = 40
    const run = read('--hub clicks --hub audit', true)
    await settle()
    expect(cloud.calls.map((call) => call.name).sort()).toEqual([
      'listConsumerGroups audit',
      'listConsumerGroups clicks',
      'listHubs ns-demo',
      'readGroup rg',
      'readKeys audit/ml-ingest-send-listen',
      'readKeys clicks/ml-ingest-send-listen',
      'readNamespace ns-demo',
      'readNetworkRules ns-demo',
      'readProvider',
      'readRule audit/ml-ingest-send-listen',
      'readRule clicks/ml-ingest-send-listen',
    ])
    expect(cloud.underWay).toBe(11)
    clock.advance(40)
    await run
    expect(cloud.calls).toHaveLength(11)
    expect(cloud.writes).toEqual([])
  })

  it('goes out in one wave for nine hubs too', async () => {
    const clock = new ManualClock()
    const { cloud, read } = reading(aWorld(), clock)
    cloud.latencyMs = 40
    const run = read(Array.from({ length: 9 }, (_, i) => `--hub h${i}`).join(' '), true)
    await settle()
    expect(cloud.underWay).toBe(cloud.calls.length)
    clock.advance(40)
    await run
    expect(cloud.underWay).toBe(0)
    expect(cloud.calls.every((call) => call.atMs === 0)).toBe(true)
  })

  const fleet = (hubs: number): readonly string[] => Array.from({ length: hubs }, (_, i) => ['--hub', `h${i}`]).flat()
  const LARGE = ['--tier', 'Premium', '--capacity', '8']
  const fleetThere = (hubs: number): World =>
    Array.from({ length: hubs }).reduce<World>(
      (made, _, i) => made.withHub(`H${i}`).withRule(`H${i}`, 'ml-ingest-send-listen', RULES),
      aWorld().withNamespace({ tier: 'Premium', capacity: 8 }),
    )

  it.each([
    ['nothing exists', aWorld()],
    ['the namespace is empty', aWorld().withNamespace()],
  ])('reads nothing below what is absent, however large the fleet: %s', async (_, made) => {
    const readsOf = async (hubs: number) => {
      const { cloud, gate } = reading(made)
      await readActual(cloud, gate, aSpec([...fleet(hubs), ...LARGE]), { withKeys: true })
      return cloud.calls.length
    }
    expect(await readsOf(300)).toBe(await readsOf(10))
  })

  it('reads no roles of many principals on a namespace that is absent', async () => {
    const readsOf = async (principals: number) => {
      const { cloud, read } = reading(aWorld())
      const ids = Array.from({ length: principals }, (_, i) => `11111111-2222-3333-4444-${String(i).padStart(12, '0')}`)
      await read(ids.map((id) => `--grant ${id}:sender`).join(' '))
      return cloud.calls.length
    }
    expect(await readsOf(40)).toBe(await readsOf(10))
  })

  it('reads a fleet that exists hub by hub, and no more than that', async () => {
    const { cloud, gate } = reading(fleetThere(30))
    const spec = aSpec([...fleet(300), ...LARGE])
    const actual = await readActual(cloud, gate, spec, { withKeys: true })
    expect(cloud.calls).toHaveLength(5 + 3 * 30)
    expect([actual.consumerGroups.get('h29')?.length, actual.rules.size, actual.keys.size]).toEqual([1, 30, 30])
  })

  it.each([
    ['', ['ml-data-stream/ml-ingest-send-listen']],
    ['--access listen', ['ml-data-stream/ml-ingest-listen']],
    ['--access manage', ['/RootManageSharedAccessKey']],
    ['--policy theirs', ['ml-data-stream/theirs', '/theirs']],
  ])('asks for the rules that can serve: %s', async (line, rules) => {
    const { cloud, read } = reading(home())
    await read(line)
    expect(cloud.namesOf(/^readRule/).toSorted()).toEqual(rules.map((rule) => `readRule ${rule}`).toSorted())
    expect(cloud.namesOf(/^readKeys/)).toEqual([])
  })

  it('looks into hubs that nobody named only before a move to Basic', async () => {
    const made = home().withHub('other').withConsumerGroup('other', 'theirs')
    const { cloud, read } = reading(made)
    const actual = await read('--hub clicks --tier Basic --no-consumer-group')
    expect(cloud.namesOf(/^listConsumerGroups/)).toEqual(['listConsumerGroups clicks', 'listConsumerGroups other'])
    expect(actual.consumerGroups.get('other')?.map((group) => group.name)).toEqual(['$Default', 'theirs'])
    const quiet = reading(made)
    await quiet.read('--hub clicks --tier Standard')
    expect(quiet.cloud.namesOf(/^listConsumerGroups/)).toEqual(['listConsumerGroups clicks'])
  })

  it('finds what is there, whatever the plan then makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(world, flags, async (made, words) => {
        const wanted = wantedOf(givenBy(['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo', ...words]))
        const judged = judge(wanted, { fallbackLocation: 'westeurope' })
        fc.pre(judged.ok)
        const { cloud, gate } = reading(made)
        const actual = await readActual(cloud, gate, judged.spec, { withKeys: false })
        expect(plan(judged.spec, actual)).toEqual(plan(judged.spec, made.actual(judged.spec)))
      }),
      { numRuns: 100 },
    )
  })

  it('fails with the error that cannot be waited out', async () => {
    const { cloud, read } = reading(home())
    const denied = cloudError(403, { retryable: false })
    cloud.fail(/listHubs/, denied)
    await expect(read('')).rejects.toBe(denied)
  })

  it('waits where it is throttled', async () => {
    const { cloud, read, clock } = reading(home())
    const startedAt = clock.now()
    cloud.fail(/readNamespace/, cloudError(429, { retryAfterMs: 7_000 }))
    const actual = await read('')
    expect(actual.namespace?.name).toBe('ns-demo')
    expect(clock.now() - startedAt).toBe(7_000)
  })
})

describe('keys', () => {
  it('that may not be read stop only who needs them', async () => {
    const { cloud, read } = reading(home())
    const denied = cloudError(403, { retryable: false })
    cloud.fail(/readKeys/, denied)
    const actual = await read('--hub clicks', true)
    expect([...actual.keys.values()]).toEqual([denied])
    expect(() => connectionsOf(aSpec('--hub clicks'), actual, wish())).toThrow(denied)
  })

  it('are tried again after trouble that passes', async () => {
    const { cloud, read } = reading(home())
    cloud.fail(/readKeys/, cloudError(503), cloudError(429))
    expect((await read('--hub clicks', true)).keys.size).toBe(1)
  })

  it('that stay out of reach by trouble end the reading', async () => {
    const { cloud, read } = reading(home())
    const trouble = cloudError(503)
    cloud.fail(/readKeys/, ...Array.from({ length: 6 }, () => trouble))
    await expect(read('--hub clicks', true)).rejects.toBe(trouble)
  })
})

describe('a connection', () => {
  const connect = async (made: World, line: string, secondary = false) => {
    const actual = await reading(made).read(line, true)
    return connectionsOf(aSpec(line), actual, wish({ secondary }))
  }

  it('is one for each hub, in the spelling of Azure', async () => {
    const made = home()
      .withConsumerGroup('Clicks', 'trainer')
      .withHub('audit')
      .withRule('audit', 'ml-ingest-send-listen', RULES)
    const [clicks, audit] = await connect(made, '--hub clicks --hub AUDIT')
    expect(clicks).toMatchObject({
      resourceGroup: 'rg',
      namespace: 'ns-demo',
      hub: 'Clicks',
      consumerGroups: ['trainer'],
      kafka: { servers: 'ns-demo.servicebus.windows.net:9093', protocol: 'SASL_SSL' },
      sign: { kind: 'sas', rule: 'ml-ingest-send-listen', scope: 'hub', rights: ['Send', 'Listen'], secondary: false },
    })
    expect(audit).toMatchObject({ hub: 'audit', consumerGroups: [] })
  })

  it('signs with the key asked for', async () => {
    const revealed = async (secondary: boolean) => {
      const [one] = await connect(home(), '--hub clicks', secondary)
      const { sign } = one!
      return sign.kind === 'sas' ? [sign.key.reveal(), sign.connectionString.reveal(), sign.secondary] : []
    }
    expect(await revealed(false)).toEqual([
      ...['ml-ingest-send-listen-primary', 'Endpoint=sb://ns-demo;ml-ingest-send-listen-primary', false],
    ])
    expect(await revealed(true)).toEqual([
      ...['ml-ingest-send-listen-secondary', 'Endpoint=sb://ns-demo;ml-ingest-send-listen-secondary', true],
    ])
  })

  it.each([
    ['--policy theirs', 'hub', 'theirs'],
    ['--policy above', 'namespace', 'above'],
    ['--access manage', 'namespace', 'RootManageSharedAccessKey'],
  ])('takes the rule of the hub before that of the namespace: %s', async (flags, scope, rule) => {
    const made = home()
      .withRule('Clicks', 'theirs', ['Send'])
      .withNamespaceRule('theirs', ['Listen'])
      .withNamespaceRule('above', ['Send'])
    const [one] = await connect(made, `--hub clicks ${flags}`)
    expect(one!.sign).toMatchObject({ scope, rule })
  })

  it.each([
    ['', ['Azure Event Hubs Data Sender', 'Azure Event Hubs Data Receiver']],
    ['--access send', ['Azure Event Hubs Data Sender']],
    ['--access listen', ['Azure Event Hubs Data Receiver']],
    ['--access manage', ['Azure Event Hubs Data Owner']],
    ['--policy theirs', ['Azure Event Hubs Data Sender', 'Azure Event Hubs Data Receiver']],
  ])('names the roles where keys are off: %s', async (flags, roles) => {
    const made = aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks')
    const [one] = await connect(made, `--hub clicks ${flags}`)
    expect(one!.sign).toEqual({ kind: 'entra', roles, granted: false, embedded: false })
    expect(one!.host).toBe('ns-demo.servicebus.windows.net')
  })

  it('names no host of Azure where the embedded one has no keys', async () => {
    const made = aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks')
    const actual = await reading(made).read('--hub clicks', true)
    const [one] = connectionsOf(aSpec('--hub clicks'), actual, wish({ embedded: true }))
    expect(one!.host).toBe('localhost')
  })

  it.each([
    [aWorld(), '', "Can't show a connection: there is no resource group rg in the subscription"],
    [aWorld().withNamespace(), '--hub clicks', "Can't show a connection: there is no hub clicks in namespace ns-demo"],
    [
      aWorld().withNamespace().withHub('clicks'),
      '--hub clicks --access send',
      "Can't show a connection: there is no access rule ml-ingest-send for hub clicks",
    ],
    [
      aWorld().withNamespace().withHub('clicks'),
      '--hub clicks --policy theirs',
      "Can't show a connection: there is no access rule theirs for hub clicks",
    ],
  ])('is missing where something is not there', async (made, line, message) => {
    const error: unknown = await connect(made, line).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ message, code: 'absent' })
    expect(plainSpeller.text((error as Failure).hint!)).toMatch(/: npx ml-ingest create|--policy, or use --access/)
  })
})

describe('rules of a hub', () => {
  const manifestSpec = (rules: readonly string[]) => {
    const accessRules = rules.map((name) => ({ name, rights: ['Send'] }))
    const file = JSON.stringify({ version: 1, hubs: [{ name: 'clicks', accessRules }] })
    const judged = judge(wantedFrom(file, givenBy(['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo'])))
    if (!judged.ok) throw new Error('the test is wrong')
    return judged.spec
  }

  it('are one request, however many they are', async () => {
    const made = home().withRule('Clicks', 'Producer', ['Send']).withRule('Clicks', 'theirs', ['Listen'])
    const { cloud, gate } = reading(made)
    const spec = manifestSpec(['producer', 'another'])
    const actual = await readActual(cloud, gate, spec, { withKeys: false })
    expect(cloud.namesOf(/Rules? clicks/)).toEqual(['listRules clicks'])
    expect([...actual.rules]).toEqual([
      ['clicks/ml-ingest-send-listen', { name: 'ml-ingest-send-listen', rights: RULES }],
      ['clicks/producer', { name: 'Producer', rights: ['Send'] }],
      ['clicks/theirs', { name: 'theirs', rights: ['Listen'] }],
    ])
    expect(actual.rules).toEqual(made.actual(spec).rules)
  })

  it('are absent where the hub is', async () => {
    const { cloud, gate } = reading(aWorld())
    expect((await readActual(cloud, gate, manifestSpec(['a', 'b']), { withKeys: false })).rules).toEqual(new Map())
  })
})
