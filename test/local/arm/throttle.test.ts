import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { startWithNamespace } from './client.ts'

const HUB = '@/namespaces/namespace1/eventhubs/h'
const GROUP = (n: number) => `${HUB}/consumergroups/g${n % 10}`

/** How many of `count` requests are let through. */
async function letThrough(count: number, call: (n: number) => Promise<{ status: number }>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, (_, n) => call(n)))
  return answers.filter(({ status }) => status < 400).length
}

test('writes: 200 at once, then 10 a second, with Retry-After', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, rateLimits: true })
  await client.call('PUT', HUB, {})
  const write = (n: number) => client.call('PUT', GROUP(n), {})
  expect(await letThrough(210, write)).toBe(199)
  const refused = await write(0)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  expect(refused.text).toContain('"code":"SubscriptionRequestsThrottled"')
  expect(refused.text).toContain("'PUT/SUBSCRIPTIONS/RESOURCEGROUPS/PROVIDERS/NAMESPACES/EVENTHUBS/CONSUMERGROUPS/'")
  clock.advance(1_000)
  expect(await letThrough(20, write)).toBe(10)
  clock.advance(3_600_000)
  expect(await letThrough(210, write)).toBe(200)
})

test('reads, deletes and writes have buckets of their own; POST counts as a write; the namespace has its own', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, rateLimits: true })
  await client.call('PUT', HUB, {})
  expect(await letThrough(300, () => client.call('GET', HUB))).toBe(250)
  expect(await letThrough(250, (n) => client.call('DELETE', GROUP(n)))).toBe(200)
  expect(await letThrough(60, () => client.call('PATCH', '@/namespaces/namespace1', {}))).toBe(50)
  const keys = '@/namespaces/namespace1/authorizationRules/RootManageSharedAccessKey/listKeys'
  expect(await letThrough(250, () => client.call('POST', keys))).toBe(199)
})

test('what is left is always told, and off nobody is refused', async () => {
  await using client = await startWithNamespace({ clock: new ManualClock() })
  const first = await client.call('PUT', HUB, {})
  expect(first.headers.get('x-ms-ratelimit-remaining-subscription-writes')).toBe('199')
  expect(first.headers.get('x-ms-ratelimit-remaining-subscription-global-writes')).toBe('2999')
  const namespace = await client.call('PATCH', '@/namespaces/namespace1', {})
  expect(namespace.headers.get('x-ms-ratelimit-remaining-subscription-resource-requests')).toBe('49')
  expect(await letThrough(250, (n) => client.call('PUT', GROUP(n), {}))).toBe(250)
  const read = await client.call('GET', HUB)
  expect(read.headers.get('x-ms-ratelimit-remaining-subscription-reads')).toBe('249')
})
