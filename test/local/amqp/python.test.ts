import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestBroker, type TestBroker } from './support/local.ts'
import { judge, type Need, piecesOf, present, PYTHON, pythonModule, runReferee, scriptPath } from './support/referee.ts'
import { startTlsFront } from './support/tls-front.ts'
import { folderOfSuite } from '../../support/temporary-folder.ts'

const TOTAL = 20_000

const AZURE = pythonModule('azure.eventhub', 'python3-azure')
const UAMQP = pythonModule('uamqp', 'python3-uamqp')
const PROTON = pythonModule('proton', 'python3-qpid-proton')
const OPENSSL: Need = { what: 'openssl', probe: ['openssl', 'version'], from: "Debian's openssl" }

const runPython = (script: string, ...args: readonly string[]) => runReferee([PYTHON, scriptPath(script), ...args])

describe.concurrent('clients in Python', { timeout: 90_000 }, () => {
  let local: TestBroker
  const folder = folderOfSuite()
  const newHub = (name: string) => local.directory.addHub(name).name

  beforeAll(async () => {
    local = await startTestBroker()
  })
  afterAll(async () => {
    await local.stop()
  })

  const runAzure = async (hub: string, engine: 'pyamqp' | 'uamqp', total: number) =>
    judge(local, { hub, name: `azure-${engine}` }, async (string, port) => {
      const tls = await startTlsFront(port, folder)
      try {
        const plain = string.replace(`:${port}`, '').replace('UseDevelopmentEmulator=true;', '')
        return await runPython('azure_client.py', plain, String(tls.port), tls.certificate, String(total), engine)
      } finally {
        tls.close()
      }
    })
  const properties = (hub: string, total: number) => ({
    hub: [hub, ['0', '1', '2', '3']],
    empty: [true, -1, -1],
    after: [false, total - 1],
    bad_partition: expect.stringContaining('The specified partition is invalid') as string,
  })

  it.skipIf(!present(AZURE, OPENSSL))('azure-eventhub on its pyamqp, through TLS as its 5.11 insists', async () => {
    const { result } = await runAzure(newHub('pyamqp'), 'pyamqp', TOTAL)
    expect(result).toEqual({
      ...properties('pyamqp', TOTAL),
      received: TOTAL,
      in_order: true,
      sequence: [0, TOTAL - 1],
      // The client's own hash puts this key there: 28322 modulo 4.
      keyed: [
        ['a', 'device-7', { n: 3, text: 'x' }],
        ['b', 'device-7', { n: 3, text: 'x' }],
      ],
    })
  })

  it.skipIf(!present(AZURE, UAMQP, OPENSSL))('azure-eventhub sends on uamqp', async () => {
    const { result } = await runAzure(newHub('azure-uamqp'), 'uamqp', 2_000)
    expect(result).toEqual(properties('azure-uamqp', 2_000))
  })

  it.skipIf(!present(UAMQP, OPENSSL))('uamqp, with a key and with tokens, in all settle modes', async () => {
    const hub = newHub('uamqp')
    const { result } = await judge(local, { hub, name: 'uamqp' }, async (string, port) => {
      const tls = await startTlsFront(port, folder)
      const { name, key } = piecesOf(string)
      return runPython('uamqp_client.py', String(tls.port), tls.certificate, name, key, hub, '3').finally(() =>
        tls.close(),
      )
    })
    const all = [1, 2, 3, 1, 2, 3]
    expect(result).toEqual({
      accepted: [3, 3],
      received: { 'settles first': all, 'settles second': all, 'pre-settled': all, 'after the first': [2] },
      refused: 'amqp:not-found',
    })
  })

  it.skipIf(!present(PROTON))('Qpid Proton, in all settle modes', async () => {
    const hub = newHub('proton')
    const { result } = await judge(local, { hub, name: 'proton' }, (string) => {
      const { port, name, key } = piecesOf(string)
      return runPython('proton_client.py', port, name, key, hub, String(TOTAL))
    })
    expect(result).toEqual({
      accepted: TOTAL,
      receivers: {
        'settles first': [TOTAL, true, ['ulong']],
        'settles second': [TOTAL, true, ['ulong']],
        'pre-settled': [TOTAL / 10, true, ['ulong']],
      },
    })
  })

  it.skipIf(!present(PROTON))("Qpid Proton's blocking client, which checks what an attach answers", async () => {
    const hub = newHub('blocking')
    const { result, sent } = await judge(local, { hub, name: 'proton-blocking' }, (string) => {
      const { port, name, key } = piecesOf(string)
      return runPython('proton_blocking.py', port, name, key, hub)
    })
    expect(result).toEqual({
      target: `${hub}/Partitions/2`,
      source: `${hub}/ConsumerGroups/$Default/Partitions/2`,
      received: ['event 1', 'event 2', 'event 3'],
      'credit after drain': 0,
      settled: 'settled',
      refused: 'amqp:not-found',
    })
    expect(sent).toMatchObject({ 'flow that drained': 1, close: 1 })
  })
})
