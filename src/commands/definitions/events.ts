import type { CommandDefinition, CommandGroup } from '../definition.ts'
import { ALL, CLOUD, CONNECTING, PRICING, SENDING, TAILING } from './inputs.ts'

/** Without a deadline: events may come for days. */
const ONE_HUB = [...CONNECTING.filter((key) => key !== 'timeout'), 'webSockets'] as const

/** Commands about events: whether they flow, and what they are. */
export const EVENTS: readonly CommandDefinition[] = [
  {
    name: 'verify',
    summary: 'test the connection: sends one event and reads it back',
    description:
      'Tests the connection as a pipeline would use it and shows which step fails: network, sign-in, hub, send or read.\nWrites one event into the hub, {"probe":"ml-ingest verify",...} with the property ml-ingest-probe.\nWith --load it then sends many of them, and says what came through, how fast, and whether the service throttled.',
    examples: `  npx ml-ingest verify --hub clicks --consumer-group trainer
  npx ml-ingest verify --access send
  npx ml-ingest verify --web-sockets --json
  npx ml-ingest verify --local --kafka
  npx ml-ingest verify --hub clicks --load --events-per-second 5k --duration 1m
`,
    inputs: [
      ...[...ALL, ...CONNECTING],
      ...(['json', 'readThrough', 'webSockets', 'byKafka', 'loadTest', 'duration', 'eventsPerSecond'] as const),
      ...(['eventSize', 'throughput', 'peak', 'yes'] as const),
    ],
    load: async () => (await import('../verify.ts')).verify,
  },
  {
    name: 'status',
    summary: 'show whether it is all right: load, throttling, lag, time until unread events are dropped',
    description:
      'Shows how much of its units a namespace uses, what was throttled or failed, and how far each group of readers is behind. It only reads: metrics with the role Monitoring Reader, the rest with Reader and the right Listen. What may not be read is one line.\nThe lag of a consumer group is known from its checkpoints, see --checkpoints; that of Kafka groups is always shown.',
    arguments: ['[hub]'],
    examples: `  npx ml-ingest status -g rg-clicks -n ns-clicks-7k2p
  npx ml-ingest status --local --watch
  npx ml-ingest status clicks --checkpoints stclicks/checkpoints
  npx ml-ingest status --exit-code --max-lag 10000 --max-throttled 0 --json
`,
    inputs: [
      ...ALL,
      ...(['json', ...CONNECTING, 'group', 'window', 'checkpoints', 'storage', 'webSockets', 'watch'] as const),
      ...(['exitCode', 'maxLag', 'maxThrottled', ...PRICING] as const),
    ],
    load: async () => (await import('../status.ts')).status,
  },
  {
    name: 'send',
    summary: 'send events to a hub: JSON lines, CSV, or a generated sample',
    description:
      'Sends each line of JSON of files, or of stdin, as one event; of CSV each row below the header, as a JSON object. It needs the right Send alone: the key of ml-ingest-send or ml-ingest-send-listen, else the role Azure Event Hubs Data Sender.',
    examples: `  npx ml-ingest send clicks events.jsonl --key userId
  npx ml-ingest send clicks day1.csv day2.csv -n ns-clicks-7k2p
  npx ml-ingest send clicks --sample clicks --rate 100/s
  npx ml-ingest send clicks --local < app.jsonl
`,
    arguments: ['[hub]', '[file...]'],
    inputs: [...ALL, 'json', ...ONE_HUB, 'keyPath', ...SENDING],
    load: async () => (await import('../send.ts')).send,
  },
  {
    name: 'tail',
    summary: 'print the events of a hub as JSON lines',
    description:
      'Prints the events of a hub as JSON lines, in order within each partition, and ends with the last one, unless it follows. It needs the right Listen alone: the key of ml-ingest-listen or ml-ingest-send-listen, else the role Azure Event Hubs Data Receiver.',
    examples: `  npx ml-ingest tail clicks --from 15m --follow
  npx ml-ingest tail clicks --where type=purchase --count 10
  npx ml-ingest tail clicks --local --partition 0 --count 1
`,
    arguments: ['[hub]'],
    inputs: [...ALL, ...ONE_HUB, ...TAILING],
    load: async () => (await import('../tail.ts')).tail,
  },
  {
    name: 'capture ls',
    summary: 'list the files that Capture wrote of a hub, newest last',
    description:
      'Lists the files that Capture wrote of a hub, newest last. The hub can be left out where one is captured. Without a terminal it prints JSON lines.',
    examples: `  npx ml-ingest capture ls clicks --local
  npx ml-ingest capture ls clicks -n ns-clicks-7k2p --since 2h
  npx ml-ingest capture ls clicks --json
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'json', ...CLOUD, 'hub', 'partition', 'since', 'storage'],
    load: async () => (await import('../capture-ls.ts')).captureLs,
  },
  {
    name: 'capture cat',
    summary: 'print the events in the files that Capture wrote: JSON lines, CSV or Parquet',
    description:
      'Prints the events in the files that Capture wrote of a hub: as JSON lines, like local tail, as CSV, or into a Parquet file. Events are in order within each partition. A file that is broken is told, the others are read, and the exit code is 1.',
    examples: `  npx ml-ingest capture cat clicks --local
  npx ml-ingest capture cat clicks --local --since 2h --csv --output clicks.csv
  npx ml-ingest capture cat clicks -n ns-clicks-7k2p --parquet clicks.parquet
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'json', ...CLOUD, 'hub', 'partition', 'since', 'storage', 'csv', 'output', 'parquet', 'force'],
    load: async () => (await import('../capture-cat.ts')).captureCat,
  },
  {
    name: 'list',
    summary: 'list the namespaces and hubs that the account sees',
    description:
      'Lists the namespaces of every subscription that the account sees, with their hubs, and says which ones ml-ingest made. It only reads, so the role Reader is enough. Without a terminal it prints JSON lines, one for each namespace.',
    examples: `  npx ml-ingest list
  npx ml-ingest list -s <id> --json
  npx ml-ingest list --local
`,
    inputs: [...ALL, 'json', 'subscription', 'tenant', 'cloud', 'auth', 'local', 'data', 'timeout'],
    load: async () => (await import('../list.ts')).list,
  },
  {
    name: 'open',
    summary: 'print the page of the namespace or hub in the Azure portal, and open it',
    description:
      'Prints the address of the page in the Azure portal, and on a terminal opens it in the browser. It needs the role Reader, and no key.',
    examples: `  npx ml-ingest open -n ns-clicks-7k2p
  npx ml-ingest open clicks -n ns-clicks-7k2p
`,
    arguments: ['[hub]'],
    inputs: [...ALL, ...CLOUD, 'hub'],
    load: async () => (await import('../open.ts')).open,
  },
]

export const CAPTURE_GROUP: CommandGroup = {
  name: 'capture',
  summary: 'read what Capture wrote: ls, cat',
  description:
    'Reads the files back that Capture wrote: in a storage account as the signed-in account, which needs the role Storage Blob Data Reader, or with --local on this machine.',
  examples: `  npx ml-ingest capture ls clicks --local
  npx ml-ingest capture cat clicks --local --since 2h
  npx ml-ingest capture cat clicks -n ns-clicks-7k2p --parquet clicks.parquet
`,
}
