import { describe, expect, it } from 'vitest'
import { askForTarget } from '../../src/prompt/ask-target.ts'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { defaultNamespaceName } from '../../src/resources/namespace/name.ts'
import { DEV, forbidden, group, hub, namespace, PROD, talk, type World } from './support.ts'

const OURS = defaultNamespaceName(DEV.id, DEFAULTS.resourceGroup)

const SEVERAL: World = {
  subscriptions: [DEV, PROD],
  groups: [group('rg-a'), group(DEFAULTS.resourceGroup)],
  namespaces: [namespace('ns-other', { tier: 'Premium' }), namespace(OURS)],
  hubs: [hub('audit'), hub(DEFAULTS.hub)],
}

describe('the target of show-connection', () => {
  it('costs nothing when it is named', async () => {
    const flags = { subscription: DEV.id, resourceGroup: 'rg', namespace: 'ns-demo', hub: ['clicks'] }
    const { person, options, calls } = talk(SEVERAL, { flags })
    expect(await askForTarget('show-connection', options)).toEqual({ given: options.given, subscriptionId: DEV.id })
    expect([person.asked, calls]).toEqual([[], []])
  })

  it('is asked for where there are several, Enter taking what create makes by itself', async () => {
    const { person, options } = talk(SEVERAL, { script: { 'Subscription?': DEV.name } })
    const { given, liveTier } = await askForTarget('show-connection', options)
    expect(person.asked).toEqual(['Subscription?', 'Resource group?', 'Namespace?', 'Hub?'])
    expect([given.resourceGroup?.value, given.namespace?.value, given.hub?.texts, liveTier]).toEqual([
      DEFAULTS.resourceGroup,
      OURS,
      [DEFAULTS.hub],
      'Standard',
    ])
  })

  it('is a row where it is alone', async () => {
    const world = { groups: [group('rg-a')], namespaces: [namespace('ns-other')], hubs: [hub('audit')] }
    const { person, options, facts } = talk(world)
    const { given } = await askForTarget('show-connection', options)
    expect(person.asked).toEqual([])
    expect(facts.slice(1)).toEqual(['Resource group: rg-a', 'Namespace: ns-other', 'Hub: audit'])
    expect(given.hub?.texts).toEqual(['audit'])
  })

  it('stays open where there is nothing: the defaults stand', async () => {
    const { person, options } = talk({})
    const { given } = await askForTarget('show-connection', options)
    expect([person.asked, Object.keys(given)]).toEqual([[], ['subscription']])
  })

  it('is typed where it may not be listed', async () => {
    const instead = { listGroups: forbidden, listNamespaces: forbidden, listHubs: forbidden }
    const { person, options, notes } = talk({ instead }, { script: { 'Hub?': 'clicks' } })
    const { given } = await askForTarget('show-connection', options)
    expect(person.asked).toEqual(['Resource group?', 'Namespace?', 'Hub?'])
    expect([given.namespace?.value, given.hub?.texts]).toEqual([OURS, ['clicks']])
    expect(notes).toHaveLength(3)
  })

  it('that a flag named wrongly is asked for with the problem, also where it is alone', async () => {
    const world = { groups: [group('rg-a')], namespaces: [namespace('ns-other')], hubs: [hub('audit')] }
    const { person, options } = talk(world, { flags: { namespace: 'ns' } })
    await askForTarget('show-connection', options)
    expect(person.asked).toEqual(['Namespace?'])
    expect(person.firstErrors).toEqual([expect.stringMatching(/^--namespace ns has 2 characters/)])
  })
})

describe('the target of plan', () => {
  it('may be what is not there yet, which Enter takes', async () => {
    const { person, options } = talk({ groups: [group('rg-a'), group('rg-b')] })
    const { given } = await askForTarget('plan', options)
    expect(person.asked).toEqual(['Resource group?', 'Location?'])
    expect(person.rows.get('Resource group?')).toEqual(['rg-a', 'rg-b', `${DEFAULTS.resourceGroup}  not there yet`])
    expect([given.resourceGroup?.value, given.location?.value]).toEqual([DEFAULTS.resourceGroup, 'northeurope'])
  })

  it('needs no location where its group has one, nor on the embedded Azure', async () => {
    const there = talk({ groups: [group('rg-a')] }, { script: { 'Resource group?': 'rg-a' } })
    await askForTarget('plan', there.options)
    expect(there.person.asked).toEqual(['Resource group?'])
    const local = talk({}, { more: { local: true } })
    await askForTarget('plan', local.options)
    expect(local.person.asked).toEqual([])
  })
})
