import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { documentOf, GROUP_PATH, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
const SENDER = '2b629674-e913-4c01-ae53-ef4638d8f975'
const HUBS = ['--hub', 'clicks', '--hub', 'views']
const CREATE = ['create', ...PLACE, '--hub', 'clicks', '--yes', '--no-connection']
const GRANT = ['--grant', `${ANN}:sender`]

const ROLES = '/providers/Microsoft.Authorization/roleAssignments'
const HUB_PATH = `${NAMESPACE_PATH}/eventhubs/clicks`

/** What is assigned, as scope below the namespace, principal, type. */
const rolesIn = ({ arm }: TestAzure): readonly string[] =>
  [...arm.store.state.roleAssignments.values()]
    .map(({ scope, principalId, principalType, roleId }) =>
      [scope.split('/').at(-1), principalId, principalType, ...(roleId === SENDER ? ['sender'] : [])].join(' '),
    )
    .sort()

async function assign({ arm }: TestAzure, scope: string, name: string, principalId = ANN): Promise<void> {
  const roleDefinitionId = `/subscriptions/0/providers/Microsoft.Authorization/roleDefinitions/${SENDER}`
  const response = await fetch(`${arm.endpoint}${scope}${ROLES}/${name}?api-version=2022-04-01`, {
    method: 'PUT',
    headers: { authorization: 'Bearer somebody-else', 'content-type': 'application/json' },
    body: JSON.stringify({ properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } }),
  })
  expect(response.status, await response.text()).toBe(201)
}

const roleRequests = (azure: TestAzure) =>
  azure.requests
    .filter(({ path }) => path.includes('roleAssignments'))
    .map(({ method, path }) => `${method} ${decodeURIComponent(path).replace(/^.*namespaces\//, '')}`)

