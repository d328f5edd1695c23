import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import {
  aFolder,
  aFolderWith,
  armGet,
  armSend,
  documentOf,
  GROUP,
  type Json,
  NAMESPACE,
  NAMESPACE_PATH,
  TARGET,
  unwrapped,
} from './support.ts'

const RULES_PATH = `${NAMESPACE_PATH}/networkRuleSets/default`
const WRITER =
  '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-id/providers/Microsoft.ManagedIdentity/userAssignedIdentities/writer'
const TRAIN =
  '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-Net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/train'
const FILE = `version: 1
resourceGroup: ${GROUP}
location: westeurope
namespace: ${NAMESPACE}
minimumTls: 1.2
publicNetworkAccess: enabled
identity: [SystemAssigned]
network:
  trustedServices: true
  ipRules: [203.0.113.0/24]
  subnets: [${TRAIN}]
hubs:
  - {name: clicks, consumerGroups: []}
`
const AGREED = ['--yes', '--no-connection']

const read = async ({ arm }: TestAzure, path: string): Promise<Json> =>
  JSON.parse((await armGet(arm, path)) ?? '{}') as Json
const propertiesAt = async (azure: TestAzure, path: string) => (await read(azure, path))['properties'] as Json

async function made(text = FILE) {
  const azure = await startTestAzure()
  const cwd = await aFolderWith(text)
  const run = await azure.run(['create', ...AGREED], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  return { azure, cwd }
}

describe('what an organisation requires', () => {
  test('is made with the namespace, found again without a write, and shown in the document', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(FILE)
    const document = documentOf(await azure.run(['create', '--yes', '--json'], { cwd }))
    const rules = document.changes.find(({ kind }) => kind === 'network-rules')
    expect(rules).toMatchObject({
      state: 'done',
      details: ['Deny by default', 'IP rule 203.0.113.0/24', '1 subnet', 'trusted services'],
    })
    expect(await read(azure, NAMESPACE_PATH)).toMatchObject({
      identity: { type: 'SystemAssigned' },
      properties: { minimumTlsVersion: '1.2', publicNetworkAccess: 'Enabled' },
    })
    expect(await propertiesAt(azure, RULES_PATH)).toMatchObject({
      defaultAction: 'Deny',
      trustedServiceAccessEnabled: true,
      ipRules: [{ ipMask: '203.0.113.0/24', action: 'Allow' }],
    })
    azure.requests.length = 0
    expect((await azure.run(['create', ...AGREED], { cwd })).exitCode).toBe(0)
    expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
    expect(azure.writes()).toEqual([])
  })

  const byOthers = async (azure: TestAzure): Promise<void> => {
    const { location } = await read(azure, NAMESPACE_PATH)
    const properties = { ...(await propertiesAt(azure, RULES_PATH)), futureProperty: { kept: true } }
    const others = [{ ipMask: '198.51.100.7', action: 'Allow', futureProperty: 1 }]
    const changed = { ...properties, defaultAction: 'Allow', trustedServiceAccessEnabled: false, ipRules: others }
    expect(await armSend(azure.arm, 'PUT', RULES_PATH, { properties: changed })).toBe(200)
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [WRITER]: {} } }
    const patch = { location, identity, properties: { minimumTlsVersion: '1.1', publicNetworkAccess: 'Disabled' } }
    expect(await armSend(azure.arm, 'PATCH', NAMESPACE_PATH, patch as Json)).toBe(200)
  }

  test('is kept as another tool leaves it when nothing is said of it', async () => {
    const { azure } = await made()
    await byOthers(azure)
    const before = [await read(azure, NAMESPACE_PATH), await read(azure, RULES_PATH)]
    azure.requests.length = 0
    const run = await azure.run(['create', ...TARGET, '--hub', 'clicks', '--no-consumer-group', ...AGREED])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(azure.writes()).toEqual([])
    expect([await read(azure, NAMESPACE_PATH), await read(azure, RULES_PATH)]).toEqual(before)
  })

  test('is put right when it is said, and what others added stays', async () => {
    const { azure, cwd } = await made()
    await byOthers(azure)
    const planned = await azure.run(['plan', '--exit-code'], { cwd })
    expect(planned.exitCode).toBe(5)
    const words = unwrapped(planned.stdout)
    for (const change of [
      'minimum TLS version 1.1 -> 1.2',
      'public network access disabled -> enabled',
      'identity writer -> writer, SystemAssigned',
      'default action Allow -> Deny',
      'trusted services off -> on',
      'IP rule 203.0.113.0/24 not set -> Allow',
    ])
      expect(words).toContain(change)
    expect(words).not.toContain('subnet vnet/train not set')
    const run = await azure.run(['create', ...AGREED], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    expect(await read(azure, NAMESPACE_PATH)).toMatchObject({
      identity: {
        type: 'SystemAssigned, UserAssigned',
        userAssignedIdentities: { [WRITER]: {} },
      },
      properties: { minimumTlsVersion: '1.2', publicNetworkAccess: 'Enabled' },
    })
    const rules = await propertiesAt(azure, RULES_PATH)
    expect(rules).toMatchObject({ defaultAction: 'Deny', futureProperty: { kept: true } })
    expect(rules['ipRules']).toEqual([
      { ipMask: '198.51.100.7', action: 'Allow', futureProperty: 1 },
      { ipMask: '203.0.113.0/24', action: 'Allow' },
    ])
    expect(rules['virtualNetworkRules']).toHaveLength(1)
    expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
  })

  test('is taken away on request', async () => {
    const { azure, cwd } = await made(
      FILE.replace('identity: [SystemAssigned]', `identity: [SystemAssigned, ${WRITER}]`),
    )
    const one = await aFolderWith(
      FILE.replace('identity: [SystemAssigned]\n', '').replace('network:', 'network:\n  removeOthers: true'),
    )
    await armSend(azure.arm, 'PUT', RULES_PATH, {
      properties: {
        defaultAction: 'Deny',
        ipRules: [{ ipMask: '192.0.2.1', action: 'Allow' }],
        virtualNetworkRules: [],
      },
    })
    const run = await azure.run(['create', ...AGREED, '--remove-identity', WRITER], { cwd: one })
    expect(run.exitCode, run.stderr).toBe(0)
    const { identity } = await read(azure, NAMESPACE_PATH)
    expect(identity).toMatchObject({ type: 'SystemAssigned' })
    expect(identity).not.toHaveProperty('userAssignedIdentities')
    expect((await propertiesAt(azure, RULES_PATH))['ipRules']).toEqual([{ ipMask: '203.0.113.0/24', action: 'Allow' }])
    const none = await azure.run(['create', ...AGREED, '--identity', 'None'], { cwd })
    expect(none.exitCode, none.stderr).toBe(0)
    expect(await read(azure, NAMESPACE_PATH)).not.toHaveProperty('identity')
  })

  test('is not asked for again by the file that is saved after it was taken away', async () => {
    const { azure, cwd } = await made()
    const run = await azure.run(['create', ...AGREED, '--remove-identity', 'SystemAssigned', '--save'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    const text = await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')
    expect(text).toMatch(/^identity: \[\s*\]$/m)
    await armSend(azure.arm, 'PATCH', NAMESPACE_PATH, { identity: { type: 'SystemAssigned' } })
    expect((await azure.run(['create', ...AGREED, '--save'], { cwd })).exitCode).toBe(0)
    expect(await read(azure, NAMESPACE_PATH)).toHaveProperty('identity')
  })

  test('is refused where Azure cannot do it, before anything is written', async () => {
    const { azure, cwd } = await made()
    azure.requests.length = 0
    for (const [key, reason] of [
      ['minimumTls: 1.0', "Can't set the minimum TLS version"],
      ['minimumTls: 1.2\nzoneRedundant: true', "Can't switch zone redundancy"],
    ] as const) {
      await writeFile(join(cwd, 'ml-ingest.yaml'), FILE.replace('minimumTls: 1.2', key))
      const run = await azure.run(['create', ...AGREED], { cwd })
      expect(run.exitCode, run.stderr).toBe(4)
      expect(unwrapped(run.stderr)).toContain(reason)
    }
    expect(azure.writes()).toEqual([])
  })

  test('is told by show-connection, in lines and in the document', async () => {
    const { azure, cwd } = await made()
    const words = 'its firewall lets in only 203.0.113.0/24, subnet vnet/train, and trusted services of Azure'
    const shown = await azure.run(['show-connection', '--format', 'raw'], { cwd })
    expect(unwrapped(shown.stderr)).toContain(`Namespace ${NAMESPACE}: ${words}.`)
    expect(shown.stdout).toMatch(/^Endpoint=sb:\S+\n$/)
    const document = documentOf(await azure.run(['show-connection', '--json'], { cwd }))
    expect(document.connections?.map(({ conditions }) => conditions)).toEqual([[words]])
  })

  test('is saved, so that the file makes the same and changes nothing here', async () => {
    const { azure } = await made()
    const cwd = await aFolder()
    const run = await azure.run(
      ['create', ...TARGET, '--hub', 'clicks', '--no-consumer-group', ...AGREED, '--save=out.yaml'],
      { cwd },
    )
    expect(run.exitCode, run.stderr).toBe(0)
    const text = await readFile(join(cwd, 'out.yaml'), 'utf8')
    for (const line of ['- SystemAssigned', 'defaultAction: Deny', 'trustedServices: true', '- 203.0.113.0/24'])
      expect(text).toContain(line)
    expect((await azure.run(['plan', '-f', 'out.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
  })
})
