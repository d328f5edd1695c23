import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { aFolder, armGet, armSend, documentOf, type Json, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'

/** In a subscription that nobody here sees: whether it exists is taken at the word of who names it. */
const LAKE = `/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake`
const HUB = `${NAMESPACE_PATH}/eventhubs/clicks`
const INTO_LAKE = [
  ...['--capture-storage-account', LAKE, '--capture-container', 'raw'],
  ...['--capture-identity', 'SystemAssigned', '--identity', 'SystemAssigned'],
]
const CREATE = ['create', ...PLACE, '--hub', 'clicks', '--yes', '--no-connection']

async function startCaptured(...more: readonly string[]) {
  const azure = await startTestAzure()
  const run = await azure.run([...CREATE, ...INTO_LAKE, ...more])
  expect(run.exitCode).toBe(0)
  azure.requests.length = 0
  const captureOf = async () => {
    const hub = JSON.parse((await armGet(azure.arm, HUB))!) as { properties: Json & { captureDescription?: Json } }
    return hub.properties
  }
  return { azure, run, captureOf }
}

test('a hub is captured by flags, found as it was made, and said so', async () => {
  const { azure, run, captureOf } = await startCaptured('--capture-interval', '90s', '--capture-skip-empty')
  expect(unwrapped(run.stderr)).toContain('4 partitions, retention 24h, Capture to lake/raw')
  const told = unwrapped(run.stderr)
  expect(told).toContain(
    'whether storage account lake exists, and lets Capture write, is not known: it may not be read',
  )
  expect(told).toContain('the role Storage Blob Data Contributor on storage account lake for SystemAssigned')
  expect((await captureOf()).captureDescription).toEqual({
    ...{ enabled: true, encoding: 'Avro', intervalInSeconds: 90, sizeLimitInBytes: 314_572_800 },
    skipEmptyArchives: true,
    destination: {
      name: 'EventHubArchive.AzureBlockBlob',
      identity: { type: 'SystemAssigned' },
      properties: {
        storageAccountResourceId: LAKE,
        blobContainer: 'raw',
        archiveNameFormat: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
      },
    },
  })
  const again = await azure.run([...CREATE, ...INTO_LAKE, '--capture-interval', '90s', '--capture-skip-empty'])
  expect(again.exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
  expect(again.stderr).not.toContain('note')
})

test('what somebody changed by hand is drift, with field, from and to, and is put right alone', async () => {
  const { azure, captureOf } = await startCaptured()
  const hub = await captureOf()
  const changed = { ...hub.captureDescription, intervalInSeconds: 600, unheardOf: 'theirs' }
  await armSend(azure.arm, 'PUT', HUB, { properties: { ...hub, captureDescription: changed, userMetadata: 'kept' } })
  const asked = [...TARGET, '--hub', 'clicks', ...INTO_LAKE, '--capture-interval', '5m']
  azure.requests.length = 0
  const plan = await azure.run(['plan', ...asked, '--exit-code', '--json'])
  expect(plan.exitCode).toBe(5)
  expect(azure.requests.every(({ method }) => method === 'GET')).toBe(true)
  const fields = documentOf(plan).changes.flatMap((change) => change.fields)
  expect(fields).toEqual([{ field: 'Capture interval', from: '10m', to: '5m' }])
  expect((await azure.run(['create', ...asked, '--yes', '--no-connection'])).exitCode).toBe(0)
  expect(await captureOf()).toMatchObject({
    captureDescription: { ...changed, intervalInSeconds: 300 },
    userMetadata: 'kept',
  })
  expect((await azure.run(['plan', ...asked, '--exit-code'])).exitCode).toBe(0)
})

test('it is switched off and on again with what it had', async () => {
  const { azure, captureOf } = await startCaptured('--capture-size', '100MB')
  const before = (await captureOf()).captureDescription
  expect((await azure.run([...CREATE, '--no-capture'])).exitCode).toBe(0)
  expect((await captureOf()).captureDescription).toEqual({ ...before, enabled: false })
  expect((await azure.run(['plan', ...TARGET, '--hub', 'clicks', '--no-capture', '--exit-code'])).exitCode).toBe(0)
  expect((await azure.run([...CREATE, ...INTO_LAKE])).exitCode).toBe(0)
  expect((await captureOf()).captureDescription).toEqual(before)
})

test('a storage account that is known not to be there stops everything', async () => {
  const azure = await startTestAzure()
  const here = LAKE.replace(/subscriptions\/[^/]+/, 'subscriptions/00000000-0000-0000-0000-000000000000')
  const run = await azure.run([...CREATE, '--capture-storage-account', here, '--capture-container', 'raw'])
  expect(run.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(run.stderr)).toContain('Resource group rg-lake has no storage account of this name.')
  expect(unwrapped(run.stderr)).toContain('az storage account create --name lake')
})

test('a bare name means the account in the group of the run, which the refusal names', async () => {
  const azure = await startTestAzure()
  const run = await azure.run([...CREATE, '--capture-storage-account', 'lake', '--capture-container', 'raw'])
  expect(run.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  const told = unwrapped(run.stderr)
  expect(told).toContain('Resource group rg-clicks has no storage account of this name.')
  expect(told).toContain('give its resource id: az storage account show --name lake --query id --output tsv')
})

test('a bare name finds its account, and --save writes it as it was given', async () => {
  const reply = { status: 200, body: { sku: { name: 'Standard_LRS' }, properties: {} } }
  const azure = await startTestAzure({
    faults: [{ kind: '403', path: 'rg-clicks/providers/Microsoft.Storage', reply }],
  })
  const cwd = await aFolder()
  const into = ['--capture-storage-account', 'lake', '--capture-container', 'raw']
  const run = await azure.run([...CREATE, ...into, '--save'], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  const { properties } = JSON.parse((await armGet(azure.arm, HUB))!) as { properties: Json }
  expect(JSON.stringify(properties)).toContain(
    '/resourceGroups/rg-clicks/providers/Microsoft.Storage/storageAccounts/lake"',
  )
  expect(await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')).toMatch(/storageAccount: lake$/m)
  expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
})

test('an interval that only the embedded Azure has is refused before anything is sent', async () => {
  const azure = await startTestAzure()
  const run = await azure.run([...CREATE, ...INTO_LAKE], { env: { ML_INGEST_CAPTURE_INTERVAL: '5s' } })
  expect(run.exitCode).toBe(2)
  expect(azure.requests).toEqual([])
  expect(unwrapped(run.stderr)).toContain('ML_INGEST_CAPTURE_INTERVAL=5s is below 60s, the shortest interval of Azure.')
  expect(unwrapped(run.stderr)).toContain('Only the embedded Azure takes it: --local')
})

test('a variable that says 0 asks for nothing', async () => {
  const azure = await startTestAzure()
  expect((await azure.run(CREATE, { env: { ML_INGEST_NO_CAPTURE: '0' } })).exitCode).toBe(0)
})

test('an identity that the namespace does not have is refused before anything is made, and its way out works', async () => {
  const azure = await startTestAzure()
  const asked = [...CREATE, ...INTO_LAKE.slice(0, -2)]
  const refused = await azure.run(asked)
  expect(refused.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(refused.stderr)).toContain("Can't capture with the managed identity SystemAssigned")
  expect(unwrapped(refused.stderr)).toContain('--identity SystemAssigned')
  expect((await azure.run([...asked, '--identity', 'SystemAssigned'])).exitCode).toBe(0)
  azure.requests.length = 0
  expect((await azure.run(asked)).exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
})

test.each([
  ['--remove-identity', 'SystemAssigned'],
  ['--identity', 'None'],
])('an identity that Capture of another hub uses is not taken away: %s %s', async (...flags) => {
  const { azure } = await startCaptured()
  const run = await azure.run(['create', ...PLACE, '--hub', 'views', '--yes', '--no-connection', ...flags])
  expect(run.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(run.stderr)).toContain('Capture of hub clicks writes with it.')
})

test('a disabled hub is not captured, and a captured one not disabled', async () => {
  const { azure, captureOf } = await startCaptured()
  const cwd = await aFolder()
  const file = (hub: string) => writeFile(join(cwd, 'ml-ingest.yaml'), `version: 1\nhubs:\n  - ${hub}\n`)
  const create = ['create', ...TARGET, '--yes', '--no-connection']
  await file('{ name: clicks, status: Disabled }')
  const refused = await azure.run(create, { cwd })
  expect(refused.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(refused.stderr)).toContain("Can't capture hub clicks while it is disabled")
  expect((await azure.run([...create, '--no-capture'], { cwd })).exitCode).toBe(0)
  expect(await captureOf()).toMatchObject({ status: 'Disabled', captureDescription: { enabled: false } })
  azure.requests.length = 0
  await file('{ name: clicks }')
  expect((await azure.run([...create, ...INTO_LAKE], { cwd })).exitCode).toBe(4)
  await file('{ name: clicks, status: Active }')
  expect((await azure.run([...create, ...INTO_LAKE], { cwd })).exitCode).toBe(0)
  expect(await captureOf()).toMatchObject({ status: 'Active', captureDescription: { enabled: true } })
})

test.each([
  [
    'a firewall',
    { networkAcls: { defaultAction: 'Deny', bypass: 'Logging' } },
    'has a firewall',
    /--bypass Logging AzureServices/,
  ],
  [
    'public access off',
    { publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None' } },
    'has a firewall',
    /--bypass AzureServices/,
  ],
  ['no keys', { allowSharedKeyAccess: false }, 'takes no keys', /--allow-shared-key-access true/],
])('a storage account with %s is refused before the first write', async (_, properties, says, command) => {
  const reply = { status: 200, body: { sku: { name: 'Standard_LRS' }, properties } }
  const azure = await startTestAzure({ faults: [{ kind: '403', path: 'storageAccounts', reply }] })
  const here = LAKE.replace(/subscriptions\/[^/]+/, 'subscriptions/00000000-0000-0000-0000-000000000000')
  const run = await azure.run([...CREATE, '--capture-storage-account', here, '--capture-container', 'raw'])
  expect(run.exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(run.stderr)).toContain(says)
  expect(unwrapped(run.stderr)).toMatch(command)
})

test('a storage account that trusts Azure services takes Capture, also without public access', async () => {
  const properties = {
    publicNetworkAccess: 'Disabled',
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' },
  }
  const reply = { status: 200, body: { sku: { name: 'Standard_LRS' }, properties } }
  const azure = await startTestAzure({ faults: [{ kind: '403', path: 'storageAccounts', reply }] })
  expect((await azure.run([...CREATE, ...INTO_LAKE])).exitCode).toBe(0)
})

test('a size in bytes is one value for the flag, the variable and the manifest, and saved as a number', async () => {
  const { azure, captureOf } = await startCaptured('--capture-size', '10485763')
  expect((await captureOf()).captureDescription).toMatchObject({ sizeLimitInBytes: 10_485_763 })
  const cwd = await aFolder()
  const env = { ML_INGEST_CAPTURE_SIZE: '10485763' }
  const plan = ['plan', ...TARGET, '--hub', 'clicks', '--exit-code']
  expect((await azure.run([...plan, ...INTO_LAKE], { env })).exitCode).toBe(0)
  expect((await azure.run([...CREATE, '--save'], { cwd })).exitCode).toBe(0)
  expect(await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')).toContain('sizeLimit: 10485763\n')
  expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
})

test('all that is wrong is told at once, and nothing is sent', async () => {
  const azure = await startTestAzure()
  const flags = ['--capture-storage-account', 'Lake', '--capture-interval', '5h', '--capture-size', '1GB']
  const run = await azure.run([...CREATE, ...flags])
  expect(run.exitCode).toBe(2)
  expect(azure.requests).toEqual([])
  for (const part of ['is not the name of a storage account', '60s to 15m', 'such as 300MB'])
    expect(unwrapped(run.stderr)).toContain(part)
})

test('a manifest says it for all environments, and --save writes it', async () => {
  const azure = await startTestAzure()
  const cwd = await aFolder()
  const file = join(cwd, 'ml-ingest.yaml')
  expect((await azure.run([...CREATE, ...INTO_LAKE, '--capture-interval', '90s', '--save'], { cwd })).exitCode).toBe(0)
  const saved = await readFile(file, 'utf8')
  expect(saved).toContain(`storageAccount: ${LAKE}`)
  azure.requests.length = 0
  expect((await azure.run(['create', '--yes', '--no-connection'], { cwd })).exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
  await writeFile(file, `${saved}environments:\n  quiet: { hubs: [{ name: clicks, capture: { enabled: false } }] }\n`)
  expect((await azure.run(['plan', '-e', 'quiet', '--exit-code'], { cwd })).exitCode).toBe(5)
})

test('an identity of Capture that the namespace lost is not saved, and that is told', async () => {
  const { azure, captureOf } = await startCaptured()
  await armSend(azure.arm, 'PATCH', NAMESPACE_PATH, { identity: { type: 'None' } })
  const cwd = await aFolder()
  azure.requests.length = 0
  const run = await azure.run([...CREATE, '--save'], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  expect(azure.writes()).toEqual([])
  expect(unwrapped(run.stderr)).toContain('Capture uses SystemAssigned, which the namespace does not have')
  expect(unwrapped(run.stderr)).toContain(
    'Not saved: hub clicks: Capture identity SystemAssigned, which the namespace does not have',
  )
  const file = await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')
  expect(file).toContain(`storageAccount: ${LAKE}`)
  expect(file).not.toContain('SystemAssigned')
  expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
  expect(await captureOf()).toMatchObject({
    captureDescription: { destination: { identity: { type: 'SystemAssigned' } } },
  })
  await writeFile(
    join(cwd, 'ml-ingest.yaml'),
    file.replace('container: raw', 'container: raw\n      identity: SystemAssigned'),
  )
  expect((await azure.run(['plan'], { cwd })).exitCode).toBe(4)
})

test('a reader of the namespace who may not look at storage can still plan', async () => {
  const azure = await startTestAzure({ faults: [{ kind: '403', path: 'storageAccounts' }] })
  const run = await azure.run(['plan', ...PLACE, '--hub', 'clicks', ...INTO_LAKE])
  expect(run.exitCode).toBe(0)
  expect(unwrapped(run.stdout)).toContain('whether storage account lake exists, and lets Capture write, is not known')
})
