import { realClock } from '../../../../src/lib/clock.ts'
import { startBroker, testDirectory } from './local.ts'

/** A broker in a process of its own, to be killed, with more hubs than `clicks` if they are named. Prints one line of JSON when it is ready. */
const [folder, port = '0', ...hubs] = process.argv.slice(2)
const directory = testDirectory()
for (const hub of hubs) directory.addHub(hub)
const broker = await startBroker({
  directory,
  clock: realClock,
  storage: { folder: folder! },
  port: Number(port),
  log: (line) => process.stderr.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify({ port: broker.port, partitions: broker.stats().hubs[0]!.partitions })}\n`)
