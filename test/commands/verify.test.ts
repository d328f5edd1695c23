import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Directory } from '../local/support/inside.ts'
import type { VerifyDocument } from '../../src/ui/document-schema.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { armSend, unwrapped } from './support.ts'

const PLACE = ['-g', 'rg-clicks', '-n', 'ns-clicks-test', '--hub', 'clicks:2']
const TARGET = ['-g', 'rg-clicks', '-n', 'ns-clicks-test', '--hub', 'clicks']
const CREATE = ['create', ...PLACE, '--consumer-group', 'trainer', '--consumer-group', 'audit', '--yes']
const VERIFY = ['verify', ...TARGET]

const schema = JSON.parse(
  readFileSync(new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url), 'utf8'),
) as object
const isDocument = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

async function started(seen?: (directory: Directory) => Directory, ...more: readonly string[]): Promise<Plane> {
  const plane = await startPlane(seen)
  expect(await plane.run([...CREATE, ...more])).toMatchObject({ exitCode: 0 })
  return plane
}

async function verified(plane: Plane, ...more: readonly string[]): Promise<VerifyDocument> {
  const run = await plane.run([...VERIFY, '--json', ...more])
  const document = JSON.parse(run.stdout) as VerifyDocument
  expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
  expect(document.exitCode).toBe(run.exitCode)
  expect(run.stderr).toBe('')
  return document
}

const statesOf = ({ verifications }: VerifyDocument) =>
  verifications[0]!.steps.map(({ step, state }) => (state === 'passed' ? step : `${step} ${state}`))
const lastOf = ({ verifications }: VerifyDocument) => verifications[0]!.steps.at(-1)!

const WHOLE = ['resource-manager', 'dns', 'tcp', 'tls skipped', 'sign-in', 'hub', 'send', 'read']

/** What lies in the hub, as another client reads it. */
async function eventsIn(plane: Plane): Promise<readonly { readonly body: unknown; readonly properties?: object }[]> {
  const { stdout } = await plane.run(['show-connection', ...TARGET, '--format', 'raw'])
  const client = new EventHubConsumerClient('$Default', stdout.trim())
  const events = await new Promise<{ body: unknown; properties?: object }[]>((resolve, reject) => {
    const subscription = client.subscribe(
      '0',
      {
        processEvents: async (found) => {
          await subscription.close()
          resolve(found)
        },
        processError: async (error) => reject(error),
      },
      { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 },
    )
  })
  await client.close()
  return events
}

describe('a connection that works', () => {
  test('is tried step by step; one marked event is left in the hub', async () => {
    const plane = await started()
    const run = await plane.run(VERIFY)
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const words = run.stdout.split('\n').map((line) => line.split(/\s{2,}/)[0])
    expect(words.filter((word) => word === '✓ passed')).toHaveLength(7)
    expect(run.stdout).toContain('Read back         ')
    expect(run.stdout).toContain('through audit')
    expect(run.stdout).toContain('Verified: hub clicks accepts an event and returns it.')
    const events = await eventsIn(plane)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      body: { probe: 'ml-ingest verify', id: expect.any(String) as string, sentAt: expect.any(String) as string },
      properties: { 'ml-ingest-probe': expect.any(String) as string },
    })
  })

  test('finds its own event among others, as often as it is asked', async () => {
    const plane = await started()
    for (let i = 0; i < 3; i++) {
      const document = await verified(plane, '--consumer-group', 'trainer')
      expect(statesOf(document)).toEqual(WHOLE)
      expect(document.verifications[0]).toMatchObject({ consumerGroup: 'trainer', transport: 'tcp' })
      expect(lastOf(document).detail).toBe(`event ${i} of partition 0, through trainer`)
    }
  })

  test('each hub is tried', async () => {
    const plane = await started(undefined, '--hub', 'views')
    const document = await verified(plane, '--hub', 'views')
    expect(document.verifications.map(({ hub }) => hub)).toEqual(['clicks', 'views'])
    expect((await plane.run([...VERIFY, '--hub', 'views'])).stdout).toMatch(
      /Hub clicks[^]*Verified[^]*Hub views[^]*Verified/,
    )
  })

  test('a rule that may only send passes as far as it goes, and says so', async () => {
    const plane = await started(undefined, '--access', 'send')
    const document = await verified(plane, '--access', 'send')
    expect(statesOf(document)).toEqual([...WHOLE.slice(0, -1), 'read skipped'])
    expect(lastOf(document).detail).toContain('has no right Listen: the event cannot be read back')
    const text = await plane.run([...VERIFY, '--access', 'send'])
    expect(text.stdout).toContain('Verified: hub clicks, except reading.')
  })

  test('a rule that may only listen reads what is there, or opens what is empty', async () => {
    const plane = await started(undefined, '--access', 'listen')
    const empty = await verified(plane, '--access', 'listen')
    expect(statesOf(empty)).toEqual([...WHOLE.slice(0, -2), 'send skipped', 'read'])
    expect(lastOf(empty).detail).toContain('nothing is in it')
    await plane.run(CREATE)
    await verified(plane)
    expect(lastOf(await verified(plane, '--access', 'listen')).detail).toBe('event 0 of partition 0, through audit')
  })
})

