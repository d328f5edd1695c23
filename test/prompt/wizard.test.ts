import { judgeGiven, AFTER_FIRST_RUN, OURS, DEV, group, hub, namespace, talk } from './support.ts'
import { CREATE } from '../support/argv.ts'
import { describe, expect, it } from 'vitest'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import { DEFAULTS } from '../../src/inputs/defaults.ts'

describe('a first run', () => {
  it('asks in order, and Enter all the way gives a valid, small front door', async () => {
    const { person, options, facts } = talk({})
    const { given, subscriptionId, liveTier } = await askForCreate(options)
    expect(person.asked).toEqual([
      ...['Resource group?', 'Location?', 'Namespace?', 'How much will come in?', 'Tier?', 'Capacity?'],
      ...['Hub?', 'Partitions?', 'Retention?', 'Consumer group?'],
    ])
    expect(facts).toEqual([
      'Signed in: dana@contoso.com  via Azure CLI',
      'Tenant: contoso.com',
      `Subscription: ${DEV.name}  ${DEV.id}`,
    ])
    expect(liveTier).toBeUndefined()
    const validated = judgeGiven(given, { subscriptionId })
    expect(validated.ok && validated.spec).toMatchObject({
      subscriptionId: DEV.id,
      resourceGroup: DEFAULTS.resourceGroup,
      location: 'westeurope',
      namespace: { name: OURS, tier: { value: 'Standard' }, capacity: { value: 1 } },
      hubs: [{ name: DEFAULTS.hub, partitions: { value: 4 }, retentionHours: { value: 24 } }],
    })
    expect(validated.ok && validated.spec.hubs[0].consumerGroups.map(({ name }) => name)).toEqual([
      DEFAULTS.consumerGroup,
    ])
  })

  it('ends with inputs that repeat it word by word', async () => {
    const { options } = talk(
      { groups: [group('rg-old', 'australiaeast')] },
      {
        script: {
          'New resource group?': 'rg-clicks',
          'Namespace?': 'ns-clicks-7k2p',
          'Capacity?': '2',
          'Hub?': 'clicks',
          'Partitions?': '8',
          'Retention?': '48h',
          'Consumer group?': 'trainer, scorer',
        },
      },
    )
    const { given } = await askForCreate(options)
    expect(argvOf(CREATE, given)).toEqual([
      ...['create', '-s', DEV.id, '-g', 'rg-clicks', '-l', 'australiaeast', '-n', 'ns-clicks-7k2p'],
      ...['--tier', 'Standard', '--capacity', '2', '--hub', 'clicks', '--partitions', '8', '--retention', '48h'],
      ...['--consumer-group', 'trainer', '--consumer-group', 'scorer'],
    ])
  })

  it('says on the line of the question what changes the decision', async () => {
    const { person, options } = talk({})
    await askForCreate(options)
    expect(Object.fromEntries(person.contexts)).toMatchObject({
      'How much will come in?': 'events into each hub: 5k/s, 20M/day; or bytes: 20MB/s',
      'Capacity?': '1 to 40 throughput units of 1 MB/s or 1,000 events/s in',
      'Hub?': 'several with commas',
      'Partitions?': '1 to 32, cannot be changed later on Standard',
      'Retention?': '1h to 7d',
      'Consumer group?': '- for none',
    })
    expect(person.rows.get('Tier?')?.[1]).toMatch(/^Standard {2}\$22 a month a unit, .*; 20 consumer groups/)
  })

  it('offers what the tier allows: Premium grows', async () => {
    const { person, options } = talk({}, { script: { 'Tier?': 'Premium' } })
    await askForCreate(options)
    expect(person.contexts.get('Capacity?')).toBe('1, 2, 4, 6, 8, 10, 12 or 16 processing units of about 5 MB/s in')
    expect(person.contexts.get('Partitions?')).toBe('1 to 100, can only grow later')
    expect(person.contexts.get('Retention?')).toBe('1h to 90d')
  })

  it('leaves consumer groups out on Basic, and takes - for none elsewhere', async () => {
    const basic = talk({}, { script: { 'Tier?': 'Basic' } })
    await askForCreate(basic.options)
    expect(basic.person.asked).not.toContain('Consumer group?')
    const none = talk({}, { script: { 'Consumer group?': '-' } })
    const { given } = await askForCreate(none.options)
    expect(given.consumerGroup?.value).toEqual([])
    expect(argvOf(CREATE, given)).toContain('--no-consumer-group')
  })

  it('takes partitions and retention typed with the hub, as the flag does', async () => {
    const { person, options } = talk({}, { script: { 'Hub?': 'clicks:8:48h' } })
    const { given } = await askForCreate(options)
    expect(person.asked).not.toContain('Partitions?')
    expect(person.asked).not.toContain('Retention?')
    expect(given.hub?.value).toEqual([{ name: 'clicks', partitions: 8, retention: 48 }])
  })

  it('offers the region where most groups are, and only regions with Event Hubs', async () => {
    const groups = [group('a', 'westcentralus'), group('b', 'westcentralus'), group('c', 'australiaeast')]
    const { person, options } = talk({ groups })
    const { given } = await askForCreate(options)
    expect(given.location?.value).toBe('australiaeast')
    expect(person.rows.get('Location?')).toEqual([
      'Australia East  australiaeast',
      'North Europe  northeurope',
      'West Europe  westeurope',
    ])
  })

  it.each<[string, readonly string[], RegExp]>([
    ['Partitions?', ['64', '8'], /^"64" is above 32/],
    ['Partitions?', ['many', '8'], /^"many" is not a whole number/],
    ['Retention?', ['8d', '7d'], /^"8d" is above 7d, .* Standard/],
    ['Capacity?', ['0', '1'], /^"0" is out of range/],
    ['Namespace?', ['ns', 'ns-clicks'], /^"ns" has 2 characters/],
    ['Hub?', ['cl!cks', 'clicks'], /^"cl!cks" holds a character/],
    ['Hub?', ['clicks:99', 'clicks'], /^"clicks:99" asks for 99 partitions, above 32/],
    ['Hub?', ['x'.repeat(300), 'x'], /^"x{60}…" has 300 characters/],
    ['Hub?', ['a b!', 'x'], /^"a b!" holds a character/],
    ['Hub?', [`${'k'.repeat(43)}=`, 'x'], /^"\*\*\*" holds /],
    ['Hub?', ['a, a', 'a, b'], /^"a" is given twice$/],
    ['Consumer group?', ['a, b!', 'a'], /^"b!" holds a character/],
    ['Consumer group?', ['a,', 'a'], /^consumer group is empty$/],
    ['Consumer group?', ['other/a', 'a'], /^"other\/a" names hub other/],
  ])('%s objects to %j in the words of the flags', async (message, typed, objection) => {
    const { person, options } = talk({}, { script: { [message]: typed } })
    await askForCreate(options)
    expect(person.objections).toEqual([expect.stringMatching(objection)])
  })
})

