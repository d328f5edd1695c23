import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { HUB, testDirectory } from '../../amqp/support/local.ts'
import { present, PYTHON, pythonModule } from '../../amqp/support/referee.ts'
import { bundleScript, runScript } from '../../amqp/support/spawn.ts'
import { Program, scriptOf, until } from './support/program.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const KILLS = Number(process.env['KAFKA_KILLS'] ?? 4)
const NOTHING = { acknowledged: 0, commits: 0 }

it.skipIf(!present(pythonModule('confluent_kafka', 'python3-confluent-kafka')))(
  `confluent-kafka loses, doubles and moves no acknowledged event through ${KILLS} kills, and no commit goes back`,
  { timeout: 90_000 + KILLS * 4_000 },
  async ({ onTestFinished }) => {
    const folder = temporaryFolder()
    const plane = await bundleScript('../../kafka/clients/support/kafka-process.ts', folder)
    const start = (port: number) => runScript<{ readonly port: number }>(plane, [`${folder}/events`, String(port)])

    let broker = await start(0)
    const { port } = broker.ready
    const [rule] = testDirectory().rules()
    const password = `Endpoint=sb://localhost;SharedAccessKeyName=${rule!.name};SharedAccessKey=${rule!.primaryKey}`
    let told: Readonly<Record<string, unknown>> = {}
    const script = scriptOf('through_kills.py')
    const client = new Program([PYTHON, script, `127.0.0.1:${port}`, password, HUB], (line) => {
      if (!line.startsWith('{')) return undefined
      told = JSON.parse(line) as typeof told
      return {}
    })
    onTestFinished(() => client.kill())
    /** The broker that runs now has acknowledged so many events, and a commit. */
    const served = (events: number) => {
      const { acknowledged, commits } = { ...NOTHING, ...told }
      const isServed = () => Number(told['acknowledged']) >= acknowledged + events && Number(told['commits']) > commits
      return until([client], `${events} more events and a commit`, isServed)
    }

    for (let kill = 0; kill < KILLS; kill++) {
      await served(randomInt(100, 5_000))
      await broker.kill()
      broker = await start(port)
      expect(broker.ready.port).toBe(port)
    }
    await served(100)
    await client.leave()
    await broker.kill()
    const right = { lost: 0, moved: 0, doubled: 0, disordered: 0, unknown: 0, wentBack: [], errors: [] }
    expect(told, String(client)).toEqual(right)
  },
)
