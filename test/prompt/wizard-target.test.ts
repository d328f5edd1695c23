import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/lib/errors.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { AFTER_FIRST_RUN, OURS, DEV, forbidden, PROD, talk, type World } from './support.ts'

describe('subscriptions', () => {
  const two: World = { subscriptions: [DEV, PROD] }

  it('are asked for when there are several, the default one first and marked', async () => {
    const { person, options } = talk(two)
    expect((await askForCreate(options)).subscriptionId).toBe(PROD.id)
    expect(person.rows.get('Subscription?')).toEqual([`${PROD.name}  ${PROD.id}  default`, `${DEV.name}  ${DEV.id}`])
  })

  it('go by name, in any case, and by their id from then on', async () => {
    const { person, options } = talk(two, { flags: { subscription: 'ml platform DEV' } })
    const { given, subscriptionId } = await askForCreate(options)
    expect([subscriptionId, given.subscription?.value, given.subscription?.texts]).toEqual([DEV.id, DEV.id, [DEV.id]])
    expect(person.asked).not.toContain('Subscription?')
  })

  it('that nobody sees are asked for again by name, and believed by id', async () => {
    const byName = talk(two, { flags: { subscription: 'Sandbox' } })
    await askForCreate(byName.options)
    expect(byName.person.firstErrors).toEqual(['Sandbox is not a subscription that this account can see'])
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
    await expect(askForCreate(options)).rejects.toThrow(Failure)
  })

  it('are no matter on the embedded Azure', async () => {
    const { options, facts, calls } = talk({}, { more: { local: true } })
    const { given, subscriptionId } = await askForCreate(options)
    expect([facts, given.subscription, subscriptionId]).toEqual([[], undefined, DEV.id])
    expect(calls).not.toContain('identity')
  })
})

describe('namespace names', () => {
  it('that somebody else has are objected to at once', async () => {
    const { person, options } = talk(
      { taken: ['ns-clicks'] },
      { script: { 'Namespace?': ['ns-clicks', 'ns-clicks-2'] } },
    )
    expect((await askForCreate(options)).given.namespace?.value).toBe('ns-clicks-2')
    expect(person.objections).toEqual(['ns-clicks is taken: names are unique in all of Azure'])
  })

  it('that are taken open the question also when a flag gave them', async () => {
    const { person, options } = talk({ taken: ['ns-clicks'] }, { flags: { namespace: 'ns-clicks' } })
    expect((await askForCreate(options)).given.namespace?.value).toBe(OURS)
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
    expect((await askForCreate(options)).given.namespace?.value).toBe(OURS)
    expect(notes).toEqual([`Could not check yet whether ${OURS} is free.`])
  })

  it('pass with a note when the check takes too long', async () => {
    const clock = new ManualClock({ autoAdvance: true })
    const started = clock.now()
    const silent = (): Promise<never> => new Promise(() => undefined)
    const { options, notes } = talk({ instead: { checkNamespaceName: silent } }, { more: { clock } })
    await askForCreate(options)
    expect(notes).toEqual([`Could not check yet whether ${OURS} is free.`])
    expect(clock.now() - started).toBe(5_000)
    expect(clock.pending).toEqual([])
  })
})
