import { expect, it } from 'vitest'
import { awaitGone } from '../../src/engine/await-state.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** Waits for something that shows these states, one a look and the last for good; undefined = gone. */
async function waitThrough(...states: readonly (string | undefined)[]) {
  const clock = new ManualClock({ autoAdvance: true })
  const told: string[] = []
  let look = 0
  const startedAt = clock.now()
  const read = () => {
    const provisioningState = states[Math.min(look++, states.length - 1)]
    return Promise.resolve(provisioningState === undefined ? undefined : { provisioningState })
  }
  const stop = new AbortController().signal
  const error = await awaitGone('namespace ns', read, { clock, stop, onState: (state) => void told.push(state) }).then(
    () => undefined,
    (thrown: Error) => thrown.message,
  )
  return { error, told, elapsedMs: clock.now() - startedAt }
}

it('is over when it is gone, also at once', async () => {
  expect(await waitThrough('Deleting', 'Deleting', undefined)).toMatchObject({
    error: undefined,
    told: ['Deleting', 'Deleting'],
  })
  expect(await waitThrough(undefined)).toEqual({ error: undefined, told: [], elapsedMs: 0 })
})

it('is patient while Azure has agreed and does not show it yet', async () => {
  expect(await waitThrough('Succeeded', 'Succeeded', 'Succeeded', 'Deleting', undefined)).toMatchObject({
    error: undefined,
  })
})

it('fails when it was seen going and stands there again', async () => {
  const { error, told } = await waitThrough('Deleting', 'Failed')
  expect([error, told]).toEqual(['Namespace ns is still there', ['Deleting']])
})

it('fails when nothing happens for about two minutes', async () => {
  const { error, elapsedMs } = await waitThrough('Succeeded')
  expect(error).toBe('Namespace ns is still there')
  expect(elapsedMs).toBeGreaterThan(90_000)
  expect(elapsedMs).toBeLessThan(150_000)
})