describe('--grant', () => {
  test('gives the role on every hub, with the type, and a second run finds nothing to do', async () => {
    const azure = await startTestAzure()
    const argv = ['create', ...PLACE, ...HUBS, ...GRANT, '--grant', `${BOB}:owner:Group`, '--yes', '--json']
    const run = await azure.run(argv)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(rolesIn(azure)).toEqual([
      `clicks ${ANN} ServicePrincipal sender`,
      `clicks ${BOB} Group`,
      `views ${ANN} ServicePrincipal sender`,
      `views ${BOB} Group`,
    ])
    const roles = documentOf(run).changes.filter(({ kind }) => kind === 'role-assignment')
    expect(roles.map(({ hub, name, state, details }) => [hub, name, state, details])).toContainEqual([
      'views',
      `${BOB}:owner`,
      'done',
      ['Azure Event Hubs Data Owner', 'Group'],
    ])
    azure.requests.length = 0
    expect(documentOf(await azure.run(argv))).toMatchObject({ result: 'unchanged' })
    expect(azure.writes()).toEqual([])
    expect(roleRequests(azure).map((line) => line.replace(/&?api-version=[^&]+/, ''))).toEqual(
      [ANN, BOB].map((id) => `GET ns-clicks-test${ROLES}?&$filter=principalId eq '${id}'`),
    )
  })

  test('is asked about only where somebody asks, and by plan with GETs alone', async () => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    azure.requests.length = 0
    await azure.run(['plan', ...PLACE, '--hub', 'clicks'])
    expect(roleRequests(azure)).toEqual([])
    const planned = await azure.run(['plan', ...PLACE, '--hub', 'clicks', ...GRANT, '--exit-code'])
    expect(planned.exitCode).toBe(5)
    expect(unwrapped(planned.stdout)).toContain(`create role assignment ${ANN}:sender`)
    expect(azure.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test.each([
    ['on the hub, under a name of its own', HUB_PATH, 'Azure Event Hubs Data Sender'],
    ['on the namespace', NAMESPACE_PATH, 'inherited from the namespace'],
  ])('takes what somebody has %s as it is', async (_, scope, words) => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    await assign(azure, scope, '88888888-0000-0000-0000-000000000001')
    const run = await azure.run(['create', ...PLACE, '--hub', 'clicks', ...GRANT, '--yes', '--no-connection'])
    expect(run.exitCode).toBe(0)
    expect(unwrapped(run.stderr)).toContain('Nothing to do')
    const planned = documentOf(await azure.run(['plan', ...PLACE, '--hub', 'clicks', ...GRANT, '--json']))
    expect(planned.changes.at(-1)).toMatchObject({
      action: 'none',
      details: expect.arrayContaining([words]) as string[],
    })
    expect(rolesIn(azure)).toHaveLength(1)
  })

  test('counts as done what somebody made between the look and the write', async () => {
    let onList = (): void => undefined
    const azure = await startTestAzure({
      onRequest: ({ method, path }) => {
        if (method === 'GET' && path.includes('roleAssignments')) onList()
      },
    })
    await azure.run([...CREATE, ...GRANT])
    const { store } = azure.arm
    const [[key, made] = []] = [...store.state.roleAssignments]
    const theirs = { ...made!, name: '88888888-0000-0000-0000-000000000001' }
    store.change(({ roleAssignments }) => roleAssignments.delete(key!))
    onList = () => store.change(({ roleAssignments }) => roleAssignments.set(`${key!}-theirs`, theirs))
    expect((await azure.run([...CREATE, ...GRANT])).exitCode).toBe(0)
    expect(azure.requests.filter(({ method, status }) => method === 'PUT' && status === 409)).toHaveLength(1)
    expect(rolesIn(azure)).toHaveLength(1)
  })

  test('never takes a role away', async () => {
    const azure = await startTestAzure()
    await azure.run([...CREATE, ...GRANT, '--grant', `${BOB}:sender`])
    await azure.run([...CREATE, ...GRANT])
    await azure.run(CREATE)
    expect(rolesIn(azure)).toHaveLength(2)
    expect(azure.requests.some(({ method }) => method === 'DELETE')).toBe(false)
  })

  test('is the same assignment on every run', async () => {
    const names = async () => {
      const azure = await startTestAzure()
      await azure.run([...CREATE, ...GRANT])
      return [...azure.arm.store.state.roleAssignments.values()].map(({ name }) => name)
    }
    const [first] = await names()
    expect(await names()).toEqual([first])
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('--grant with @namespace', () => {
  const ON_NAMESPACE = ['--grant', `${ANN}:sender@namespace`]
  const onNamespace = `${NAMESPACE_PATH.split('/').at(-1)!} ${ANN} ServicePrincipal sender`

  test('gives the role once, whatever the hubs, and a second run finds nothing to do', async () => {
    const azure = await startTestAzure()
    const argv = ['create', ...PLACE, ...HUBS, ...ON_NAMESPACE, '--yes', '--json']
    const run = await azure.run(argv)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(rolesIn(azure)).toEqual([onNamespace])
    const roles = documentOf(run).changes.filter(({ kind }) => kind === 'role-assignment')
    expect(roles).toMatchObject([{ hub: null, name: `${ANN}:sender`, state: 'done' }])
    azure.requests.length = 0
    expect(documentOf(await azure.run(argv))).toMatchObject({ result: 'unchanged' })
    expect(azure.writes()).toEqual([])
  })

  test('is not satisfied by the role on a hub, which it leaves alone', async () => {
    const azure = await startTestAzure()
    await azure.run([...CREATE, ...GRANT])
    const planned = await azure.run(['plan', ...PLACE, '--hub', 'clicks', ...ON_NAMESPACE, '--exit-code'])
    expect(planned.exitCode).toBe(5)
    expect(unwrapped(planned.stdout)).toContain(`create role assignment ${ANN}:sender@namespace`)
    expect((await azure.run([...CREATE, ...ON_NAMESPACE])).exitCode).toBe(0)
    expect(rolesIn(azure)).toEqual([`clicks ${ANN} ServicePrincipal sender`, onNamespace])
  })

  test.each([
    ['the namespace', NAMESPACE_PATH, 'Azure Event Hubs Data Sender'],
    ['the resource group', GROUP_PATH, 'inherited from the resource group'],
  ])('takes what somebody has on %s as it is', async (_, scope, words) => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    await assign(azure, scope, '88888888-0000-0000-0000-000000000001')
    const planned = await azure.run(['plan', ...PLACE, '--hub', 'clicks', ...ON_NAMESPACE, '--json', '--exit-code'])
    expect(planned.exitCode).toBe(0)
    expect(documentOf(planned).changes.at(-1)).toMatchObject({
      action: 'none',
      details: expect.arrayContaining([words]) as string[],
    })
  })

  test('is enough for a hub that asks for the same role, in the same run', async () => {
    const azure = await startTestAzure()
    expect((await azure.run([...CREATE, ...GRANT, ...ON_NAMESPACE])).exitCode).toBe(0)
    expect(rolesIn(azure)).toEqual([onNamespace])
  })

  test('counts as a role that was given, where a connection tells how to sign in', async () => {
    const azure = await startTestAzure()
    const keyless = ['--hub', 'clicks', '--disable-local-auth', '--yes']
    const without = await azure.run(['create', ...PLACE, ...keyless])
    expect(without.stderr).toContain('role assignment create')
    const run = await azure.run(['create', ...PLACE, ...keyless, ...ON_NAMESPACE])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).not.toContain('role assignment create')
  })
})

describe('a principal that Azure does not find', () => {
  test('is waited for, visibly, while it may be new', async () => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind: 'principal-not-found', principal: ANN, times: 4 })
    const startedAt = azure.clock.now()
    const run = await azure.run([...CREATE, ...GRANT, '--progress', 'plain'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).toContain(`clicks/${ANN}:sender: Microsoft Entra does not show the principal yet`)
    expect(azure.clock.now() - startedAt).toBeGreaterThan(10_000)
    expect(rolesIn(azure)).toHaveLength(1)
  })

  test('is given up after some minutes, and explained; the rest is made', async () => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind: 'principal-not-found', principal: ANN })
    const startedAt = azure.clock.now()
    const run = await azure.run([...CREATE, ...GRANT, '--grant', `${BOB}:sender`])
    expect(run.exitCode).toBe(6)
    const elapsedMs = azure.clock.now() - startedAt
    expect(elapsedMs).toBeGreaterThan(3 * 60_000)
    expect(elapsedMs).toBeLessThan(5 * 60_000)
    const said = unwrapped(run.stderr)
    expect(said).toContain(`Failed to create role assignment clicks/${ANN}:sender`)
    expect(said).toContain('Microsoft Entra has no principal with this object id')
    expect(said).toContain('az ad sp show --id "$AZURE_CLIENT_ID" --query id --output tsv')
    expect(rolesIn(azure)).toEqual([`clicks ${BOB} ServicePrincipal sender`])
    azure.arm.faults.clear()
    expect((await azure.run([...CREATE, ...GRANT])).exitCode).toBe(0)
  })

  test('ends with --timeout, if that comes first, and says what it waited for', async () => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    azure.arm.faults.add({ kind: 'principal-not-found' })
    const run = await azure.run([...CREATE, ...GRANT, '--timeout', '1m'])
    expect(run.exitCode).toBe(7)
    expect(unwrapped(run.stderr)).toContain('Microsoft Entra has no principal with this object id')
  })
})

