import type { InputKey } from '../inputs/table.ts'
import { EXIT_MEANINGS } from '../ui/exit.ts'
import type { CommandDefinition, CommandGroup, ProgramDefinition } from './definition.ts'

const ALL: readonly InputKey[] = ['noInput', 'quiet', 'debug', 'color', 'noColor']

/** Which namespace, and how to reach it. */
const CLOUD: readonly InputKey[] = [
  ...(['file', 'env', 'subscription', 'resourceGroup', 'namespace'] as const),
  ...(['tenant', 'cloud', 'auth', 'local', 'data', 'timeout'] as const),
]
/** Which hubs, and with which rule. */
const CONNECTING: readonly InputKey[] = [...CLOUD, 'hub', 'access', 'policy']

/** What is expected to come in. */
const LOAD = [
  ...(['eventsPerSecond', 'eventSize', 'throughput', 'peak', 'readers', 'workers', 'ordered'] as const),
] as const satisfies readonly InputKey[]

const CAPTURE = [
  ...(['captureStorageAccount', 'captureContainer', 'captureInterval', 'captureSize'] as const),
  ...(['captureNameFormat', 'captureSkipEmpty', 'captureEncoding', 'captureIdentity', 'noCapture'] as const),
] as const satisfies readonly InputKey[]

/** Settings of the resources. */
const CHANGING: readonly InputKey[] = [
  ...LOAD,
  ...(['location', 'tier', 'capacity', 'autoInflateMax', 'resetCapacity', 'kafka', 'tag'] as const),
  ...(['partitions', 'retention', 'consumerGroup', 'userMetadata', 'grant', 'disableLocalAuth'] as const),
  ...(['identity', 'removeIdentity', 'minimumTls', 'publicNetworkAccess', 'allowIp', 'trustedServices'] as const),
  ...CAPTURE,
]

/** Which prices the plan shows. */
const PRICING: readonly InputKey[] = ['prices', 'currency']

const COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'create',
    summary: 'create or update everything and print the connection string',
    description: 'Shows what will change, asks, creates or updates everything, and prints the connection string.',
    examples: `  npx ml-ingest create
  npx ml-ingest create -s <id> -l westeurope --hub clicks:8:48h --consumer-group clicks/trainer --yes
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
    load: async () => (await import('./create.ts')).create,
  },
  {
    name: 'plan',
    summary: 'show what create would change; never writes',
    description: 'Shows what create would change. It only reads, so the role Reader is enough.',
    examples: `  npx ml-ingest plan -g rg-clicks -n ns-clicks-7k2p --hub clicks:8:48h
  npx ml-ingest plan --exit-code --json
`,
    inputs: [...ALL, 'json', ...CONNECTING, ...CHANGING, ...PRICING, 'exitCode', 'allEnvs', 'ci', 'progress'],
    load: async () => (await import('./plan.ts')).plan,
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
    load: async () => (await import('./size.ts')).size,
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
    load: async () => (await import('./show-connection.ts')).showConnection,
  },
  {
    name: 'verify',
    summary: 'test the connection: sends one event and reads it back',
    description:
      'Tests the connection as a pipeline would use it and shows which step fails: network, sign-in, hub, send or read.\nWrites one event into the hub, {"probe":"ml-ingest verify",...} with the property ml-ingest-probe.',
    examples: `  npx ml-ingest verify --hub clicks --consumer-group trainer
  npx ml-ingest verify --access send
  npx ml-ingest verify --web-sockets --json
  npx ml-ingest verify --local --kafka
