import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { HUB, temporaryFolder, testDirectory } from '../../amqp/support/local.ts'
import { present, PYTHON, pythonModule } from '../../amqp/support/referee.ts'
import { bundleScript, runScript } from '../../amqp/support/spawn.ts'
import { scriptOf } from './support/program.ts'

const KILLS = Number(process.env['KAFKA_KILLS'] ?? 4)

it.skipIf(!present(pythonModule('confluent_kafka', 'python3-confluent-kafka')))(
  `confluent-kafka loses, doubles and moves no acknowledged event through ${KILLS} kills, and no commit goes back`,
  { timeout: 90_000 + KILLS * 4_000 },
  async ({ onTestFinished }) => {
    const folder = temporaryFolder()
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const script = await bundleScript('../../kafka/clients/support/kafka-process.ts', folder)
    const start = (port: number) => runScript<{ readonly port: number }>(script, [`${folder}/events`, String(port)])

    let broker = await start(0)
    const { port } = broker.ready
    const [rule] = testDirectory().rules()
    const password = `Endpoint=sb://localhost;SharedAccessKeyName=${rule!.name};SharedAccessKey=${rule!.primaryKey}`
    const client = spawn(PYTHON, [scriptOf('through_kills.py'), `127.0.0.1:${port}`, password, HUB])
    onTestFinished(() => void client.kill('SIGKILL'))
    let [stdout, stderr] = ['', '']
    client.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    client.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = new Promise((resolve) => client.once('close', resolve))

    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 900))
      await broker.kill()
      broker = await start(port)
      expect(broker.ready.port).toBe(port)
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    client.stdin.end()
    await ended
    await broker.kill()
    const document = stdout.trim().split('\n').at(-1)!
    expect(document, stderr).toMatch(/^\{/)
    const { acknowledged, commits, ...result } = JSON.parse(document) as Record<string, unknown>
    expect(result).toEqual({ lost: 0, moved: 0, doubled: 0, disordered: 0, unknown: 0, wentBack: [], errors: [] })
    expect(acknowledged).toBeGreaterThan(KILLS * 100)
    expect(commits).toBeGreaterThan(KILLS)
  },
)
