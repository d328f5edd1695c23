import type { CommandDefinition } from '../definition.ts'
import { ALL, CLOUD, CONNECTING } from './inputs.ts'

/** Commands that take away. */
export const CLEAR_UP: readonly CommandDefinition[] = [
  {
    name: 'delete',
    summary: 'delete the namespace, or only hubs and consumer groups',
    description:
      'Deletes the namespace with everything in it, or only the hubs and consumer groups that you name. It first shows what it will delete and asks you to type the name of the namespace (without a terminal: --confirm NAME --yes). A namespace that ml-ingest did not make needs --confirm. The resource group is deleted too if ml-ingest made it and nothing else is in it.',
    examples: `  npx ml-ingest delete -g rg-clicks -n ns-clicks-7k2p
  npx ml-ingest delete --hub views --consumer-group clicks/trainer
  npx ml-ingest delete -n ns-clicks-7k2p --dry-run
  npx ml-ingest delete -n ns-clicks-7k2p --confirm ns-clicks-7k2p --yes
`,
    inputs: [...ALL, 'json', ...CLOUD, 'hubToDelete', 'consumerGroupToDelete', 'confirm', 'yes', 'dryRun', 'progress'],
    load: async () => (await import('../delete.ts')).deleteResources,
  },
  {
    name: 'rotate-key',
    summary: 'replace the keys of an access rule without downtime',
    description:
      'Stage 1 renews the secondary key and prints its string: switch every reader and writer to it. Stage 2 renews the primary key.\nA renewed key stops working at once, so before stage 1 all clients have to use the primary key. Azure shows neither who uses which key nor when a key was renewed.',
    examples: `  npx ml-ingest rotate-key --hub clicks
  npx ml-ingest rotate-key --stage 1 --yes --format dotenv --output .env
  npx ml-ingest rotate-key --hub clicks --stage 2 --yes --format raw
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
    load: async () => (await import('../rotate-key.ts')).rotateKey,
  },
]
