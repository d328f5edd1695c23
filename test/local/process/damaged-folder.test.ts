import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startLocalAzure, type LocalAzure } from '../../../src/index.ts'
import { Failure } from '../../../src/lib/errors.ts'
import { folderOfSuite, temporaryFolder } from '../../support/temporary-folder.ts'

const SENT = 3
const scratch = folderOfSuite()
/** The data folder of a process that was killed: its record and its lock are still there. */
const killed = join(scratch, 'killed')

beforeAll(async () => {
  const dataFolder = join(scratch, 'living')
  const azure = await startLocalAzure({ dataFolder, hubs: ['clicks'] })
  for (let i = 0; i < SENT; i++) await send(azure, `event ${i}`)
  await cp(dataFolder, killed, { recursive: true })
  await azure.stop()
})

async function send({ hubs }: LocalAzure, body: string): Promise<void> {
  const producer = new EventHubProducerClient(hubs['clicks']!)
  await producer.sendBatch([{ body }], { partitionId: '0' })
  await producer.close()
}

async function lastNumber({ hubs }: LocalAzure): Promise<number> {
  const consumer = new EventHubConsumerClient('$Default', hubs['clicks']!)
  const { lastEnqueuedSequenceNumber } = await consumer.getPartitionProperties('0')
  await consumer.close()
  return lastEnqueuedSequenceNumber
}

const HARMS = {
  flip: async (file: string) => {
    const bytes = await readFile(file)
    for (let i = 0; i < 8; i++) bytes[(bytes.length >> 1) + i]! ^= 1
    await writeFile(file, bytes)
  },
  cut: async (file: string) => truncate(file, (await readFile(file)).length >> 1),
  empty: (file: string) => truncate(file, 0),
  remove: (file: string) => rm(file),
}
type Harm = keyof typeof HARMS

async function start(
  dataFolder: string,
): Promise<{ readonly azure: LocalAzure | undefined; readonly lines: string[] }> {
  const lines: string[] = []
  const azure = await startLocalAzure({ dataFolder, hubs: ['clicks'], onLog: (line) => lines.push(line) }).catch(
    (error: unknown) => {
      if (!(error instanceof Failure)) throw error
      lines.push(error.message, ...error.why.map(String))
    },
  )
  return { azure: azure ?? undefined, lines }
}

describe.each(['state.json', 'local.json', /^lock-\d+$/] as const)('%s', (which) => {
  test.each(Object.keys(HARMS) as Harm[])('%s costs no event without a word', async (harm) => {
    const folder = temporaryFolder()
    await cp(killed, folder, { recursive: true })
    const name = (await readdir(folder)).find((one) => (typeof which === 'string' ? one === which : which.test(one)))!
    const file = join(folder, name)
    const whole = await readFile(file)
    await HARMS[harm](file)

    let { azure, lines } = await start(folder)
    if (!azure) {
      // It refuses, and names the file, or says that the folder is in use.
      expect(lines.join(' ')).toMatch(name === 'state.json' ? file : /already runs/)
      await writeFile(file, whole)
      ;({ azure, lines } = await start(folder))
    }
    onTestFinished(() => azure!.stop())
    const last = await lastNumber(azure!)
    if (last === SENT - 1) {
      await send(azure!, 'next')
      expect(await lastNumber(azure!)).toBe(SENT)
    } else {
      // The state names another hub now, so that these events are nobody's.
      expect(last).toBe(-1)
      const aside = /set aside in (\S+)/.exec(lines.join(' '))![1]!
      expect(existsSync(join(aside, '0'))).toBe(true)
    }
  })
})

test.each(['state.json', 'hub.json', 'lock'])(
  'a folder in the place of %s is no bug: the error names it',
  async (which) => {
    const folder = temporaryFolder()
    await cp(killed, folder, { recursive: true })
    const name = (await readdir(folder, { recursive: true })).find((one) => basename(one).startsWith(which))!
    await rm(join(folder, name))
    await mkdir(join(folder, name))
    const { azure, lines } = await start(folder)
    expect(azure).toBeUndefined()
    expect(lines.join(' ')).toContain(join(folder, name))
  },
)

test('a folder in the place of the events: a client is told of the files, not to come later', async () => {
  const folder = temporaryFolder()
  await cp(killed, folder, { recursive: true })
  const segment = (await readdir(folder, { recursive: true })).find((one) => one.endsWith('.log'))!
  await rm(join(folder, segment))
  await mkdir(join(folder, segment))
  const { azure } = await start(folder)
  onTestFinished(() => azure!.stop())
  const producer = new EventHubProducerClient(azure!.hubs['clicks']!, { retryOptions: { maxRetries: 0 } })
  await expect(producer.getPartitionProperties('0')).rejects.toThrow(/cannot use its files: EISDIR/)
  await producer.close()
})

test('a ports.json that cannot be read: the start goes on, and says what may have changed', async () => {
  const folder = temporaryFolder()
  await cp(killed, folder, { recursive: true })
  await writeFile(join(folder, 'ports.json'), '{"amqp":')
  const { azure, lines } = await start(folder)
  onTestFinished(() => azure!.stop())
  expect(lines).toEqual([expect.stringContaining('ports.json is damaged: clients may have to connect to another port')])
})

test('a state.json that lists nothing: the events are set aside, and the place is told', async () => {
  const folder = temporaryFolder()
  await cp(killed, folder, { recursive: true })
  const file = join(folder, 'state.json')
  const state = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  for (const [key, value] of Object.entries(state)) if (Array.isArray(value)) state[key] = []
  await writeFile(file, JSON.stringify(state))
  const { azure, lines } = await start(folder)
  onTestFinished(() => azure!.stop())
  const aside = /set aside in (\S+)/.exec(lines.join(' '))![1]!
  expect(await readdir(join(aside, '0'))).toEqual([expect.stringMatching(/\.log$/)])
})
