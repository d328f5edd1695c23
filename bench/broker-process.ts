import { realClock } from '../src/lib/clock.ts'
import type { Directory, LocalHub, LocalRule } from '../src/local/hubs/directory.ts'
import { appendEvents } from '../src/local/hubs/events.ts'
import { startDataPlane } from '../src/local/process/data-plane.ts'
import type { Target } from './load-client.ts'

/** The broker in a process of its own, driven over IPC: `measure`, and `fill` with a number of events of 1 KB. */

const NAMESPACE = 'bench'
const hub: LocalHub = {
  namespace: NAMESPACE,
  name: 'hub',
  partitionCount: 4,
  status: 'Active',
  retentionHours: 24,
  isCompacted: false,
  timestampType: 'LogAppend',
  maxMessageBytes: 1_048_576,
  createdAt: 1,
  consumerGroups: ['$Default'],
}
const rule: LocalRule = {
  namespace: NAMESPACE,
  name: 'rule',
  rights: ['Manage', 'Send', 'Listen'],
  primaryKey: 'key',
  secondaryKey: 'key2',
}
const directory: Directory = {
  rules: () => [rule],
  hubs: () => [hub],
  hub: (namespace, name) => (namespace === NAMESPACE && name === hub.name ? hub : undefined),
  localAuthDisabled: () => false,
  hasKafka: () => true,
  onChange: () => () => undefined,
}

const { hubs, listeners } = await startDataPlane({
  directory,
  clock: realClock,
  storage: { folder: process.argv[2]! },
  ...(process.argv[3] !== undefined && { maxPartitionBytes: Number(process.argv[3]) }),
  ports: { amqp: 0, kafka: 0 },
  log: (line) => process.stderr.write(`${line}\n`),
})

async function fill(events: number): Promise<void> {
  const body = Buffer.alloc(1_024, 'x')
  const batch = Array.from({ length: 500 }, () => ({ body }))
  for (let sent = 0; sent < events; sent += batch.length) {
    await appendEvents(hubs, { namespace: NAMESPACE, hub: hub.name, events: batch })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

process.on('message', (message: { fill?: number }) => {
  void (message.fill ? fill(message.fill) : Promise.resolve()).then(() => {
    const { user, system } = process.cpuUsage()
    process.send!({ rssBytes: process.memoryUsage().rss, cpuMs: (user + system) / 1_000 })
  })
})
const portOf = (wanted: 'amqp' | 'kafka') => listeners.find(({ protocol }) => protocol === wanted)!.port
process.send!({
  ...{ port: portOf('amqp'), kafkaPort: portOf('kafka') },
  ...{ user: rule.name, password: rule.primaryKey, hub: hub.name },
} satisfies Target)
process.once('disconnect', () => process.exit())
