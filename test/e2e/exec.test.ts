import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { ended, sandbox } from './sandbox.ts'

/** Where a script finds the official client, in a folder that holds nothing. */
const CLIENT = { NODE_PATH: join(import.meta.dirname, '..', '..', 'node_modules') }

const SEND_AND_RECEIVE = `
const { EventHubProducerClient, EventHubConsumerClient, earliestEventPosition } = require('@azure/event-hubs')
const { EVENTHUB_CONNECTION_STRING: text, EVENTHUB_CONSUMER_GROUP: group } = process.env
const main = async () => {
  const producer = new EventHubProducerClient(text)
  await producer.sendBatch([{ body: 'hello' }])
  const consumer = new EventHubConsumerClient(group, text)
  consumer.subscribe({
    processEvents: async ([event]) => {
      if (!event) return
      console.log(event.body, process.env.EVENTHUB_NAME)
      await Promise.all([producer.close(), consumer.close()])
      process.exit(5)
    },
    processError: async (error) => { console.error(error); process.exit(1) },
  }, { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 })
}
main()
`

describe('local exec', () => {
  test('the command sends and receives with the official client; its exit code is the answer; nothing stays', async () => {
    const user = sandbox()
    const before = readdirSync(user.folder)
    const words = ['local', 'exec', '--hub', 'clicks:2', '--', 'node', '-e', SEND_AND_RECEIVE]
    const run = await user.run(words, { env: CLIENT })
    expect(run).toEqual({ exitCode: 5, stdout: 'hello clicks\n', stderr: '' })
    expect(readdirSync(user.folder)).toEqual(before)
  })

  test('stdin, arguments and streams are those of the command', async () => {
    const user = sandbox()
    const echo = 'process.stdin.pipe(process.stdout); console.error(process.argv.slice(1).join())'
    const child = user.spawn(['local', 'exec', '--', 'node', '-e', echo, '--', '--hub', 'a b', '$HOME'])
    child.stdin!.end('typed')
    expect(await ended(child)).toEqual({ exitCode: 0, stdout: 'typed', stderr: '--hub,a b,$HOME\n' })
  })

  test('a command that is not there', async () => {
    const run = await sandbox().run(['local', 'exec', '--', 'no-such-command'])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain("Can't run no-such-command")
  })

  test.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s reaches the command, whose ending is ours',
    async (signal) => {
      const script = `process.on('${signal}', () => { console.log('got it'); process.exit(9) }); console.log('ready'); setInterval(() => {}, 1000)`
      const child = sandbox().spawn(['local', 'exec', '--', 'node', '-e', script])
      await once(child.stdout!, 'data')
      child.kill(signal)
      expect(await ended(child)).toMatchObject({ exitCode: 9, stdout: 'got it\n' })
    },
  )

  test.skipIf(process.platform === 'win32')(
    'a command that ignores SIGTERM does not outlive the second one',
    async () => {
      const script = `process.on('SIGTERM', () => console.log('ignored')); console.log(process.pid); setInterval(() => {}, 1000)`
      const child = sandbox().spawn(['local', 'exec', '--', 'node', '-e', script])
      const pid = Number(String((await once(child.stdout!, 'data'))[0]))
      child.kill('SIGTERM')
      await once(child.stdout!, 'data')
      child.kill('SIGTERM')
      expect((await ended(child)).exitCode).toBe(137)
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    },
  )

  test.skipIf(process.platform === 'win32')('a command that a signal ended', async () => {
    const run = await sandbox().run(['local', 'exec', '--', 'bash', '-c', 'kill -TERM $$'])
    expect(run.exitCode).toBe(143)
  })
})

describe('startLocalAzure', () => {
  test('is what the package exports, and importing it runs nothing', async () => {
    const user = sandbox()
    const script = `
      import { startLocalAzure } from '${join(inject('installed'), 'node_modules', 'ml-ingest', 'dist', 'index.js')}'
      console.log('imported')
      const azure = await startLocalAzure({ hubs: ['clicks'] })
      console.log(azure.hubs.clicks.includes('EntityPath=clicks'))
      await azure.stop()
      console.log('stopped')`
    writeFileSync(join(user.folder, 'test.mjs'), script)
    const run = await user.shell('node test.mjs')
    expect(run).toEqual({ exitCode: 0, stdout: 'imported\ntrue\nstopped\n', stderr: '' })
  })

  test('is found by the name of the package', async () => {
    const user = sandbox()
    const script = `import('ml-ingest').then((found) => console.log(Object.keys(found).join()))`
    const run = await user.shell(`cd ${inject('installed')} && node --input-type=module -e "${script}"`)
    expect(run).toEqual({ exitCode: 0, stdout: 'startLocalAzure\n', stderr: '' })
  })
})

test('create, verify, send, tail, status: the way of a person', async () => {
  const user = sandbox()
  const flags = ['--local', '--hub', 'clicks:2']
  expect(await user.run(['create', ...flags, '--yes'])).toMatchObject({ exitCode: 0 })
  const verified = await user.run(['verify', '--local', '--hub', 'clicks'])
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' })
  expect(verified.stdout).toContain('Verified: hub clicks accepts an event and returns it.')
  const child = user.spawn(['local', 'send', 'clicks', '--key-field', 'id'])
  child.stdin!.end('{"id":1}\n{"id":2}\n')
  expect(await ended(child)).toMatchObject({ exitCode: 0, stdout: '' })
  const { stdout } = await user.run(['local', 'tail', 'clicks'])
  const bodies = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { body: object }).body)
  expect(bodies).toHaveLength(3)
  expect(bodies).toContainEqual({ id: 2 })
  expect((await user.run(['local', 'status'])).stdout).toContain('/clicks: 2 partitions, 3 events')
})

test.skipIf(process.platform === 'win32')('tail ends with the one who reads it', async () => {
  const user = sandbox()
  await user.run(['create', '--local', '--yes'])
  const send = (event: number) => `echo ${event} | npx ml-ingest local send ml-data-stream`
  // A pipe that nobody reads shows at the next write alone, so the second event comes when the reader is gone.
  const reader = `{ head -1; exec 0<&-; ${send(2)}; }`
  const { stdout, stderr } = await user.shell(
    `${send(1)}; npx ml-ingest local tail --from start --follow | ${reader}; echo "\${PIPESTATUS[0]}"`,
  )
  expect(stdout).toMatch(/"body":\d+\}\n0\n$/)
  expect(stderr).not.toContain('EPIPE')
})
