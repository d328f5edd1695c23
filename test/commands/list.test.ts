import { describe, expect, test } from 'vitest'
import { LOCAL_SUBSCRIPTION, type LocalArmOptions, type Seed } from '../../src/local/index.ts'
import type { ListDocument } from '../../src/ui/document-schema.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import type { TestOptions } from '../support/test-deps.ts'
import { documentOf, ESCAPE, unwrapped } from './support.ts'

const OURS = LOCAL_SUBSCRIPTION.subscriptionId
const OTHER = { ...LOCAL_SUBSCRIPTION, subscriptionId: '8c1d2e3f-0000-4000-8000-000000000000', displayName: 'Research' }

const hub = (name: string, partitionCount = 4, retentionTimeInHours = 24) => ({
  name,
  properties: { partitionCount, retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours } },
})
const SEED: Seed = {
  namespaces: [
    {
      ...{ group: 'rg-clicks', name: 'ns-clicks', tags: { 'created-by': 'ml-ingest' } },
      sku: { name: 'Standard', capacity: 2 },
      properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 10 },
      hubs: [hub('views'), hub('clicks', 8, 48)],
    },
    { group: 'rg-orders', name: 'ns-a-orders', location: 'northeurope', sku: { name: 'Basic', capacity: 1 } },
  ],
}

/** Two subscriptions: ours as seeded, and one with a namespace of its own. */
async function twoSubscriptions(options: LocalArmOptions = {}): Promise<TestAzure> {
  const azure = await startTestAzure({ seed: SEED, subscriptions: [LOCAL_SUBSCRIPTION, OTHER], ...options })
  const made = ['create', '-s', OTHER.subscriptionId, '-g', 'rg-lab', '-n', 'ns-lab', '-l', 'westeurope']
  expect(await azure.run([...made, '--hub', 'samples', '--yes'])).toMatchObject({ exitCode: 0 })
  azure.requests.length = 0
  return azure
}

/** Without the variable that the other tests are aimed with. */
const list = (azure: TestAzure, argv: readonly string[] = [], options: TestOptions = {}) =>
  azure.run(['list', ...argv], { ...options, env: { AZURE_SUBSCRIPTION_ID: '', ...options.env } })

const asDocument = (run: { readonly stdout: string; readonly exitCode: number }) =>
  documentOf(run) as unknown as ListDocument

