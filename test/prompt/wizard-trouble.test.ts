import { describe, expect, it } from 'vitest'
import { Failure, Interruption } from '../../src/lib/errors.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { AFTER_FIRST_RUN, DEV, forbidden, PROD, talk, type Script } from './support.ts'

describe('without permission to list', () => {
  it('names are typed, with one note for each list', async () => {
    const instead = { listGroups: forbidden, listNamespaces: forbidden, listLocations: forbidden, listHubs: forbidden }
    const { person, options, notes } = talk(
      { ...AFTER_FIRST_RUN, instead },
      { script: { 'Location?': 'West Europe', 'Resource group?': 'rg-typed', 'Hub?': DEFAULTS.hub } },
    )
    const { given } = await askForCreate(options)
    expect(person.asked.slice(0, 3)).toEqual(['Resource group?', 'Location?', 'Namespace?'])
    expect(given.location?.value).toBe('westeurope')
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
    const denied = new Failure({ message: 'x', azure: { status: 401 }, why: [], code: 'access' })
    const { options } = talk({ instead: { listSubscriptions: () => Promise.reject(denied) } })
    await expect(askForCreate(options)).rejects.toBe(denied)
  })

  it('a mistake of ours is not taken for a missing permission', async () => {
    const { options } = talk({ instead: { listGroups: () => Promise.reject(new TypeError('ours')) } })
    await expect(askForCreate(options)).rejects.toThrow('ours')
  })
})

describe('leaving', () => {
  const place = ['Subscription?', 'Resource group?', 'Location?', 'Namespace?', 'How much will come in?']
  const rest = ['Tier?', 'Capacity?', 'Hub?', 'Partitions?', 'Retention?', 'Consumer group?']
  it.each([...place, ...rest])('at %s interrupts', async (message) => {
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