describe('a refusal says what to do', () => {
  test('without the right to give roles', async () => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    azure.arm.faults.add({ kind: '403', method: 'PUT', path: 'roleAssignments' })
    const run = await azure.run([...CREATE, ...GRANT])
    expect(run.exitCode).toBe(3)
    const said = unwrapped(run.stderr)
    expect(said).toContain(
      'Your account may not assign roles on hub clicks: the role Contributor is not enough for that.',
    )
    expect(said).toContain('Role Based Access Control Administrator or User Access Administrator')
  })

  test('for a principal of another type', async () => {
    const azure = await startTestAzure()
    await azure.run([...CREATE, '--grant', `${ANN}:receiver:User`])
    const run = await azure.run([...CREATE, ...GRANT])
    expect(run.exitCode).toBe(4)
    expect(unwrapped(run.stderr)).toContain('The principal is a User, not a ServicePrincipal.')
    expect(unwrapped(run.stderr)).toContain('--grant OBJECT_ID:sender:User')
  })
})

describe('--disable-local-auth', () => {
  const KEYLESS = ['create', ...PLACE, '--hub', 'clicks', '--disable-local-auth', ...GRANT, '--yes']

  test('makes a namespace without keys: no rule, no key asked for, an answer that tells how to sign in', async () => {
    const azure = await startTestAzure()
    const run = await azure.run(KEYLESS)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(azure.requests.some(({ path }) => /listKeys/i.test(path))).toBe(false)
    expect(azure.writes().some(({ path }) => /authorizationRules/i.test(path))).toBe(false)
    expect(run.stdout).toBe('')
    for (const text of [
      'Host ns-clicks-test.servicebus.windows.net',
      'Hub clicks',
      'Roles Azure Event Hubs Data Sender, Azure Event Hubs Data Receiver',
      'eventhub_name="clicks", credential=DefaultAzureCredential())',
    ])
      expect(unwrapped(run.stderr)).toContain(text)
    expect(run.stderr).not.toMatch(/SharedAccessKey|az role/)
    const again = await azure.run(KEYLESS)
    expect(unwrapped(again.stderr)).toContain('Nothing to do')
  })

  test('gives a script rows where it asks for them, and refuses a string before anything is written', async () => {
    const azure = await startTestAzure()
    for (const format of ['raw', 'env', 'spark']) {
      const refused = await azure.run([...KEYLESS, '--format', format])
      expect([refused.exitCode, refused.stdout, azure.writes()]).toEqual([2, '', []])
      expect(unwrapped(refused.stderr)).toContain('namespace ns-clicks-test takes no keys')
    }
    const rows = await azure.run([...KEYLESS, '--format', 'text'])
    expect(rows.exitCode).toBe(0)
    expect(unwrapped(rows.stdout)).toContain('Host ns-clicks-test.servicebus.windows.net')
    expect((await azure.run([...KEYLESS, '--format', 'python'])).stdout).toContain('DefaultAzureCredential')
    expect((await azure.run([...KEYLESS, '--format', 'kafka'])).stdout).toContain('sasl.mechanism=OAUTHBEARER')
    azure.requests.length = 0
    const found = ['create', ...TARGET, '--hub', 'views', '--yes', '--format', 'raw']
    expect([(await azure.run(found)).exitCode, azure.writes()]).toEqual([2, []])
  })

  test('changes a namespace that has keys, by one field, and shows it before', async () => {
    const azure = await startTestAzure()
    await azure.run(CREATE)
    const planned = await azure.run(['plan', ...KEYLESS.slice(1, -1)])
    expect(unwrapped(planned.stdout)).toContain('update namespace ns-clicks-test local authentication on -> off')
    azure.requests.length = 0
    expect((await azure.run(KEYLESS)).exitCode).toBe(0)
    const namespaceWrites = azure.writes().filter(({ path }) => /namespaces\/[^/?]+\?/.test(path))
    expect(namespaceWrites.map(({ method }) => method)).toEqual(['PATCH'])
    const shown = await azure.run(['show-connection', ...TARGET, '--hub', 'clicks', '--format', 'json'])
    expect(documentOf(shown).connections[0]).toMatchObject({ auth: 'entra', connectionString: null, rule: null })
    expect((await azure.run(['show-connection', ...TARGET, '--hub', 'clicks', '--format', 'raw'])).exitCode).toBe(2)
  })
})

