import { expect, test } from 'vitest'
import type { Fault } from '../../src/local/index.ts'
import { startTestAzure } from '../support/azure.ts'
import { CONDITIONS, disallowed, type Policy } from '../support/policies.ts'
import { documentOf, SMALL_CREATE, unwrapped } from './support.ts'

const NAMESPACE = /\/namespaces\/[^/]+$/

const denied = (...policies: readonly Policy[]): Fault => ({
  ...{ kind: 'policy', method: 'PUT', path: NAMESPACE },
  reply: { status: 403, body: disallowed(...policies) },
})

const SAID = [
  ['location', 'westeurope; allowed: northeurope, swedencentral.', '--location northeurope'],
  ['tag', "tags['costCenter'] is missing.", '--tag costCenter=VALUE'],
  ['publicAccess', 'publicNetworkAccess is Enabled; allowed: Disabled.', '--public-network-access disabled'],
  ['tls', 'minimumTlsVersion is 1.0; Less 1.2 is true.', '--minimum-tls 1.2'],
  ['localAuth', 'disableLocalAuth is false; allowed: true.', '--disable-local-auth'],
  ['tier', 'sku.name is Basic; allowed: Standard, Premium.', '--tier Standard'],
] as const

test.each(SAID)('a policy about %s: the run is refused, although the group is made', async (key, why, flag) => {
  const azure = await startTestAzure()
  azure.arm.faults.add(denied({ name: 'House rules', reason: 'Ask cloud@contoso.com.', conditions: [CONDITIONS[key]] }))
  const run = await azure.run(SMALL_CREATE)
  expect(run).toMatchObject({ exitCode: 4, stdout: '' })
  const said = unwrapped(run.stderr)
  expect(said).toContain('Azure Policy forbids it: House rules (on management group contoso).')
  expect(said).toContain('It says: Ask cloud@contoso.com.')
  expect(said).toContain(why)
  expect(said).toContain(`Change it with ${flag}, or ask the owner of the policy for an exemption.`)
  expect(said).toMatch(/Done +resource group rg-clicks/)
  expect(said).not.toContain('Run the same command again')
})

test('the document has the policies of each failed change, and what is done', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add(
    denied({ name: 'Regions', conditions: [CONDITIONS.location] }, { name: 'Tags', conditions: [CONDITIONS.tag] }),
  )
  const run = await azure.run([...SMALL_CREATE, '--json'])
  const document = documentOf(run)
  expect(document).toMatchObject({
    ...{ result: 'partial', exitCode: 4 },
    error: {
      code: 'refused',
      azure: { code: 'RequestDisallowedByPolicy', status: 403 },
      hint: 'Change it with --location northeurope --tag costCenter=VALUE, or ask the owner of the policy for an exemption.',
    },
  })
  expect(document.error?.why).toHaveLength(4)
  expect(document.changes.map(({ state }) => state)).toEqual([
    'done',
    'failed',
    ...Array<string>(3).fill('not-started'),
  ])
})

test('what is advised satisfies the policy', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add({ kind: 'policy', method: 'PUT', path: NAMESPACE, times: 1 })
  expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 4 })
  expect(await azure.run([...SMALL_CREATE, '--tag', 'costCenter=42'])).toMatchObject({ exitCode: 0 })
})

test('a refusal beside another failure is not the end: some of it is done by another run', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add(
    { kind: 'locked', method: 'PUT', path: /eventhubs\/clicks$/ },
    { kind: '500', method: 'PUT', path: /eventhubs\/views$/ },
  )
  const hubs = ['--hub', 'clicks', '--hub', 'views', '--consumer-group', 'views/trainer']
  expect(await azure.run([...SMALL_CREATE.slice(0, 7), ...hubs, '--yes'])).toMatchObject({ exitCode: 6 })
})

test('a demand for another factor before the first write is a matter of the sign-in', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add({ kind: 'mfa', method: 'PUT' })
  const run = await azure.run(SMALL_CREATE)
  expect(run).toMatchObject({ exitCode: 3, stdout: '' })
  expect(unwrapped(run.stderr)).toContain('Azure asks for multi-factor authentication, and this sign-in has none.')
})
