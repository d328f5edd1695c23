import { parseStorageConnection } from '../../../../src/lib/blob/storage-connection.ts'
import { realClock } from '../../../../src/lib/clock.ts'
import { appendEvents } from '../../../../src/local/hubs/events.ts'
import { startDataPlane } from '../../../../src/local/process/data-plane.ts'
import { HUB, NAMESPACE, TestDirectory } from '../../amqp/support/local.ts'
import { CAPTURE } from './settings.ts'

/**
 * Sends to a hub that is captured, to be killed. Prints one line of JSON for each publication that was acknowledged.
 * The end of its input ends the sending, closes the windows and prints what the flush says.
 */
const [folder, sizeLimit, batch, size, storage] = process.argv.slice(2)
const EVERY_MS = 10
const PARTITIONS = 2
const [events, bytes] = [Number(batch), Number(size)]

const directory = new TestDirectory()
directory.addHub(HUB, { partitionCount: PARTITIONS, capture: { ...CAPTURE, sizeLimitBytes: Number(sizeLimit) } })
const connection = storage === undefined ? undefined : parseStorageConnection(storage)
const plane = await startDataPlane({
  directory,
  clock: realClock,
  storage: { folder: `${folder}/events` },
  capture: {
    folder: `${folder}/capture`,
    ...(connection?.ok && { storage: new Map([[CAPTURE.account, connection.value]]) }),
  },
  ports: { amqp: 0, kafka: 0 },
  log: (line) => process.stderr.write(`${line}\n`),
})

const tell = (said: object) => process.stdout.write(`${JSON.stringify(said)}\n`)
let sent = 0
const sending = setInterval(() => {
  const name = `${process.pid}-${sent++}`
  const bodies = Array.from({ length: events }, (_, i) => Buffer.from(`${name}-${i} `.padEnd(bytes, '.')))
  const publication = { namespace: NAMESPACE, hub: HUB, events: bodies.map((body) => ({ body })) }
  void appendEvents(plane.hubs, publication).then(({ partition, firstSequenceNumber: first }) =>
    tell({ name, partition, first, events }),
  )
}, EVERY_MS)

process.stdin.resume().once('end', () => {
  clearInterval(sending)
  void plane.captures.flush({}).then(async ({ failures }) => {
    tell({ failures })
    await plane.close()
  })
})
