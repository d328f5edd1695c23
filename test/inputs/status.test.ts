import { expect, test } from 'vitest'
import { STATUS_INPUTS } from '../../src/inputs/status.ts'

const { checkpoints } = STATUS_INPUTS

test('a container of checkpoints is an account and a container', () => {
  const read = checkpoints.parse(' stclicks/check-points ')
  expect(read).toEqual({ ok: true, value: { account: 'stclicks', container: 'check-points' } })
  expect(checkpoints.format!({ account: 'stclicks', container: 'check-points' })).toBe('stclicks/check-points')
})

test.each([
  ['', /^is empty$/],
  ['stclicks', /^is not ACCOUNT\/CONTAINER/],
  ['https://stclicks.blob.core.windows.net/c', /^is not ACCOUNT\/CONTAINER/],
  ['St-Clicks/marks', /^does not begin with the name of a storage account/],
  ['stclicks/', /^has a container that is empty$/],
  ['stclicks/Marks', /^has a container that is not a container name/],
])('"%s" is none', (text, message) => {
  expect(checkpoints.parse(text)).toEqual({ ok: false, message: expect.stringMatching(message) as string })
})
