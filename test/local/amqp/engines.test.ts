import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestBroker, type TestBroker } from './support/local.ts'
import { judge, piecesOf, present, runReferee, scriptPath, type Need } from './support/referee.ts'

const RABBITMQ = '/usr/lib/rabbitmq/lib'
const { ML_INGEST_GO_REFEREE: GO = 'no-program', ML_INGEST_PROTON_J: PROTON_J = 'no-jar' } = process.env

const ERLANG: Need = {
  what: 'amqp10_client of RabbitMQ',
  probe: ['sh', '-c', `command -v escript && ls -d ${RABBITMQ}/rabbitmq_server-*/plugins/amqp10_client-*`],
  from: "Debian's rabbitmq-server, which need not run,",
}
const AMQP10: Need = {
  what: 'amqp10',
  probe: [process.execPath, '-e', "require('amqp10')"],
  from: 'npm install amqp10@3.6.0 in a folder of NODE_PATH',
}
const GO_CLIENT: Need = {
  what: 'The program ML_INGEST_GO_REFEREE',
  probe: [GO],
  from: 'go build in test/local/amqp/support/go',
}
const JAVA: Need = { what: 'Java', probe: ['java', '-version'], from: "Debian's default-jdk-headless" }
const JAR: Need = {
  what: 'The file ML_INGEST_PROTON_J',
  probe: ['jar', 'tf', PROTON_J],
  from: 'org.apache.qpid:proton-j:0.34.1',
}

describe.concurrent('engines of other makes', { timeout: 90_000 }, () => {
  let local: TestBroker
  const newHub = (name: string) => local.directory.addHub(name).name

  beforeAll(async () => {
    local = await startTestBroker()
  })
  afterAll(() => local.stop())

  it.skipIf(!present(ERLANG))("RabbitMQ's client for Erlang, in all settle modes", async () => {
    const hub = newHub('erlang')
    const server = readdirSync(RABBITMQ).find((name) => name.startsWith('rabbitmq_server-'))!
    const { result, sent } = await judge(local, { hub, name: 'rabbitmq' }, (string) => {
      const { port, name, key } = piecesOf(string)
      const script = scriptPath('rabbitmq_client.escript')
      return runReferee(['escript', script, `${RABBITMQ}/${server}/plugins`, port, name, key, hub, '3'])
    })
    const all = [1, 2, 3, 1, 2, 3, 1, 2, 3]
    expect(result).toEqual({
      accepted: [3, 3, 0],
      received: { unsettled: all, mixed: all, settled: all },
      refused: 'amqp:not-found',
      closed: true,
    })
    expect(sent).toMatchObject({ end: 1, close: 1 })
  })

  it.skipIf(!present(AMQP10))('amqp10 for JavaScript, in all settle modes', async () => {
    const hub = newHub('amqp10')
    const { result, sent } = await judge(local, { hub, name: 'amqp10' }, (string) => {
      const { port, name, key } = piecesOf(string)
      return runReferee([process.execPath, scriptPath('amqp10_client.cjs'), port, name, key, hub, '3'])
    })
    const all = [1, 2, 3, 1, 2, 3]
    expect(result).toEqual({
      accepted: [3, 3],
      received: { unsettled: all, mixed: all, settled: all },
      refused: 'amqp:not-found',
    })
    expect(sent).toMatchObject({ close: 1 })
  })

  it.skipIf(!present(GO_CLIENT))('azeventhubs for Go with the unchanged string, and go-amqp below it', async () => {
    const hub = newHub('go')
    const total = 3_000
    const { result, sent } = await judge(local, { hub, name: 'go' }, (string) => {
      const { port, name, key } = piecesOf(string)
      return runReferee([GO, string, port, name, key, hub, String(total)])
    })
    expect(result).toEqual({
      client: {
        hub,
        partitions: ['0', '1', '2', '3'],
        last: total - 1,
        received: total,
        inOrder: true,
        refused: 'amqp:not-found',
        owners: [2, 2],
      },
      engine: {
        received: { 'no mode': 12, 'settles first': 12, 'settles second': 12, 'pre-settled': 12 },
        drained: 'yes',
        refused: 'amqp:not-found',
      },
    })
    expect(sent).toMatchObject({ 'flow that drained': 1 })
  })

  it.skipIf(!present(JAVA, JAR))('Qpid Proton-J, the engine of the client for Java', async () => {
    const hub = newHub('java')
    const { result, sent } = await judge(local, { hub, name: 'proton-j' }, (string) => {
      const { port, name, key } = piecesOf(string)
      return runReferee(['java', '-cp', PROTON_J, scriptPath('java/ProtonReferee.java'), port, name, key, hub, '4'])
    })
    const all = [0, 1, 2, 3, 0, 1, 2, 3]
    expect(result).toEqual({
      accepted: 4,
      received: { mixed: all, 'settles first': all, 'settles second': all, 'pre-settled': all },
      left: 0,
      refused: 'amqp:not-found',
      closed: true,
    })
    expect(sent).toMatchObject({ 'flow that drained': 1, end: 1, close: 1 })
  })
})
