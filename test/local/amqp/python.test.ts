import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HUB, startTestBroker, temporaryFolder, type TestBroker } from './support/local.ts'

const PYTHON = '/usr/bin/python3'
const TOTAL = 20_000

/** Debian's packages, which the test does not install: `apt-get install python3-azure python3-qpid-proton openssl`. */
function available(module: string): boolean {
  const found = spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0
  if (!found) console.warn(`SKIPPED: ${PYTHON} has no module ${module}, so its client is not tested here`)
  return found
}
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

async function runPython(script: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(PYTHON, [fileURLToPath(new URL(`support/${script}`, import.meta.url)), ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  if (!stdout.trim().startsWith('{')) throw new Error(`${script}: ${stderr}`)
  return JSON.parse(stdout) as Record<string, unknown>
}

describe.concurrent('clients in Python', { timeout: 90_000 }, () => {
  let local: TestBroker
  let folder: string
  let tls: Server

  beforeAll(async () => {
    local = await startTestBroker()
    folder = temporaryFolder()
  })
  afterAll(async () => {
    tls?.close()
    await local.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.skipIf(!available('azure.eventhub') || !hasOpenssl)(
    'azure-eventhub, through TLS as its 5.11 insists',
    async () => {
      const [key, certificate] = [`${folder}/key.pem`, `${folder}/certificate.pem`]
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2', '-nodes']
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', ...subject, '-keyout', key, '-out', certificate],
        { stdio: 'ignore' },
      )
      tls = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
        const through = connect(local.broker.port, '127.0.0.1')
        socket.pipe(through).pipe(socket)
        for (const end of [socket, through]) end.on('error', () => undefined)
      })
      await new Promise<void>((resolve) => tls.listen(0, 'localhost', resolve))
      const { port } = tls.address() as { port: number }
      const string = local
        .connectionString()
        .replace(`:${local.broker.port}`, '')
        .replace('UseDevelopmentEmulator=true;', '')
      const result = await runPython('azure_client.py', [string, String(port), certificate, String(TOTAL)])
      expect(result).toEqual({
        hub: [HUB, ['0', '1', '2', '3']],
        empty: [true, -1, -1],
        after: [false, TOTAL - 1],
        bad_partition: expect.stringContaining('The specified partition is invalid') as string,
        received: TOTAL,
        in_order: true,
        sequence: [0, TOTAL - 1],
        // The client's own hash puts this key there: 28322 modulo 4.
        keyed: [
          ['a', 'device-7', { n: 3, text: 'x' }],
          ['b', 'device-7', { n: 3, text: 'x' }],
        ],
      })
    },
  )

  it.skipIf(!available('proton'))('Qpid Proton, in all settle modes', async () => {
    const rule = local.directory.rules()[0]!
    const result = await runPython('proton_client.py', [
      String(local.broker.port),
      rule.name,
      rule.primaryKey,
      String(TOTAL),
    ])
    expect(result).toEqual({
      accepted: TOTAL,
      receivers: {
        'settles first': [TOTAL, true, ['ulong']],
        'settles second': [TOTAL, true, ['ulong']],
        'pre-settled': [TOTAL / 10, true, ['ulong']],
      },
    })
  })

  it.skipIf(!available('proton'))("Qpid Proton's blocking client, which checks what an attach answers", async () => {
    const hub = local.directory.addHub('blocking').name
    const rule = local.directory.rules()[0]!
    const result = await runPython('proton_blocking.py', [
      ...[String(local.broker.port), rule.name, rule.primaryKey],
      hub,
    ])
    expect(result).toEqual({
      target: `${hub}/Partitions/2`,
      source: `${hub}/ConsumerGroups/$Default/Partitions/2`,
      received: ['event 1', 'event 2', 'event 3'],
      refused: 'amqp:not-found',
    })
  })
})
