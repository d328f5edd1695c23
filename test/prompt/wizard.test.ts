import { describe, expect, it } from 'vitest'
import { CloudError } from '../../src/engine/cloud.ts'
import { CliError, Interruption } from '../../src/lib/errors.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { argvOf } from '../../src/spec/command-line.ts'
import { DEFAULTS } from '../../src/spec/defaults.ts'
import type { Flags } from '../../src/spec/inputs.ts'
import { defaultNamespaceName } from '../../src/spec/namespace-name.ts'
import { validate } from '../../src/spec/validate.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { DEV, forbidden, group, hub, namespace, PROD, talk, type Script, type World } from './support.ts'

const OURS = defaultNamespaceName(DEV.id, DEFAULTS.resourceGroup)
/** All that a first run with Enter made. */
const AFTER_FIRST_RUN: World = {
  groups: [group(DEFAULTS.resourceGroup)],
  namespaces: [namespace(OURS, { capacity: 1 })],
  hubs: [hub(DEFAULTS.hub, { partitions: 4, retentionHours: 24 })],
  consumerGroups: [
    { name: '$Default', userMetadata: undefined },
    { name: DEFAULTS.consumerGroup, userMetadata: 'x' },
  ],
}

describe('a first run', () => {
  it('asks in order, and Enter all the way gives a valid, small front door', async () => {
    const { person, options, facts } = talk({})
    const { inputs, subscriptionId, liveTier } = await askForCreate(options)
    expect(person.asked).toEqual([
      ...['Resource group?', 'Location?', 'Namespace?', 'Tier?', 'Capacity?'],
      ...['Hub?', 'Partitions?', 'Retention?', 'Consumer group?'],
    ])
    expect(facts).toEqual([
      'Signed in: dana@contoso.com  via Azure CLI',
      'Tenant: contoso.com',
      `Subscription: ${DEV.name}  ${DEV.id}`,
    ])
    expect(liveTier).toBeUndefined()
    const validated = validate(inputs, { subscriptionId })
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
    const { inputs } = await askForCreate(options)
    expect(argvOf('create', inputs)).toEqual([
      ...['create', '-s', DEV.id, '-g', 'rg-clicks', '-l', 'australiaeast', '-n', 'ns-clicks-7k2p'],
      ...['--tier', 'Standard', '--capacity', '2', '--hub', 'clicks', '--partitions', '8', '--retention', '48h'],
      ...['--consumer-group', 'trainer', '--consumer-group', 'scorer'],
    ])
  })

  it('says on the line of the question what changes the decision', async () => {
    const { person, options } = talk({})
    await askForCreate(options)
    expect(Object.fromEntries(person.contexts)).toMatchObject({
      'Capacity?': '1 to 40 throughput units',
      'Partitions?': '1 to 32, cannot be changed later on Standard',
      'Retention?': '1h to 7d',
      'Consumer group?': '- for none',
    })
    expect(person.rows.get('Tier?')?.[1]).toMatch(/^Standard {2}up to 20 consumer groups/)
  })

  it('offers what the tier allows: Premium grows', async () => {
    const { person, options } = talk({}, { script: { 'Tier?': 'Premium' } })
    await askForCreate(options)
    expect(person.contexts.get('Capacity?')).toBe('1, 2, 4, 6, 8, 10, 12 or 16 processing units')
    expect(person.contexts.get('Partitions?')).toBe('1 to 100, can only grow later')
    expect(person.contexts.get('Retention?')).toBe('1h to 90d')
  })

  it('leaves consumer groups out on Basic, and takes - for none elsewhere', async () => {
    const basic = talk({}, { script: { 'Tier?': 'Basic' } })
    await askForCreate(basic.options)
    expect(basic.person.asked).not.toContain('Consumer group?')
    const none = talk({}, { script: { 'Consumer group?': '-' } })
    const { inputs } = await askForCreate(none.options)
    expect(inputs.consumerGroup?.value).toEqual([])
    expect(argvOf('create', inputs)).toContain('--no-consumer-group')
  })

  it('takes partitions and retention typed with the hub, as the flag does', async () => {
    const { person, options } = talk({}, { script: { 'Hub?': 'clicks:8:48h' } })
    const { inputs } = await askForCreate(options)
    expect(person.asked).not.toContain('Partitions?')
    expect(person.asked).not.toContain('Retention?')
    expect(inputs.hub?.value).toEqual([{ name: 'clicks', partitions: 8, retentionHours: 48 }])
  })

  it('offers the region where most groups are, and only regions with Event Hubs', async () => {
    const groups = [group('a', 'westcentralus'), group('b', 'westcentralus'), group('c', 'australiaeast')]
    const { person, options } = talk({ groups })
    const { inputs } = await askForCreate(options)
    expect(inputs.location?.value).toBe('australiaeast')
    expect(person.rows.get('Location?')).toEqual([
      'Australia East  australiaeast',
      'North Europe  northeurope',
      'West Europe  westeurope',
    ])
  })

  it.each<[string, readonly string[], RegExp]>([
    ['Partitions?', ['64', '8'], /^64 is above 32/],
    ['Partitions?', ['many', '8'], /^many is not a whole number/],
    ['Retention?', ['8d', '7d'], /^8d is above 7d, .* Standard/],
    ['Capacity?', ['0', '1'], /^0 is out of range/],
    ['Namespace?', ['ns', 'ns-clicks'], /^ns has 2 characters/],
    ['Hub?', ['cl!cks', 'clicks'], /^cl!cks holds a character/],
    ['Hub?', ['clicks:99', 'clicks'], /^clicks:99 asks for 99 partitions, above 32/],
    ['Hub?', ['a, a', 'a, b'], /^a is given twice$/],
    ['Consumer group?', ['a, b!', 'a'], /^b! holds a character/],
    ['Consumer group?', ['a,', 'a'], /^consumer group is empty$/],
    ['Consumer group?', ['other/a', 'a'], /^other\/a names hub other/],
  ])('%s objects to %j in the words of the flags', async (message, typed, objection) => {
    const { person, options } = talk({}, { script: { [message]: typed } })
    await askForCreate(options)
    expect(person.objections).toEqual([expect.stringMatching(objection)])
  })
})

