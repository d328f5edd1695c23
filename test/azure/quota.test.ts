import { afterEach, expect, it } from 'vitest'
import { AT, call, connect, serve, SUBSCRIPTION, type Awkward } from './support.ts'

let server: Awkward | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** What a run learns from an answer with these headers. */
async function learntFrom(headers: Readonly<Record<string, string>>): Promise<readonly (readonly [string, number])[]> {
  const learnt: (readonly [string, number])[] = []
  server = await serve(() => ({ status: 200, body: {}, headers }))
  const onQuota = (kind: string, left: number) => void learnt.push([kind, left])
  await connect(server.endpoint, { onQuota }).cloud(SUBSCRIPTION).readNamespace(AT, call)
  return learnt
}

it.each([
  [{}, []],
  [{ 'x-ms-ratelimit-remaining-subscription-reads': '249' }, [['reads', 249]]],
  [{ 'x-ms-ratelimit-remaining-subscription-writes': '0' }, [['writes', 0]]],
  [{ 'x-ms-ratelimit-remaining-tenant-deletes': '7' }, [['deletes', 7]]],
  [
    {
      'x-ms-ratelimit-remaining-subscription-writes': '199',
      'x-ms-ratelimit-remaining-subscription-global-writes': '12',
    },
    [['writes', 12]],
  ],
  [{ 'x-ms-ratelimit-remaining-subscription-resource-requests': '49' }, []],
  [{ 'x-ms-ratelimit-remaining-subscription-reads': 'none' }, []],
])('%j', async (headers, expected) => {
  expect(await learntFrom(headers as Readonly<Record<string, string>>)).toEqual(expected)
})
