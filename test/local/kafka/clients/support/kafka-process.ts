import { realClock } from '../../../../../src/lib/clock.ts'
import { startDataPlane } from '../../../../../src/local/process/data-plane.ts'
import { testDirectory } from '../../../amqp/support/local.ts'

/** A data plane in a process of its own, to be killed. Prints one line of JSON when it is ready. */
const [folder, port = '0'] = process.argv.slice(2)
const plane = await startDataPlane({
  directory: testDirectory(),
  clock: realClock,
  storage: { folder: folder! },
  ports: { amqp: 0, kafka: Number(port) },
  log: (line) => process.stderr.write(`${line}\n`),
})
const kafka = plane.listeners.find(({ protocol }) => protocol === 'kafka')!
process.stdout.write(`${JSON.stringify({ port: kafka.port })}\n`)