describe('a re-run', () => {
  it('takes what is there with Enter all the way, and changes nothing', async () => {
    const { person, options, facts } = talk(AFTER_FIRST_RUN)
    const { inputs, liveTier } = await askForCreate(options)
    expect(person.asked).toEqual(['Resource group?', 'Namespace?', 'Hub?', 'Consumer group?'])
    expect(facts.slice(3)).toEqual([
      ...['Location: northeurope', 'Tier: Standard', 'Capacity: 1 throughput unit'],
      ...['Partitions: 4', 'Retention: 24h', `Consumer groups: ${DEFAULTS.consumerGroup}`],
    ])
    expect(liveTier).toBe('Standard')
    expect(argvOf('create', inputs)).toEqual([
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
    const { inputs } = await askForCreate(options)
    expect([inputs.namespace?.value, inputs.hub?.texts, inputs.consumerGroup?.texts]).toEqual([
      'ns-clicks',
      ['clicks'],
      ['trainer'],
    ])
  })

  it('never takes a foreign group by itself, and suggests names that are free', async () => {
    const alone = talk({ groups: [group('NetworkWatcherRG')] })
    expect((await askForCreate(alone.options)).inputs.resourceGroup?.value).toBe(DEFAULTS.resourceGroup)
    const second = talk(AFTER_FIRST_RUN, { script: { 'Resource group?': 'Create a new one' } })
    expect((await askForCreate(second.options)).inputs.resourceGroup?.value).toBe(`${DEFAULTS.resourceGroup}-2`)
    const hubToo = talk(AFTER_FIRST_RUN, { script: { 'Hub?': 'Create a new one' } })
    const { inputs } = await askForCreate(hubToo.options)
    expect(inputs.hub?.texts).toEqual([`${DEFAULTS.hub}-2`])
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
    const { inputs } = await askForCreate(options)
    expect(person.firstErrors).toEqual([])
    expect(inputs.partitions?.value).toBe(64)
  })
})

describe('what flags said', () => {
  it('is not asked again', async () => {
    const { person, options } = talk(
      {},
      {
        flags: {
          ...{ subscription: DEV.id, resourceGroup: 'rg-x', location: 'westeurope', namespace: 'ns-clicks' },
          ...{ tier: 'standard', capacity: '2', hub: ['clicks:8:48h'], consumerGroup: ['trainer'] },
        },
      },
    )
    const { inputs } = await askForCreate(options)
    expect(person.asked).toEqual([])
    expect(inputs.namespace).toEqual({ value: 'ns-clicks', source: 'flag', texts: ['ns-clicks'] })
  })

  it.each<[string, Flags, Script, RegExp]>([
    ['Tier?', { tier: 'Standrad' }, {}, /^--tier Standrad is not a tier\. Did you mean Standard\?/],
    ['Location?', { location: 'westeuroope' }, {}, /^--location westeuroope .* Did you mean westeurope\?/],
    ['Retention?', { retention: '30d' }, {}, /^--retention 30d is above 7d/],
    ['Capacity?', { capacity: '3' }, { 'Tier?': 'Premium' }, /^--capacity 3 .* Premium/],
    ['Consumer group?', { consumerGroup: ['a'] }, { 'Tier?': 'Basic' }, /^--consumer-group a cannot be on Basic/],
    ['Hub?', { hub: ['clicks:99'] }, {}, /^--hub clicks:99 .* above 32/],
    ['Time limit?', { timeout: 'soon' }, {}, /^--timeout soon is not a time/],
    ['Access?', { access: 'all' }, {}, /^--access all is not an access/],
    ['Access rule?', { policy: 'p', access: 'send' }, {}, /^--policy p contradicts --access/],
    ['Kafka endpoint?', { kafka: true }, { 'Tier?': 'Basic' }, /^--kafka cannot hold on Basic/],
    ['Tag?', { tag: ['x'] }, {}, /^--tag x is not a tag/],
  ])('and cannot stand opens %s with the problem', async (message, flags, script, problem) => {
    const { person, options } = talk({}, { flags, script })
    const { inputs, subscriptionId } = await askForCreate(options)
    expect(person.asked.filter((one) => one === message)).toEqual([message])
    expect(person.firstErrors).toEqual([expect.stringMatching(problem)])
    expect(validate(inputs, { subscriptionId }).ok).toBe(true)
  })

  it('opens a question also about what exists, since an opinion was meant', async () => {
    const { person, options } = talk(AFTER_FIRST_RUN, { flags: { capacity: 'x' } })
    await askForCreate(options)
    expect(person.asked).toContain('Capacity?')
  })

  it('contradicts an answer: that answer is objected to', async () => {
    const { person, options } = talk({}, { flags: { autoInflateMax: '5' }, script: { 'Capacity?': ['8', '5'] } })
    await askForCreate(options)
    expect(person.objections).toEqual([expect.stringMatching(/^--auto-inflate-max 5 is below/)])
  })

  it('keeps the name of a hub whose partitions cannot be', async () => {
    const { options } = talk({}, { flags: { hub: ['clicks:99'] } })
    expect((await askForCreate(options)).inputs.hub?.texts).toEqual(['clicks'])
  })
})

describe('subscriptions', () => {
  const two: World = { subscriptions: [DEV, PROD] }

  it('are asked for when there are several, the default one first and marked', async () => {
    const { person, options } = talk(two)
    expect((await askForCreate(options)).subscriptionId).toBe(PROD.id)
    expect(person.rows.get('Subscription?')).toEqual([`${PROD.name}  ${PROD.id}  default`, `${DEV.name}  ${DEV.id}`])
  })

  it('go by name, in any case, and by their id from then on', async () => {
    const { person, options } = talk(two, { flags: { subscription: 'ml platform DEV' } })
    const { inputs, subscriptionId } = await askForCreate(options)
    expect([subscriptionId, inputs.subscription?.value, inputs.subscription?.texts]).toEqual([DEV.id, DEV.id, [DEV.id]])
    expect(person.asked).not.toContain('Subscription?')
  })

  it('that nobody sees are asked for again by name, and believed by id', async () => {
    const byName = talk(two, { flags: { subscription: 'Sandbox' } })
    await askForCreate(byName.options)
    expect(byName.person.firstErrors).toEqual(['Sandbox is no subscription that this account can see'])
    const id = '33333333-3333-3333-3333-333333333333'
    const byId = talk(two, { flags: { subscription: id } })
    expect((await askForCreate(byId.options)).subscriptionId).toBe(id)
  })

  it('of one name are told apart', async () => {
    const twins = { subscriptions: [DEV, { ...PROD, name: DEV.name }, { ...PROD, id: 'x', name: 'Other' }] }
    const { person, options } = talk(twins, { flags: { subscription: DEV.name } })
    await askForCreate(options)
    expect(person.firstErrors).toEqual([`${DEV.name} is the name of 2 subscriptions`])
    expect(person.rows.get('Subscription?')).toHaveLength(2)
  })

  it('that do not exist end the run with a way out', async () => {
    const { options } = talk({ subscriptions: [] })
    await expect(askForCreate(options)).rejects.toThrow(CliError)
  })

  it('are no matter on the embedded Azure', async () => {
    const { options, facts, calls } = talk({}, { more: { local: true } })
    const { inputs, subscriptionId } = await askForCreate(options)
    expect([facts, inputs.subscription, subscriptionId]).toEqual([[], undefined, DEV.id])
    expect(calls).not.toContain('identity')
  })
})

describe('namespace names', () => {
  it('that somebody else has are objected to at once', async () => {
    const { person, options } = talk(
      { taken: ['ns-clicks'] },
      { script: { 'Namespace?': ['ns-clicks', 'ns-clicks-2'] } },
    )
    expect((await askForCreate(options)).inputs.namespace?.value).toBe('ns-clicks-2')
    expect(person.objections).toEqual(['ns-clicks is taken: names are unique in all of Azure'])
  })

  it('that are taken open the question also when a flag gave them', async () => {
    const { person, options } = talk({ taken: ['ns-clicks'] }, { flags: { namespace: 'ns-clicks' } })
    expect((await askForCreate(options)).inputs.namespace?.value).toBe(OURS)
    expect(person.firstErrors).toEqual(['ns-clicks is taken: names are unique in all of Azure'])
  })

  it('of our own are never taken', async () => {
    const { person, options, calls } = talk({ ...AFTER_FIRST_RUN, taken: [OURS] }, { flags: { namespace: OURS } })
    await askForCreate(options)
    expect(person.asked).not.toContain('Namespace?')
    expect(calls).not.toContain('checkNamespaceName')
  })

  it('that are free leave no timer behind', async () => {
    const clock = new ManualClock()
    const { options, notes } = talk({}, { more: { clock } })
    await askForCreate(options)
    expect([notes, clock.pending]).toEqual([[], []])
  })

  it('pass with a note when the check fails', async () => {
    const { options, notes } = talk({ instead: { checkNamespaceName: forbidden } })
    expect((await askForCreate(options)).inputs.namespace?.value).toBe(OURS)
    expect(notes).toEqual([`Whether ${OURS} is free could not be found out yet.`])
  })

  it('pass with a note when the check takes too long', async () => {
    const clock = new ManualClock({ autoAdvance: true })
    const started = clock.now()
    const silent = (): Promise<never> => new Promise(() => undefined)
    const { options, notes } = talk({ instead: { checkNamespaceName: silent } }, { more: { clock } })
    await askForCreate(options)
    expect(notes).toEqual([`Whether ${OURS} is free could not be found out yet.`])
    expect(clock.now() - started).toBe(5_000)
    expect(clock.pending).toEqual([])
  })
})

describe('without permission to list', () => {
  it('names are typed, with one note for each list', async () => {
    const instead = { listGroups: forbidden, listNamespaces: forbidden, listLocations: forbidden, listHubs: forbidden }
    const { person, options, notes } = talk(
      { ...AFTER_FIRST_RUN, instead },
      { script: { 'Location?': 'West Europe', 'Resource group?': 'rg-typed', 'Hub?': DEFAULTS.hub } },
    )
    const { inputs } = await askForCreate(options)
    expect(person.asked.slice(0, 3)).toEqual(['Resource group?', 'Location?', 'Namespace?'])
    expect(inputs.location?.value).toBe('westeurope')
    expect(notes.slice(0, 3)).toEqual([
      "Can't read the resource groups (AuthorizationFailed).",
      "Can't read the regions (AuthorizationFailed).",
      "Can't read the namespaces of rg-typed (AuthorizationFailed).",
    ])
  })

  it('what exists is still found by its name', async () => {
    const instead = { listGroups: forbidden, listNamespaces: forbidden }
    const { options, facts } = talk({ ...AFTER_FIRST_RUN, instead })
    const { liveTier } = await askForCreate(options)
    expect(liveTier).toBe('Standard')
    expect(facts).toContain('Location: northeurope')
  })

  it('subscriptions go by id', async () => {
    const { person, options } = talk(
      { instead: { listSubscriptions: forbidden } },
      { script: { 'Subscription?': ['dev', DEV.id] } },
    )
    expect((await askForCreate(options)).subscriptionId).toBe(DEV.id)
    expect(person.objections).toEqual(['dev is not an id: the subscriptions cannot be listed here'])
  })

  it('not being signed in is the end', async () => {
    const denied = new CloudError({ message: 'x', azure: { status: 401 }, why: [], exitCode: 3, retryable: false })
    const { options } = talk({ instead: { listSubscriptions: () => Promise.reject(denied) } })
    await expect(askForCreate(options)).rejects.toBe(denied)
  })

  it('a mistake of ours is not taken for a missing permission', async () => {
    const { options } = talk({ instead: { listGroups: () => Promise.reject(new TypeError('ours')) } })
    await expect(askForCreate(options)).rejects.toThrow('ours')
  })
})

describe('leaving', () => {
  const questions = ['Subscription?', 'Resource group?', 'Location?', 'Namespace?', 'Tier?', 'Capacity?', 'Hub?']
  it.each([...questions, 'Partitions?', 'Retention?', 'Consumer group?'])('at %s interrupts', async (message) => {
    const { person, options } = talk({ subscriptions: [DEV, PROD] }, { script: { [message]: 'Ctrl-C' } })
    await expect(askForCreate(options)).rejects.toEqual(new Interruption('SIGINT'))
    expect(person.asked.at(-1)).toBe(message)
  })

  it.each(['identity', 'listSubscriptions', 'listGroups', 'listLocations', 'listNamespaces', 'listHubs'] as const)(
    'while %s is waited for ends at once',
    async (call) => {
      const stop = new AbortController()
      const hang = (): Promise<never> => {
        setImmediate(() => stop.abort(new Interruption('SIGTERM')))
        return new Promise(() => undefined)
      }
      const script: Script = call === 'listLocations' ? { 'Resource group?': 'Create a new one' } : {}
      const { options } = talk(
        { ...AFTER_FIRST_RUN, instead: { [call]: hang } },
        { script, more: { signal: stop.signal } },
      )
      await expect(askForCreate(options)).rejects.toEqual(new Interruption('SIGTERM'))
    },
  )
})