describe('what the account sees', () => {
  test('is a document, with one list request for each subscription and one for each namespace', async () => {
    const azure = await twoSubscriptions()
    const document = asDocument(await list(azure, ['--json']))
    expect(document.subscriptions.map(({ name }) => name)).toEqual(['Embedded Azure', 'Research'])
    expect(document.namespaces).toMatchObject([
      {
        ...{ subscriptionId: OURS, resourceGroup: 'rg-orders', name: 'ns-a-orders', location: 'northeurope' },
        ...{ tier: 'Basic', units: 1, maxUnits: 1, createdByMlIngest: false, portal: null, hubs: [] },
      },
      {
        ...{ subscriptionId: OURS, resourceGroup: 'rg-clicks', name: 'ns-clicks', location: 'westeurope' },
        ...{ tier: 'Standard', units: 2, maxUnits: 10, createdByMlIngest: true, state: 'Succeeded' },
        hubs: [
          { name: 'clicks', partitions: 8, retentionHours: 48, status: 'Active' },
          { name: 'views', partitions: 4, retentionHours: 24, status: 'Active' },
        ],
      },
      { subscriptionId: OTHER.subscriptionId, name: 'ns-lab', createdByMlIngest: true, hubs: [{ name: 'samples' }] },
    ])
    expect(document.unread).toEqual([])
    expect(azure.requests.map(({ method }) => method)).toEqual(Array.from({ length: 6 }, () => 'GET'))
  })

  test('is one JSON line for each namespace off a terminal, the same as in the document', async () => {
    const azure = await twoSubscriptions()
    const lines = (await list(azure)).stdout.trimEnd().split('\n')
    const { namespaces } = asDocument(await list(azure, ['--json']))
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(namespaces)
  })

  test.each([
    [80, 'Standard, 2 throughput units (up to 10), westeurope, resource group'],
    [40, 'Standard, 2 throughput units (up'],
  ])('fits a terminal of %i columns', async (columns, facts) => {
    const azure = await twoSubscriptions()
    const { exitCode, stdout, stderr } = await list(azure, [], { tty: true, columns, env: { NO_COLOR: '1' } })
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`      ${facts}`)
    expect(stdout).toContain('      clicks  8 partitions, 2d\n      views   4 partitions, 24h\n')
    expect(unwrapped(stdout)).toMatch(/^ ?Embedded Azure 0{8}-.* ns-a-orders .* Research 8c1d2e3f-.* ns-lab /)
    expect(stdout.match(/made by\s+ml-ingest/g)).toHaveLength(2)
    for (const line of stdout.split('\n')) if (!line.includes('0000-')) expect(line.length).toBeLessThanOrEqual(columns)
    expect(unwrapped(stderr)).toContain('3 namespaces, 3 hubs in 2 subscriptions.')
    expect(stderr).toContain(
      `  Connect to one with: npx ml-ingest show-connection --subscription ${OURS} --resource-group rg-clicks --namespace ns-clicks --hub clicks\n`,
    )
  })

  test('has no line of a subscription where there is only one', async () => {
    const azure = await startTestAzure({ seed: SEED })
    const { stdout } = await list(azure, [], { tty: true, env: { NO_COLOR: '1' } })
    expect(stdout).toMatch(/^ {2}ns-a-orders\n {4}Basic, 1 throughput unit, northeurope/)
  })

  test('gives a long name a line of its own, and puts the others in columns', async () => {
    const hubs = [hub('a'.repeat(60)), hub('short')]
    const azure = await startTestAzure({ seed: { namespaces: [{ group: 'rg', name: 'ns-long', hubs }] } })
    const { stdout } = await list(azure, [], { tty: true, columns: 40, env: { NO_COLOR: '1' } })
    expect(stdout).toContain(`    ${'a'.repeat(60)}\n      4 partitions, 24h\n    short  4 partitions, 24h\n`)
  })

  test('may be 200 hubs on many pages', async () => {
    const hubs = Array.from({ length: 200 }, (_, i) => hub(`hub-${i}`))
    const sku = { name: 'Premium', capacity: 4 } as const
    const azure = await startTestAzure({ seed: { namespaces: [{ group: 'rg', name: 'ns-fleet', sku, hubs }] } })
    const { namespaces } = asDocument(await list(azure, ['--json']))
    expect(namespaces[0]?.hubs).toHaveLength(200)
    const { stdout } = await list(azure, [], { tty: true, columns: 40 })
    expect(stdout.match(/4 partitions, 24h/g)).toHaveLength(200)
  })
})

describe('one subscription', () => {
  test.each([
    ['its id', OTHER.subscriptionId],
    ['its name', 'research'],
  ])('is named by %s', async (_, name) => {
    const azure = await twoSubscriptions()
    const { namespaces, subscriptions } = asDocument(await list(azure, ['-s', name, '--json']))
    expect(subscriptions.map(({ id }) => id)).toEqual([OTHER.subscriptionId])
    expect(namespaces.map((one) => one.name)).toEqual(['ns-lab'])
    expect(azure.requests.filter(({ path }) => path.includes(OURS))).toEqual([])
  })

  test('may be named by a variable, which is said', async () => {
    const azure = await twoSubscriptions()
    const { stderr } = await list(azure, [], { env: { AZURE_SUBSCRIPTION_ID: OTHER.subscriptionId } })
    expect(stderr).toContain('1 namespace, 1 hub in 1 subscription, which AZURE_SUBSCRIPTION_ID names.')
  })

  test('that nobody can find is an error', async () => {
    const azure = await twoSubscriptions()
    const run = await list(azure, ['-s', 'nowhere'])
    expect(run).toMatchObject({ exitCode: 3, stdout: '' })
    expect(run.stderr).toContain("Can't find a subscription named nowhere")
  })
})

