import { expect, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { openBlobs } from '../../src/run/open-blobs.ts'
import type { Run } from '../../src/run/run.ts'
import type { Settled } from '../../src/run/settle.ts'

test('without a token nothing is asked, and the sign-in is to blame', async () => {
  const run = { azure: { clock: realClock }, deps: { version: '1.2.3' } } as unknown as Run
  const signedIn = {
    blobEndpoint: (account: string) => `http://127.0.0.1:1/${account}`,
    storageCredential: { getToken: () => Promise.resolve(null) },
  }
  const { client, by } = await openBlobs(run, { signedIn } as unknown as Settled, 'stclicks', undefined)
  expect(by).toBe('sign-in')
  await expect(client.get('files', 'a.avro', new AbortController().signal)).rejects.toMatchObject({
    ...{ code: 'access', message: "Can't sign in to storage account stclicks" },
  })
})