/** The data plane knows other keys than Resource Manager gives. */
const otherKeys = (directory: Directory): Directory => ({
  ...directory,
  rules: () => directory.rules().map((rule) => ({ ...rule, primaryKey: 'another', secondaryKey: 'another' })),
})
const listenAlone = (directory: Directory): Directory => ({
  ...directory,
  rules: () => directory.rules().map((rule) => ({ ...rule, rights: ['Listen'] as const })),
})
const sendAlone = (directory: Directory): Directory => ({
  ...directory,
  rules: () => directory.rules().map((rule) => ({ ...rule, rights: ['Send'] as const })),
})
const noHubs = (directory: Directory): Directory => ({ ...directory, hubs: () => [], hub: () => undefined })
const noGroups = (directory: Directory): Directory => ({
  ...directory,
  hub: (namespace, name) => {
    const hub = directory.hub(namespace, name)
    return hub && { ...hub, consumerGroups: ['$Default'] }
  },
})
const noKeysTaken = (directory: Directory): Directory => ({ ...directory, localAuthDisabled: () => true })

describe('failures are told apart', () => {
  test.each([
    [
      'a key that is not accepted',
      otherKeys,
      'sign-in',
      'key',
      3,
      'the key of rule ml-ingest-send-listen is not accepted',
    ],
    [
      'no right to send',
      listenAlone,
      'send',
      'right',
      3,
      "Can't send to hub clicks: rule ml-ingest-send-listen lacks the right",
    ],
    [
      'no right to listen',
      sendAlone,
      'read',
      'right',
      3,
      "Can't read from hub clicks: rule ml-ingest-send-listen lacks the right",
    ],
    [
      'a hub that the data plane does not know',
      noHubs,
      'sign-in',
      'no-hub',
      1,
      'There is no hub clicks in namespace ns-clicks-test',
    ],
    [
      'a group that the data plane does not know',
      noGroups,
      'read',
      'no-consumer-group',
      1,
      'There is no consumer group audit',
    ],
    ['a namespace that takes no keys', noKeysTaken, 'sign-in', 'local-auth', 3, "Can't sign in with a key"],
  ] as const)('%s', async (_, seen, step, reason, exitCode, message) => {
    const plane = await started(seen)
    const document = await verified(plane)
    expect(lastOf(document)).toMatchObject({ step, state: 'failed', reason })
    expect(document).toMatchObject({ result: 'failed', exitCode })
    expect(document.error!.message).toContain(message)
    const text = await plane.run(VERIFY)
    expect(text.exitCode).toBe(exitCode)
    expect(unwrapped(text.stderr)).toContain(message)
    expect(text.stdout).toContain('✗ failed')
    expect(text.stdout).not.toContain('Verified')
  })

  test('a consumer group that is not there is told before anything is sent', async () => {
    const plane = await started()
    const document = await verified(plane, '--consumer-group', 'trainr')
    expect(statesOf(document)).toEqual(['resource-manager failed'])
    expect(document).toMatchObject({ exitCode: 1, error: { why: ['It has: $Default, audit, trainer.'] } })
    expect(await eventsIn(plane)).toEqual([])
  })

  test('nobody listens', async () => {
    const plane = await started()
    await plane.broker.close()
    const document = await verified(plane)
    expect(lastOf(document)).toMatchObject({ step: 'tcp', reason: 'refused' })
    expect(document).toMatchObject({ exitCode: 1, error: { hint: expect.stringContaining('local start') as string } })
  })

  test('a hub that takes no events', async () => {
    const plane = await started()
    const path =
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-clicks/providers/Microsoft.EventHub/namespaces/ns-clicks-test/eventhubs/clicks'
    const properties = { partitionCount: 2, status: 'SendDisabled' }
    expect(await armSend(plane.arm, 'PUT', path, { properties })).toBe(200)
    const document = await verified(plane)
    expect(document.verifications[0]!.steps[0]!.detail).toContain('hub clicks SendDisabled')
    expect(lastOf(document)).toMatchObject({ step: 'send', reason: 'disabled' })
    expect(document.exitCode).toBe(1)
  })

  test('a group that another reader holds for itself', async () => {
    const plane = await started()
    const { stdout } = await plane.run(['show-connection', ...TARGET, '--format', 'raw'])
    const holder = new EventHubConsumerClient('audit', stdout.trim())
    onTestFinished(() => holder.close())
    await new Promise<void>((resolve, reject) =>
      holder.subscribe(
        '0',
        { processEvents: async () => resolve(), processError: async (error) => reject(error) },
        { ownerLevel: 3, maxWaitTimeInSeconds: 1 },
      ),
    )
    const document = await verified(plane)
    expect(lastOf(document)).toMatchObject({ step: 'read', reason: 'group-taken' })
    expect((await verified(plane, '--consumer-group', 'trainer')).exitCode).toBe(0)
  })

  test('what Resource Manager does not have is told as by show-connection, and nothing is tried', async () => {
    const plane = await startPlane()
    const run = await plane.run([...VERIFY, '--json'])
    expect(run.exitCode).toBe(1)
    const told = { command: 'verify', result: 'failed', connections: [], error: { code: 'absent' } }
    expect(JSON.parse(run.stdout)).toMatchObject(told)
  })

  test('WebSockets and the embedded Azure do not go together', async () => {
    const plane = await startPlane()
    const run = await plane.run(['verify', '--local', '--web-sockets'])
    expect(run.exitCode).toBe(2)
    expect(unwrapped(run.stderr)).toContain('--web-sockets contradicts --local')
  })
})

test('an interruption ends it at once', async () => {
  const plane = await started()
  const stop = new AbortController()
  const { Interruption } = await import('../../src/lib/errors.ts')
  stop.abort(new Interruption('SIGINT'))
  expect(await plane.run(VERIFY, { stop: stop.signal })).toMatchObject({ exitCode: 130 })
})