describe('where there is nothing', () => {
  test('it says so, and how to make something', async () => {
    const azure = await startTestAzure()
    const { exitCode, stdout, stderr } = await list(azure, [], { tty: true })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain('There is no namespace of Event Hubs in 1 subscription.')
    expect(stderr).toContain('Create one with: npx ml-ingest create\n')
    expect(asDocument(await list(azure, ['--json'])).namespaces).toEqual([])
  })

  test('the provider need not be registered', async () => {
    const azure = await startTestAzure()
    const error = { code: 'MissingSubscriptionRegistration', message: 'The subscription is not registered.' }
    azure.arm.faults.add({ kind: '409', path: /namespaces$/i, reply: { status: 409, body: { error } } })
    const { exitCode, stderr } = await list(azure)
    expect(exitCode).toBe(0)
    expect(stderr).not.toContain('Not listed')
  })

  test('an account without a subscription is told', async () => {
    const azure = await startTestAzure({ subscriptions: [] })
    const run = await list(azure)
    expect(run).toMatchObject({ exitCode: 3, stdout: '' })
    expect(run.stderr).toContain('this account sees no subscription')
  })
})

test('shows no control characters of names, whoever made them', async () => {
  const evil = (name: string) => `${name}${ESCAPE}]0;owned\u0007${ESCAPE}[2J\u202e`
  const azure = await startTestAzure({ subscriptions: [{ ...LOCAL_SUBSCRIPTION, displayName: evil('sub') }, OTHER] })
  const id = `/subscriptions/${OURS}/resourceGroups/${evil('rg')}/providers/Microsoft.EventHub/namespaces`
  const namespace = (name: string) => ({
    ...{ id: `${id}/${evil(name)}`, name: evil(name), location: evil('mars'), sku: { name: 'Standard', capacity: 1 } },
    properties: { provisioningState: evil('Odd') },
  })
  const hubs = [{ name: evil('hub'), properties: { partitionCount: 1, status: evil('Odd') } }]
  const reply = (value: unknown) => ({ status: 200, body: { value } })
  azure.arm.faults.add({ kind: '409', path: /ns-b.*\/eventhubs$/i, reply: { status: 403, body: { error: {} } } })
  azure.arm.faults.add({ kind: '409', path: /\/eventhubs$/i, reply: reply(hubs) })
  azure.arm.faults.add({ kind: '409', path: /namespaces$/i, reply: reply([namespace('ns-a'), namespace('ns-b')]) })
  const { exitCode, stdout, stderr } = await list(azure, [], { tty: true, env: { NO_COLOR: '1' } })
  expect({ exitCode, seen: /ns-a.*hub/s.test(stdout), told: stderr.includes('Connect to one') }).toEqual({
    ...{ exitCode: 0, seen: true, told: true },
  })
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
})

