import { realClock } from '../src/lib/clock.ts'
import { startDataPlane } from '../src/local/process/data-plane.ts'
import { directoryOf, fill, HUB, RULE } from './directory.ts'
import type { Target } from './load-client.ts'

/** The broker in a process of its own, driven over IPC: `measure`, and `fill` with a number of events of 1 KB. */

const { hubs, listeners } = await startDataPlane({
  directory: directoryOf(HUB),
  clock: realClock,
  storage: { folder: process.argv[2]! },
  ...(process.argv[3] !== undefined && { maxPartitionBytes: Number(process.argv[3]) }),
  ports: { amqp: 0, kafka: 0 },
  log: (line) => process.stderr.write(`${line}\n`),
})

process.on('message', (message: { fill?: number }) => {
  void (message.fill ? fill(hubs, message.fill) : Promise.resolve()).then(() => {
    const { user, system } = process.cpuUsage()
    process.send!({ rssBytes: process.memoryUsage().rss, cpuMs: (user + system) / 1_000 })
  })
})
const portOf = (wanted: 'amqp' | 'kafka') => listeners.find(({ protocol }) => protocol === wanted)!.port
process.send!({
  ...{ port: portOf('amqp'), kafkaPort: portOf('kafka') },
  ...{ user: RULE.name, password: RULE.primaryKey, hub: HUB.name },
} satisfies Target)
process.once('disconnect', () => process.exit())
