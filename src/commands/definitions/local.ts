import type { CommandDefinition, CommandGroup } from '../definition.ts'
import { ALL, SENDING, TAILING } from './inputs.ts'

/** Commands of the embedded Azure. */
export const LOCAL: readonly CommandDefinition[] = [
  {
    name: 'local start',
    summary: 'start the embedded Azure, until Ctrl-C or in the background with --detach',
    examples: `  npx ml-ingest local start --detach
  npx ml-ingest local start --config Config.json
  npx ml-ingest local start --storage lake=UseDevelopmentStorage=true
  npx ml-ingest local start --memory --fault "429,times=2,retry-after=5"
`,
    inputs: [
      ...ALL,
      'data',
      'json',
      'detach',
      'config',
      'memory',
      'port',
      'amqpPort',
      'kafkaPort',
      'kafkaRange',
      'healthPort',
      'host',
      'durable',
      'maxPartitionSize',
      'enforceLimits',
      'storage',
      'latency',
      'provisioning',
      'rateLimits',
      'fault',
    ],
    load: async () => (await import('../local-start.ts')).localStart,
  },
  {
    name: 'local stop',
    summary: 'stop the embedded Azure, and keep its resources and events',
    examples: `  npx ml-ingest local stop
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('../local.ts')).localStop,
  },
  {
    name: 'local status',
    summary: 'show whether it runs, where, and what it contains',
    examples: `  npx ml-ingest local status
  npx ml-ingest local status --json
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('../local.ts')).localStatusOf,
  },
  {
    name: 'local reset',
    summary: 'stop the embedded Azure, and delete its resources and events',
    description:
      'Captured files stay, and are read together with those of a new hub of the same name. To be rid of them, delete the folder that it prints.',
    examples: `  npx ml-ingest local reset
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('../local.ts')).localReset,
  },
  {
    name: 'local exec',
    summary: 'run a command with its own temporary embedded Azure',
    description:
      'Runs the command after -- with its own temporary embedded Azure, and ends with the exit code of the command.\nThe command gets EVENTHUB_CONNECTION_STRING, EVENTHUB_NAME, EVENTHUB_CONSUMER_GROUP, ML_INGEST_ARM_ENDPOINT and, for Kafka clients, KAFKA_BOOTSTRAP_SERVERS, KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
    examples: `  npx ml-ingest local exec -- npm test
  npx ml-ingest local exec --hub clicks --consumer-group trainer -- python t.py
`,
    arguments: ['[command...]'],
    inputs: [
      ...ALL,
      'file',
      'env',
      'resourceGroup',
      'namespace',
      'tier',
      'capacity',
      'hub',
      'partitions',
      'retention',
      'consumerGroup',
      'userMetadata',
      'access',
      'enforceLimits',
    ],
    load: async () => (await import('../local-exec.ts')).localExec,
  },
  {
    name: 'local capture',
    summary: 'show where the hubs of the embedded Azure are captured, or write their files now with --flush',
    description:
      'Shows each captured hub: where its files go, how long its windows are, and how many events wait for the next file.\nWith --flush it ends the open windows now and prints the files that this writes: off a terminal their paths, one a line.',
    examples: `  npx ml-ingest local capture
  npx ml-ingest local capture clicks --flush
  npx ml-ingest local capture --flush
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'data', 'json', 'flush'],
    load: async () => (await import('../local-capture.ts')).localCapture,
  },
  {
    name: 'local send',
    summary: 'send events to a hub of the embedded Azure: the same as send --local',
    examples: `  npx ml-ingest local send clicks events.jsonl --key-field deviceId
  npx ml-ingest local send clicks --sample clicks --count 10
  npx ml-ingest local send clicks events.jsonl --rate 100/s
`,
    arguments: ['[hub]', '[file]'],
    inputs: [...ALL, 'json', 'data', 'hub', 'key', 'keyField', ...SENDING],
    load: async () => (await import('../send.ts')).send,
  },
  {
    name: 'local tail',
    summary: 'print the events of a hub of the embedded Azure: the same as tail --local',
    examples: `  npx ml-ingest local tail clicks
  npx ml-ingest local tail clicks --from 15m --follow
  npx ml-ingest local tail clicks --partition 0 --count 1
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'data', 'hub', ...TAILING],
    load: async () => (await import('../tail.ts')).tail,
  },
]

export const LOCAL_GROUP: CommandGroup = {
  name: 'local',
  summary: 'the embedded Azure: start, stop, status, reset, exec, send, tail, capture',
  description:
    'The embedded Azure: Azure Resource Manager and Event Hubs, simulated in a process on this machine.\nCommands with --local start it automatically.',
  examples: `  npx ml-ingest local start --detach
  npx ml-ingest local start --latency 40ms --fault "429,method=PUT,times=2"
  npx ml-ingest local start --config Config.json
  npx ml-ingest local status --json
  npx ml-ingest local exec --hub clicks:8 -- npm test
  npx ml-ingest local send clicks events.jsonl --key-field deviceId --rate 100/s
  npx ml-ingest local tail clicks --from 15m --follow
  npx ml-ingest local capture --flush
`,
}