`,
    inputs: [...ALL, 'json', ...CONNECTING, 'readThrough', 'webSockets', 'byKafka'],
    load: async () => (await import('./verify.ts')).verify,
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
    load: async () => (await import('./capture-ls.ts')).captureLs,
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
    load: async () => (await import('./capture-cat.ts')).captureCat,
  },
  {
    name: 'delete',
    summary: 'delete the namespace, or only hubs and consumer groups',
    description:
      'Deletes the namespace with everything in it, or only the hubs and consumer groups that you name. It first shows what it will delete and asks you to type the name of the namespace (without a terminal: --confirm NAME --yes). A namespace that ml-ingest did not make needs --confirm. The resource group is deleted too if ml-ingest made it and nothing else is in it.',
    examples: `  npx ml-ingest delete -g rg-clicks -n ns-clicks-7k2p
  npx ml-ingest delete -n ns-clicks-7k2p --hub views --consumer-group clicks/trainer
  npx ml-ingest delete -n ns-clicks-7k2p --dry-run
  npx ml-ingest delete -n ns-clicks-7k2p --confirm ns-clicks-7k2p --yes
`,
    inputs: [...ALL, 'json', ...CLOUD, 'hubToDelete', 'consumerGroupToDelete', 'confirm', 'yes', 'dryRun', 'progress'],
    load: async () => (await import('./delete.ts')).deleteResources,
  },
  {
    name: 'rotate-key',
    summary: 'replace the keys of an access rule without downtime',
    description:
      'Stage 1 renews the secondary key and prints its string: switch every reader and writer to it. Stage 2 renews the primary key.\nA renewed key stops working at once, so before stage 1 all clients have to use the primary key. Azure shows neither who uses which key nor when a key was renewed.',
    examples: `  npx ml-ingest rotate-key --hub clicks
  npx ml-ingest rotate-key --hub clicks --access listen --stage 1 --yes --format dotenv --output .env
  npx ml-ingest rotate-key --hub clicks --access listen --stage 2 --yes --format raw
  npx ml-ingest rotate-key --access manage --stage 1 --yes --json