describe('a re-run', () => {
  it('takes what is there with Enter all the way, and changes nothing', async () => {
    const { person, options, facts } = talk(AFTER_FIRST_RUN)
    const { given, liveTier } = await askForCreate(options)
    expect(person.asked).toEqual(['Resource group?', 'Namespace?', 'Hub?', 'Consumer group?'])
    expect(facts.slice(3)).toEqual([
      ...['Location: northeurope', 'Tier: Standard', 'Capacity: 1 throughput unit'],
      ...['Partitions: 4', 'Retention: 24h', `Consumer groups: ${DEFAULTS.consumerGroup}`],
    ])
    expect(liveTier).toBe('Standard')
    expect(argvOf(CREATE, given)).toEqual([
      ...['create', '-s', DEV.id, '-g', DEFAULTS.resourceGroup, '-n', OURS],
      ...['--hub', DEFAULTS.hub, '--consumer-group', DEFAULTS.consumerGroup],
    ])
  })

  it('keeps to what is alone in a group, whatever its name', async () => {
    const { options } = talk(
      {
        groups: [group('rg-clicks')],
        namespaces: [namespace('ns-clicks')],
        hubs: [hub('clicks')],
        consumerGroups: [{ name: 'trainer', userMetadata: undefined }],
      },
      { script: { 'Resource group?': 'rg-clicks' } },
    )
    const { given } = await askForCreate(options)
    expect([given.namespace?.value, given.hub?.texts, given.consumerGroup?.texts]).toEqual([
      'ns-clicks',
      ['clicks'],
      ['trainer'],
    ])
  })

  it('never takes a foreign group by itself, and suggests names that are free', async () => {
    const alone = talk({ groups: [group('NetworkWatcherRG')] })
    expect((await askForCreate(alone.options)).given.resourceGroup?.value).toBe(DEFAULTS.resourceGroup)
    const second = talk(AFTER_FIRST_RUN, { script: { 'Resource group?': 'Create a new one' } })
    expect((await askForCreate(second.options)).given.resourceGroup?.value).toBe(`${DEFAULTS.resourceGroup}-2`)
    const hubToo = talk(AFTER_FIRST_RUN, { script: { 'Hub?': 'Create a new one' } })
    const { given } = await askForCreate(hubToo.options)
    expect(given.hub?.texts).toEqual([`${DEFAULTS.hub}-2`])
    expect(hubToo.person.asked).toContain('Partitions?')
  })

  it('knows a name that exists when it is typed, in any case of letters', async () => {
    const { person, options } = talk(AFTER_FIRST_RUN, {
      script: {
        'Namespace?': 'Create a new one',
        'New namespace?': OURS.toUpperCase(),
      },
    })
    const { liveTier } = await askForCreate(options)
    expect(liveTier).toBe('Standard')
    expect(person.asked).not.toContain('Tier?')
  })

  it('asks about what a new hub beside an existing one lacks, each fact with its hub', async () => {
    const { person, options, facts } = talk(AFTER_FIRST_RUN, { flags: { hub: [DEFAULTS.hub, 'audit'] } })
    await askForCreate(options)
    expect(person.asked).toEqual(['Resource group?', 'Namespace?', 'Partitions?', 'Retention?', 'Consumer group?'])
    expect(facts).toContain(`Partitions: 4  ${DEFAULTS.hub}`)
  })

  it('goes by the limits of the tier that is there', async () => {
    const world = { ...AFTER_FIRST_RUN, namespaces: [namespace(OURS, { tier: 'Premium' })], hubs: [] }
    const { person, options } = talk(world, { flags: { partitions: '64' } })
    const { given } = await askForCreate(options)
    expect(person.firstErrors).toEqual([])
    expect(given.partitions?.value).toBe(64)
  })
})
