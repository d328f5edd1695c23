import { expect, it } from 'vitest'
import type { PartitionStats } from '../../../src/local/hubs/hub-stats.ts'
import { HUB, NAMESPACE, sasToken, startTestBroker, testDirectory } from './support/local.ts'
import { encodeBinary, encodeSection, P, RawClient } from './support/raw-client.ts'
import { bundleScript, runScript } from './support/spawn.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KILLS = Number(process.env['BROKER_KILLS'] ?? 30)
const PARTITIONS = 4
const BATCH = 10
const IN_FLIGHT = 50

const data = (text: string) => encodeSection(0x75, encodeBinary(Buffer.from(text)))

interface Publication {
  readonly ids: readonly string[]
  acknowledged: boolean
}

/** Sends to all partitions as fast as the broker acknowledges, every other publication a batch, until the connection ends. */
async function sendUntilKilled(port: number, round: number, sent: Publication[][]): Promise<void> {
  const client = new RawClient(port)
  const byDelivery = new Map<number, Publication>()
  let delivery = 1
  const sendOne = () => {
    const partition = delivery % PARTITIONS
    const count = delivery % 8 < 4 ? 1 : BATCH
    const ids = Array.from({ length: count }, (_, i) => `${round}/${delivery}/${i}/${'x'.repeat(500)}`)
    const payload =
      count === 1 ? data(ids[0]!) : Buffer.concat(ids.map((id) => encodeSection(0x75, encodeBinary(data(id)))))
    const publication = { ids, acknowledged: false }
    sent[partition]!.push(publication)
    byDelivery.set(delivery, publication)
    client.send(client.transferFrame(partition, delivery++, payload, { format: count === 1 ? 0 : 0x80013700 }))
  }
  try {
    const rule = testDirectory().rules()[0]!
    await client.openSession()
    await client.putToken('sb://h/', sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 600_000))
    for (let partition = 0; partition < PARTITIONS; partition++) {
      client.send(
        client.attachFrame('sender', {
          name: `s${partition}`,
          handle: partition,
          source: 'x',
          target: `${HUB}/Partitions/${partition}`,
        }),
      )
    }
    for (let i = 0; i < IN_FLIGHT; i++) sendOne()
    for (;;) {
      const { fields } = await client.next(P.disposition)
      const [first, last] = [fields[1] as number, (fields[2] ?? fields[1]) as number]
      for (let id = first; id <= last; id++) {
        byDelivery.get(id)!.acknowledged = true
        sendOne()
      }
    }
  } catch {
    client.end()
  }
}

it(
  `keeps every acknowledged event through ${KILLS} kills under load`,
  { timeout: 60_000 + KILLS * 2_000 },
  async () => {
    const folder = temporaryFolder()
    const script = await bundleScript('broker-process.ts', folder)
    const logs = `${folder}/logs`
    const sent: Publication[][] = Array.from({ length: PARTITIONS }, () => [])
    for (let round = 0; round < KILLS; round++) {
      const broker = await runScript<{ port: number; partitions: PartitionStats[] }>(script, [logs])
      for (const [partition, publications] of sent.entries()) {
        const acknowledged = publications.filter((p) => p.acknowledged).reduce((sum, p) => sum + p.ids.length, 0)
        expect(broker.ready.partitions[partition]!.lastSequenceNumber).toBeGreaterThanOrEqual(acknowledged - 1)
      }
      const sending = sendUntilKilled(broker.ready.port, round, sent)
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 130))
      await broker.kill()
      await sending
    }

    const local = await startTestBroker({ folder: logs })
    for (const [partition, publications] of sent.entries()) {
      const stored: string[] = []
      const start = { kind: 'earliest' } as const
      for await (const event of local.broker.readEvents({
        namespace: NAMESPACE,
        hub: HUB,
        partition: String(partition),
        start,
      })) {
        expect(event.sequenceNumber).toBe(stored.length)
        stored.push((event.body as Buffer).toString())
      }
      // Each acknowledged publication is there once, whole and in order; of the others, whole or not at all.
      let at = 0
      for (const { ids, acknowledged } of publications) {
        const isNext = stored[at] === ids[0]
        expect(isNext || !acknowledged, `${ids[0]!.slice(0, 20)} is missing`).toBe(true)
        if (!isNext) continue
        expect(stored.slice(at, at + ids.length)).toEqual(ids)
        at += ids.length
      }
      expect(at).toBe(stored.length)
      expect(at).toBeGreaterThan(KILLS)
    }
    await local.stop()
  },
)
