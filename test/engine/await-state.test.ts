import { describe, expect, it } from 'vitest'
import { awaitGone, awaitNamespace, awaitProvider, awaitQuiet, type WaitOptions } from '../../src/engine/await-state.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Failure } from '../../src/lib/errors.ts'
import { Gate } from '../../src/engine/gate.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cloudError, ScriptedCloud } from '../support/scripted-cloud.ts'
import { aWorld } from '../support/worlds.ts'
import { AT, settle } from './applying.ts'

/** A cloud that answers these states, one a look, and the last for ever. */
function showing(...states: readonly (string | undefined)[]) {
  const clock = new ManualClock({ autoAdvance: true })
  const stop = new AbortController()
  const startedAt = clock.now()
  const looks: number[] = []
  const next = () => states[Math.min(looks.push(clock.now() - startedAt), states.length) - 1]
  const cloud = new ScriptedCloud(clock, aWorld().withNamespace())
  cloud.readNamespace = () => {
    const provisioningState = next()
    return Promise.resolve(provisioningState ? { ...cloud.world.namespace!, provisioningState } : undefined)
  }
  cloud.readProvider = () => Promise.resolve({ state: next(), locations: [] })
  const told: string[] = []
  const options = { clock, stop: stop.signal, onState: (state: string) => void told.push(state) }
  const gate = new Gate({ clock, stop: stop.signal, random: () => 0.5 })
  return { cloud, gate, options, looks, told, stop }
}

describe('a namespace that was written', () => {
  it('is looked at once a second until it is finished', async () => {
    const { cloud, gate, options, looks, told } = showing(...Array.from({ length: 8 }, () => 'Creating'), 'Succeeded')
    await awaitNamespace(cloud, gate, AT, options)
    const delays = looks.slice(1).map((at, i) => at - looks[i]!)
    expect(delays).toEqual(Array.from({ length: 8 }, () => 1_000))
    expect(told).toEqual(Array.from({ length: 8 }, () => 'Creating'))
  })

  it('goes through whatever states Azure has', async () => {
    const { cloud, gate, options, told } = showing('Created', 'Activating', 'Updating', 'Succeeded')
    await awaitNamespace(cloud, gate, AT, options)
    expect(told).toEqual(['Created', 'Activating', 'Updating'])
  })

  it('may not be seen for a moment', async () => {
    const { cloud, gate, options, told } = showing(undefined, undefined, 'Creating', 'Succeeded')
    await awaitNamespace(cloud, gate, AT, options)
    expect(told).toEqual(['not visible yet', 'not visible yet', 'Creating'])
  })

  it.each([
    ['Failed', 'Namespace ns-demo ended in state Failed', 0],
    ['Canceled', 'Namespace ns-demo ended in state Canceled', 0],
    [undefined, 'Namespace ns-demo is gone', 40],
  ])('that ends in %s is an error', async (state, message, looksBefore) => {
    const { cloud, gate, options, told } = showing(state)
    await expect(awaitNamespace(cloud, gate, AT, options)).rejects.toMatchObject({
      message,
      code: 'azure',
      retryable: false,
      azure: { code: state ?? 'NotFound' },
    })
    expect(told).toHaveLength(looksBefore)
  })

  it('is waited for no longer than the run', async () => {
    const { cloud, gate, options, stop } = showing('Creating')
    const caught = awaitNamespace(cloud, gate, AT, options).catch((reason: unknown) => reason)
    await settle()
    const reason = new Interruption('timeout')
    stop.abort(reason)
    expect(await caught).toBe(reason)
  })

  it('is looked at again after trouble on the way', async () => {
    const { gate, options, told } = showing('Succeeded')
    const cloud = new ScriptedCloud(options.clock, aWorld().withNamespace())
    cloud.fail(/readNamespace/, cloudError(503), cloudError(429, { retryAfterMs: 3_000 }))
    await awaitNamespace(cloud, gate, AT, options)
    expect(cloud.calls).toHaveLength(3)
    expect(told).toEqual([])
    const denied = cloudError(403, { retryable: false })
    cloud.fail(/readNamespace/, denied)
    const caught = (await awaitNamespace(cloud, gate, AT, options).catch((error: unknown) => error)) as Failure
    expect(caught).toBe(denied)
  })
})

/** Seconds that Azure works on something, between looks. */
const TIMES_MS = Array.from({ length: 300 }, (_, i) => (i + 1) * 1_000 + ((i * 37) % 1_000))

/** A clock that jumps over each sleep, for one that waits alone. */
function jumpingClock(): Clock {
  let now = 0
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
}

describe.each([20, 150, 330])('a wait with answers after %i ms', (latencyMs) => {
  type Wait = (cloud: ScriptedCloud, gate: Gate, options: WaitOptions) => Promise<void>
  const read = (cloud: ScriptedCloud, { stop }: WaitOptions) => cloud.readNamespace(AT, { signal: stop })

  it.each<[what: string, before: string, after: string | undefined, wait: Wait]>([
    ['a new namespace', 'Creating', 'Succeeded', (cloud, gate, options) => awaitNamespace(cloud, gate, AT, options)],
    ['a deletion', 'Deleting', undefined, (cloud, _, options) => awaitGone('it', () => read(cloud, options), options)],
    [
      'a change by others',
      'Updating',
      'Succeeded',
      (cloud, _, options) => awaitQuiet(() => read(cloud, options), options),
    ],
    ['the provider', 'Registering', 'Registered', awaitProvider],
  ])('ends at most a second after Azure, however long it takes: %s', async (_, before, after, wait) => {
    for (const takesMs of TIMES_MS) {
      const clock = jumpingClock()
      const cloud = new ScriptedCloud(clock, aWorld().withNamespace())
      const look = async () => {
        await clock.sleep(latencyMs / 2)
        const state = clock.now() < takesMs ? before : after
        await clock.sleep(latencyMs / 2)
        return state
      }
      cloud.readNamespace = async () => {
        const provisioningState = await look()
        return provisioningState === undefined ? undefined : { ...cloud.world.namespace!, provisioningState }
      }
      cloud.readProvider = async () => ({ state: await look(), locations: [] })
      const stop = new AbortController().signal
      await wait(cloud, new Gate({ clock, stop, random: () => 0.5 }), { clock, stop, onState: () => undefined })
      expect(clock.now() - takesMs).toBeLessThanOrEqual(1_000)
    }
  })
})

describe('what somebody else is changing', () => {
  it.each([
    [['Updating', 'Updating', 'Succeeded'], 2],
    [['Deleting', undefined], 1],
    [['Creating', 'Failed'], 1],
    [['Succeeded'], 0],
    [[undefined], 0],
  ])('is waited for until it is final or gone: %j', async (states, waits) => {
    const { cloud, options, told } = showing(...states)
    await awaitQuiet(() => cloud.readNamespace(AT, { signal: options.stop }), options)
    expect(told).toHaveLength(waits)
  })
})

describe('the provider', () => {
  it('is waited for until it is registered', async () => {
    const { cloud, gate, options, told } = showing('NotRegistered', 'Registering', undefined, 'Registered')
    await awaitProvider(cloud, gate, options)
    expect(told).toEqual(['NotRegistered', 'Registering', 'unknown'])
  })
})