`,
    inputs: [
      ...ALL,
      'json',
      ...CONNECTING,
      'stage',
      'format',
      'name',
      'hubName',
      'output',
      'force',
      'ci',
      'yes',
      'progress',
    ],
    load: async () => (await import('./rotate-key.ts')).rotateKey,
  },
  {
    name: 'local start',
    summary: 'start the embedded Azure, until Ctrl-C or in the background with --detach',
    examples: `  npx ml-ingest local start --detach
  npx ml-ingest local start --config Config.json
  npx ml-ingest local start --storage lake=UseDevelopmentStorage=true
  npx ml-ingest local start --memory --fault '429,method=PUT,times=2,retry-after=5'
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
    load: async () => (await import('./local-start.ts')).localStart,
  },
  {
    name: 'local stop',
    summary: 'stop the embedded Azure, and keep its resources and events',
    examples: `  npx ml-ingest local stop
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('./local.ts')).localStop,
  },
  {
    name: 'local status',
    summary: 'show whether it runs, where, and what it contains',
    examples: `  npx ml-ingest local status
  npx ml-ingest local status --json
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('./local.ts')).localStatusOf,
  },
  {
    name: 'local reset',
    summary: 'stop the embedded Azure, and delete its resources and events',
    description:
      'Captured files stay, and are read together with those of a new hub of the same name. To be rid of them, delete the folder that it prints.',
    examples: `  npx ml-ingest local reset
`,
    inputs: [...ALL, 'data', 'json'],
    load: async () => (await import('./local.ts')).localReset,
  },
  {
    name: 'local exec',
    summary: 'run a command with its own temporary embedded Azure',
    description:
      'Runs the command after -- with its own temporary embedded Azure, and ends with the exit code of the command.\nThe command gets EVENTHUB_CONNECTION_STRING, EVENTHUB_NAME, EVENTHUB_CONSUMER_GROUP, ML_INGEST_ARM_ENDPOINT and, for Kafka clients, KAFKA_BOOTSTRAP_SERVERS, KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
    examples: `  npx ml-ingest local exec -- npm test
  npx ml-ingest local exec --hub clicks:8 --consumer-group trainer -- python train.py
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
    load: async () => (await import('./local-exec.ts')).localExec,
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
    load: async () => (await import('./local-capture.ts')).localCapture,
  },
  {
    name: 'local send',
    summary: 'send the JSON lines of a file, or of stdin with -, to a hub of the embedded Azure',
    examples: `  npx ml-ingest local send clicks events.jsonl --key-field deviceId
  echo '{"page":"/"}' | npx ml-ingest local send clicks -
  npx ml-ingest local send clicks events.jsonl --rate 100/s
`,
    arguments: ['[hub]', '[file]'],
    inputs: [...ALL, 'data', 'key', 'keyField', 'partition', 'rate'],
    load: async () => (await import('./local-send.ts')).localSend,
  },
  {
    name: 'local tail',
    summary: 'print the events of a hub of the embedded Azure as JSON lines',
    examples: `  npx ml-ingest local tail clicks
  npx ml-ingest local tail clicks --from 15m --follow
  npx ml-ingest local tail clicks --partition 0 | head -1
`,
    arguments: ['[hub]'],
    inputs: [...ALL, 'data', 'readThrough', 'partition', 'from', 'follow'],
    load: async () => (await import('./local-tail.ts')).localTail,
  },
  {
    name: 'completion',
    summary: 'set up completion for bash, zsh, fish or PowerShell',
    description:
      'Prints a script that makes a shell complete commands, flags, their values, files and the environments of a manifest. At each TAB it calls ml-ingest from the PATH, so install it first (npm install --global ml-ingest). Words after npx are not completed.',
    examples: `  eval "$(ml-ingest completion bash)"                    in ~/.bashrc
  source <(ml-ingest completion zsh)                     in ~/.zshrc, after compinit
  ml-ingest completion fish | source                     in ~/.config/fish/config.fish
  ml-ingest completion powershell | Out-String | Invoke-Expression
`,
    arguments: ['[shell]'],
    inputs: [],
    load: async () => (await import('./completion.ts')).completion,
  },
]

const LOCAL: CommandGroup = {
  name: 'local',
  summary: 'the embedded Azure: start, stop, status, reset, exec, send, tail, capture',
  description:
    'The embedded Azure: Azure Resource Manager and Event Hubs, simulated in a process on this machine.\nCommands with --local start it automatically.',
  examples: `  npx ml-ingest local start --detach
  npx ml-ingest local start --memory --latency 40ms --fault '429,method=PUT,times=2,retry-after=5'
  npx ml-ingest local start --config Config.json
  npx ml-ingest local status --json
  npx ml-ingest local exec --hub clicks:8 -- npm test
  npx ml-ingest local send clicks events.jsonl --key-field deviceId --rate 100/s
  npx ml-ingest local tail clicks --from 15m --follow
  npx ml-ingest local capture --flush
`,
}

const CAPTURE_GROUP: CommandGroup = {
  name: 'capture',
  summary: 'read what Capture wrote: ls, cat',
  description:
    'Reads the files back that Capture wrote: in a storage account as the signed-in account, which needs the role Storage Blob Data Reader, or with --local on this machine.',
  examples: `  npx ml-ingest capture ls clicks --local
  npx ml-ingest capture cat clicks --local --since 2h | head -1
  npx ml-ingest capture cat clicks -n ns-clicks-7k2p --parquet clicks.parquet
`,
}

/** All commands, for the command line, the help and the completion. */
export const PROGRAM: ProgramDefinition = {
  description:
    'Sets up an Azure Event Hubs ingestion front door for machine-learning pipelines: resource group, namespace, event hubs, consumer groups, access rule and connection string. Safe to run again.',
  examples: `  npx ml-ingest create                        asks for what it needs
  npx ml-ingest create --local --yes          on the embedded Azure, without an account
  npx ml-ingest plan --exit-code              checks for changes
  npx ml-ingest show-connection --format env  for a shell`,
  exitCodes: EXIT_MEANINGS,
  commands: COMMANDS,
  groups: [CAPTURE_GROUP, LOCAL],
}
