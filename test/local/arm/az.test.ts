import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { LOCAL_SUBSCRIPTION } from '../../../src/local/constants.ts'
import { type Need, present, runReferee } from '../amqp/support/referee.ts'
import { SUBSCRIPTION, startWithNamespace } from './client.ts'

const PYTHON = '/usr/bin/python3'
const AZ: Need = {
  what: `The Azure CLI of ${PYTHON}`,
  probe: [PYTHON, '-c', 'import azure.cli.core, azure.cli.command_modules.eventhubs'],
  from: "Debian's azure-cli",
}
const DRIVER = fileURLToPath(new URL('../../support/az.py', import.meta.url))

const ENDPOINT = `${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/ml`
const stateOf = (status: string) => ({ status, description: null })

/** A command without `az eventhubs namespace` and the names, and what its answer has to say. */
type Step = readonly [command: string, answer: Readonly<Record<string, unknown>> | null]

const wordsOf = (command: string): readonly string[] => {
  const [first = '', ...others] = command.split(' ')
  const name = /^(?:create|show|update)$/.test(first) ? '--name' : '--namespace-name'
  return ['eventhubs', 'namespace', first, ...others, '--resource-group', 'rg', name, 'namespace1']
}

/** Lets az do the steps on one namespace with one private endpoint, and checks every answer. */
async function follow(steps: readonly Step[]): Promise<void> {
  await using client = await startWithNamespace()
  const properties = { privateEndpoint: { id: ENDPOINT }, privateLinkServiceConnectionState: stateOf('Pending') }
  await client.call('PUT', '@/namespaces/namespace1/privateEndpointConnections/pe-1', { properties })
  const commands = JSON.stringify(steps.map(([command]) => wordsOf(command)))
  const { endpoint } = client.arm
  const told = await runReferee([PYTHON, DRIVER, endpoint, LOCAL_SUBSCRIPTION.subscriptionId, commands])
  const { answers } = told as { readonly answers: readonly Step[1][] }
  const said = steps.map(([command, expected], i): Step => [command, partOf(answers[i]!, expected)])
  expect(said).toEqual(steps)
}

/** Of an answer, what has to be checked; all of it where it is not as it should be. */
function partOf(answer: Step[1], expected: Step[1]): Step[1] {
  if (answer === null || expected === null || 'error' in answer) return answer
  return Object.fromEntries(Object.keys(expected).map((key) => [key, answer[key]]))
}

