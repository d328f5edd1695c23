import type { CommandDefinition, CommandGroup } from '../definition.ts'
import { ALL, CLOUD, CONNECTING } from './inputs.ts'

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
  npx ml-ingest verify --hub clicks --load --duration 1m --events-per-second 5k --event-size 800B
`,
    inputs: [
      ...[...ALL, ...CONNECTING],
      ...(['json', 'readThrough', 'webSockets', 'byKafka', 'loadTest', 'duration', 'eventsPerSecond'] as const),
      ...(['eventSize', 'throughput', 'peak', 'yes'] as const),
    ],
    load: async () => (await import('../verify.ts')).verify,
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
    examples: `  npx ml-ingest capture cat clicks --local | head -1
  npx ml-ingest capture cat clicks --local --since 2h --csv > clicks.csv
  npx ml-ingest capture cat clicks -n ns-clicks-7k2p --parquet clicks.parquet
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'json', ...CLOUD, 'hub', 'partition', 'since', 'storage', 'csv', 'parquet', 'force'],
    load: async () => (await import('../capture-cat.ts')).captureCat,
  },
]

export const CAPTURE_GROUP: CommandGroup = {
  name: 'capture',
  summary: 'read what Capture wrote: ls, cat',
  description:
    'Reads the files back that Capture wrote: in a storage account as the signed-in account, which needs the role Storage Blob Data Reader, or with --local on this machine.',
  examples: `  npx ml-ingest capture ls clicks --local
  npx ml-ingest capture cat clicks --local --since 2h | head -1
  npx ml-ingest capture cat clicks -n ns-clicks-7k2p --parquet clicks.parquet
`,
}
