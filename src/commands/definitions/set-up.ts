import type { CommandDefinition } from '../definition.ts'
import { ALL, CAPTURE, CHANGING, CONNECTING, LOAD, PRICING } from './inputs.ts'

/** Commands that set resources up, and tell what they need and how to connect. */
export const SET_UP: readonly CommandDefinition[] = [
  {
    name: 'create',
    summary: 'create or update everything and print the connection string',
    description: 'Shows what will change, asks, creates or updates everything, and prints the connection string.',
    examples: `  npx ml-ingest create
  npx ml-ingest create -l westeurope --hub clicks:8:48h --consumer-group trainer
  npx ml-ingest create -g rg-clicks -n ns-clicks-7k2p --retention 7d
  CONN="$(npx ml-ingest create --local --yes)"
`,
    inputs: [
      ...ALL,
      'json',
      ...CONNECTING,
      ...CHANGING,
      ...PRICING,
      'format',
      'noConnection',
      'save',
      'ci',
      'yes',
      'dryRun',
      'progress',
      'enforceLimits',
      'storage',
    ],
    load: async () => (await import('../create.ts')).create,
  },
  {
    name: 'plan',
    summary: 'show what create would change; never writes',
    description: 'Shows what create would change. It only reads, so the role Reader is enough.',
    examples: `  npx ml-ingest plan -g rg-clicks -n ns-clicks-7k2p --hub clicks:8:48h
  npx ml-ingest plan --exit-code --json
`,
    inputs: [...ALL, 'json', ...CONNECTING, ...CHANGING, ...PRICING, 'exitCode', 'allEnvs', 'ci', 'progress'],
    load: async () => (await import('../plan.ts')).plan,
  },
  {
    name: 'size',
    summary: 'work out what an expected load needs and costs; needs no sign-in',
    description:
      'Tells which tier, units and partitions carry a load, why, what would change that, what it costs, and the create command for it. It needs no sign-in and writes nothing.',
    examples: `  npx ml-ingest size --events-per-second 5k --readers 3 --retention 7d
  npx ml-ingest size --throughput 20MB/s --event-size 2KB --peak 3 -l westeurope
  npx ml-ingest size --events-per-second 20M/day --tier Premium --json
`,
    inputs: [
      ...ALL,
      ...(['json', 'file', 'env', ...LOAD, 'location', 'tier', 'capacity', 'autoInflateMax', 'kafka'] as const),
      ...(['hub', 'partitions', 'retention', 'consumerGroup', ...CAPTURE, ...PRICING] as const),
    ],
    load: async () => (await import('../size.ts')).size,
  },
  {
    name: 'show-connection',
    summary: 'print the connection string in many formats; never writes',
    description: 'Prints how to connect to a hub. The result is a secret, so without a terminal --format is required.',
    examples: `  npx ml-ingest show-connection --hub clicks
  eval "$(npx ml-ingest show-connection --format env)"
  npx ml-ingest show-connection --access listen --format dotenv --output .env
  npx ml-ingest show-connection --format python
`,
    inputs: [
      ...ALL,
      'json',
      ...CONNECTING,
      'format',
      'secondary',
      'name',
      'hubName',
      'output',
      'force',
      'ci',
      'progress',
    ],
    load: async () => (await import('../show-connection.ts')).showConnection,
  },
]