const userId = (name: string): string =>
  `${SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
const [A, B, C] = [userId('a'), userId('b'), userId('c')]

const GUID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string

/** A namespace whose identity is of the type and has these users. */
const identified = (type: string, ...users: readonly string[]) => ({
  provisioningState: 'Succeeded',
  identity: {
    type,
    principalId: type.startsWith('System') ? GUID : null,
    tenantId: type.startsWith('System') ? GUID : null,
    userAssignedIdentities:
      users.length === 0 ? null : Object.fromEntries(users.map((id) => [id, { clientId: GUID, principalId: GUID }])),
  },
})
const NO_IDENTITY = { provisioningState: 'Succeeded', identity: null }
const BOTH = 'SystemAssigned, UserAssigned'

const SUBNETS = ['one', 'two'].map(
  (name) => `${SUBSCRIPTION}/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/v/subnets/${name}`,
)

/** A rule set with these addresses and subnets; with those subnets as a GET shows them that were there before. */
const ruleSet = (
  addresses: readonly string[],
  subnets: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
) => ({
  publicNetworkAccess: 'Enabled',
  defaultAction: 'Allow',
  ipRules: addresses.map((ipMask) => ({ ipMask, action: 'Allow' })),
  virtualNetworkRules: subnets.map((id) => ({
    subnet: { id, resourceGroup: /resourceGroups\/([^/]+)/i.exec(id)![1] },
    ignoreMissingVnetServiceEndpoint: true,
  })),
  ...more,
})
const asRead = (subnet: string) => subnet.replace('/resourceGroups/Net/', '/resourcegroups/net/')
const [ONE, TWO] = SUBNETS as [string, string]

// The steps and answers are those of the tests of az itself, which play recordings of Azure:
// https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/eventhubs/tests/latest
describe.skipIf(!present(AZ))('the Azure CLI on the embedded Azure', { concurrent: true, timeout: 240_000 }, () => {
  test('identities are assigned and removed, as in test_eventhub_commands_msi_test.py', async () => {
    await follow([
      ['create --location westeurope --mi-system-assigned', identified('SystemAssigned')],
      ['identity remove --system-assigned', NO_IDENTITY],
      ['identity assign --system-assigned', identified('SystemAssigned')],
      [`identity assign --user-assigned ${A} ${B}`, identified(BOTH, A, B)],
      [`identity remove --system-assigned --user-assigned ${A} ${B}`, NO_IDENTITY],
      [`identity assign --user-assigned ${A} ${B} ${C}`, identified('UserAssigned', A, B, C)],
      ['identity assign --system-assigned', identified(BOTH, A, B, C)],
      [`identity remove --user-assigned ${A} ${B} ${C}`, identified('SystemAssigned')],
      [`identity assign --user-assigned ${A}`, identified(BOTH, A)],
      ['identity remove --system-assigned', identified('UserAssigned', A)],
      [`identity assign --user-assigned ${B} ${C}`, identified('UserAssigned', A, B, C)],
      [`identity remove --user-assigned ${A} ${B}`, identified('UserAssigned', C)],
      ['show', identified('UserAssigned', C)],
      [`identity remove --user-assigned ${C}`, NO_IDENTITY],
    ])
  })

  test('network rules are added, changed and removed, as in test_eventhub_commands_network_test.py', async () => {
    await follow([
      ['network-rule list', ruleSet([], [])],
      ['network-rule add --ip-address 1.1.1.1 --action Allow', ruleSet(['1.1.1.1'], [])],
      ['network-rule add --ip-address 2.2.2.2', ruleSet(['1.1.1.1', '2.2.2.2'], [])],
      ['network-rule remove --ip-address 2.2.2.2', ruleSet(['1.1.1.1'], [])],
      [`network-rule add --subnet ${ONE} --ignore-missing-endpoint True`, ruleSet(['1.1.1.1'], [ONE])],
      [`network-rule add --subnet ${TWO} --ignore-missing-endpoint True`, ruleSet(['1.1.1.1'], [asRead(ONE), TWO])],
      [`network-rule remove --subnet ${TWO}`, ruleSet(['1.1.1.1'], [asRead(ONE)])],
    ])
  })

  test('public access and trusted services are one setting each, and TLS is the namespace\u2019s', async () => {
    await follow([
      [
        'create --location westeurope --minimum-tls-version 1.1',
        { minimumTlsVersion: '1.1', sku: expect.objectContaining({ name: 'Standard' }) as object },
      ],
      ['update --minimum-tls-version 1.2', { minimumTlsVersion: '1.2', provisioningState: 'Succeeded' }],
      ['network-rule update --public-network-access Disabled', ruleSet([], [], { publicNetworkAccess: 'Disabled' })],
      ['show', { publicNetworkAccess: 'Disabled', minimumTlsVersion: '1.2' }],
      ['network-rule update --public-network-access Enabled', ruleSet([], [])],
      ['network-rule update --default-action Deny', ruleSet([], [], { defaultAction: 'Deny' })],
      [
        'network-rule update --enable-trusted-service-access',
        ruleSet([], [], { defaultAction: 'Deny', trustedServiceAccessEnabled: true }),
      ],
      [
        'network-rule update --enable-trusted-service-access false --default-action Allow',
        ruleSet([], [], { trustedServiceAccessEnabled: false }),
      ],
      ['show', { publicNetworkAccess: 'Enabled' }],
    ])
  })

  test('a private endpoint is approved, shown with its namespace, and removed', async () => {
    const shown = (status: string) => ({
      privateEndpoint: { id: ENDPOINT, resourceGroup: 'net' },
      privateLinkServiceConnectionState: stateOf(status),
    })
    await follow([
      ['private-endpoint-connection show --name pe-1', shown('Pending')],
      ['private-endpoint-connection approve --name pe-1', { ...shown('Approved'), provisioningState: 'Updating' }],
      ['private-endpoint-connection show --name pe-1', { ...shown('Approved'), provisioningState: 'Succeeded' }],
      ['private-endpoint-connection reject --name pe-1', shown('Rejected')],
      ['show', { privateEndpointConnections: [expect.objectContaining(shown('Rejected'))] }],
      ['private-endpoint-connection delete --name pe-1 --yes', null],
      ['show', { privateEndpointConnections: null }],
      ['private-endpoint-connection show --name pe-1', { error: expect.stringContaining('(NotFound)') as string }],
    ])
  })
})