describe('in a manifest', () => {
  const MANIFEST = `version: 1
resourceGroup: rg-clicks
location: westeurope
namespace: ns-clicks-test
disableLocalAuth: true
grants:
  - principalId: ${ANN}
    role: sender
hubs:
  - name: clicks
    grants:
      - principalId: ${ANN}
        role: sender
      - principalId: ${BOB}
        role: receiver
        principalType: Group
  - name: views
environments:
  dev:
    disableLocalAuth: false
  prod:
    namespace: ns-clicks-prod
    grants:
      - {principalId: ${BOB}, role: sender, principalType: Group}
`
  const folderWith = (text: string): string => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'ml-ingest.yaml'), text)
    return cwd
  }

  test('grants hold for all hubs or for one, and an environment says all of its own', async () => {
    const dev = await startTestAzure()
    const cwd = folderWith(MANIFEST)
    const run = await dev.run(['create', '-e', 'dev', '--yes', '--format', 'text'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    expect(rolesIn(dev)).toEqual([
      `clicks ${ANN} ServicePrincipal sender`,
      `clicks ${BOB} Group`,
      `views ${ANN} ServicePrincipal sender`,
    ])
    expect(run.stdout).toContain('SharedAccessKey')
    const planned = documentOf(await dev.run(['plan', '-e', 'dev', '--json'], { cwd }))
    expect(planned.changes.filter(({ kind }) => kind === 'role-assignment')).toHaveLength(3)
    const prod = await startTestAzure()
    expect((await prod.run(['create', '-e', 'prod', '--yes'], { cwd })).stdout).not.toContain('SharedAccessKey')
    expect(rolesIn(prod)).toEqual([
      `clicks ${ANN} ServicePrincipal sender`,
      `clicks ${BOB} Group`,
      `clicks ${BOB} Group sender`,
      `views ${BOB} Group sender`,
    ])
    expect((await prod.run(['plan', '-e', 'prod', '--exit-code'], { cwd })).exitCode).toBe(0)
    prod.requests.length = 0
    await prod.run(['show-connection', '-e', 'prod', '--hub', 'clicks', '--format', 'text'], { cwd })
    expect(roleRequests(prod)).toEqual([])
  })

  test('every mistake is told with its place', async () => {
    const azure = await startTestAzure()
    const cwd = folderWith(`version: 1
disableLocalAuth: yes
grants:
  - principalId: ann@contoso.com
    role: sendr
  - role: owner
    principaltype: User
`)
    const run = await azure.run(['plan'], { cwd })
    expect(run.exitCode).toBe(2)
    const said = unwrapped(run.stderr)
    expect(said).toContain('ml-ingest.yaml:2:19 disableLocalAuth "yes" is neither true nor false')
    expect(said).toContain('ml-ingest.yaml:4:18 grants[0].principalId "ann@contoso.com" is not an object id')
    expect(said).toContain('ml-ingest.yaml:5:11 grants[0].role "sendr" is not a role. Did you mean sender?')
    expect(said).toContain('grants[1] has no principalId, which it needs')
    expect(said).toContain('Did you mean principalType?')
    expect(azure.requests).toEqual([])
  })

  test('--save writes what was granted and that there are no keys, and the file makes the same', async () => {
    const azure = await startTestAzure()
    const cwd = temporaryFolder()
    const made = [
      'create',
      ...PLACE,
      ...HUBS,
      ...GRANT,
      '--grant',
      `${BOB}:owner:User`,
      '--disable-local-auth',
      '--yes',
    ]
    expect((await azure.run([...made, '--save'], { cwd })).exitCode).toBe(0)
    const text = readFileSync(join(cwd, 'ml-ingest.yaml'), 'utf8')
    expect(text).toContain('disableLocalAuth: true')
    expect(text).toContain(`principalId: ${ANN}`)
    expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
    expect(text.match(/role: owner/g)).toHaveLength(1)
  })
})