describe('what may not be read', () => {
  const NAMESPACES = new RegExp(`${OTHER.subscriptionId}/providers/Microsoft.EventHub/namespaces$`, 'i')

  test('is one line beside the rest: a subscription', async () => {
    const azure = await twoSubscriptions()
    azure.arm.faults.add({ kind: '403', path: NAMESPACES })
    const { exitCode, stdout, stderr } = await list(azure, [], { tty: true, env: { NO_COLOR: '1' } })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('ns-clicks')
    expect(stdout).not.toContain('ns-lab')
    expect(stderr).toMatch(/^ {2}Not listed: subscription Research\. Your account has no right to do .*$/m)
    const document = asDocument(await list(azure, ['--json']))
    expect(document.unread).toMatchObject([
      { subscriptionId: OTHER.subscriptionId, namespace: null, error: { code: 'access' } },
    ])
  })

  test('is one line beside the rest: the hubs of a namespace', async () => {
    const azure = await twoSubscriptions()
    azure.arm.faults.add({ kind: '403', path: /ns-clicks\/eventhubs$/i })
    const run = await list(azure)
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/^ {2}Not listed: the hubs of namespace ns-clicks\. Your account has no right /m)
    const { namespaces } = asDocument(await list(azure, ['--json']))
    expect(namespaces.map(({ name, hubs }) => [name, hubs?.length])).toEqual([
      ['ns-a-orders', 0],
      ['ns-clicks', undefined],
      ['ns-lab', 1],
    ])
  })

  test.each([
    ['a list without a value', {}],
    ['null for a list', { value: null }],
    ['a word for a list', { value: 'none' }],
    ['null in a list', { value: [null] }],
  ])('is one line beside the rest where Azure answers %s, and the totals say so', async (_, body) => {
    const azure = await twoSubscriptions()
    azure.arm.faults.add({ kind: '409', path: NAMESPACES, reply: { status: 200, body } })
    azure.arm.faults.add({ kind: '409', path: /ns-clicks\/eventhubs$/i, reply: { status: 200, body } })
    const { exitCode, stderr } = await list(azure, [], { tty: true })
    expect(exitCode).toBe(0)
    const told = unwrapped(stderr)
    expect(told).toContain('Not listed: subscription Research. The answer of Azure has another form than documented: ')
    expect(told).toContain('Not listed: the hubs of namespace ns-clicks. The answer of Azure has another form')
    expect(told).toContain(
      ' 2 namespaces, 0 hubs in the 1 of 2 subscriptions that could be read, without the hubs of 1 namespace.',
    )
  })

  test.each([{}, { value: null }, { value: [null] }])(
    'is an error, not a bug, for the subscriptions: %j',
    async (body) => {
      const azure = await startTestAzure()
      azure.arm.faults.add({ kind: '409', path: /^\/subscriptions$/i, reply: { status: 200, body } })
      const run = await list(azure)
      expect(run).toMatchObject({ exitCode: 1, stdout: '' })
      expect(run.stderr).toContain('Failed to list the subscriptions')
    },
  )

  test('does not count as empty', async () => {
    const azure = await startTestAzure({ subscriptions: [LOCAL_SUBSCRIPTION, OTHER] })
    azure.arm.faults.add({ kind: '403', path: NAMESPACES })
    expect(unwrapped((await list(azure)).stderr)).toContain(
      'There is no namespace of Event Hubs in the 1 of 2 subscriptions that could be read.',
    )
  })

  test('is an error where it is all', async () => {
    const azure = await twoSubscriptions()
    azure.arm.faults.add({ kind: '403', path: /Microsoft.EventHub\/namespaces$/i })
    const run = await list(azure)
    expect(run).toMatchObject({ exitCode: 3, stdout: '' })
    expect(run.stderr).toContain('Failed to list the namespaces of the subscription')
  })

  test('is asked for again where Azure was only busy', async () => {
    const azure = await twoSubscriptions()
    azure.arm.faults.add({ kind: '429', path: /\/eventhubs$/i, times: 3, retryAfterSeconds: 5 })
    azure.arm.faults.add({ kind: '503', path: NAMESPACES, times: 1 })
    expect(asDocument(await list(azure, ['--json']))).toMatchObject({ unread: [], namespaces: { length: 3 } })
  })
})

test('finds every problem of the command line before it asks', async () => {
  const azure = await startTestAzure()
  const run = await list(azure, ['--local', '--cloud', 'AzureChinaCloud', '--timeout', 'soon'])
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain('--cloud')
  expect(run.stderr).toContain('--timeout')
  expect(azure.requests).toEqual([])
})
