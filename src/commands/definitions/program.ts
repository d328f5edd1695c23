import { EXIT_MEANINGS } from '../../ui/exit.ts'
import type { CommandDefinition, ProgramDefinition } from '../definition.ts'
import { CLEAR_UP } from './clear-up.ts'
import { CAPTURE_GROUP, EVENTS } from './events.ts'
import { LOCAL, LOCAL_GROUP } from './local.ts'
import { SET_UP } from './set-up.ts'

const COMPLETION: CommandDefinition = {
  name: 'completion',
  summary: 'set up completion for bash, zsh, fish or PowerShell',
  description:
    'Prints a script that makes a shell complete commands, flags, their values, files and the environments of a manifest. At each TAB it calls ml-ingest from the PATH, so install it first (npm install --global ml-ingest). Words after npx are not completed.',
  examples: `  eval "$(ml-ingest completion bash)"              in ~/.bashrc
  source <(ml-ingest completion zsh)               in ~/.zshrc, after compinit
  ml-ingest completion fish | source               in ~/.config/fish/config.fish
  ml-ingest completion powershell | Out-String | Invoke-Expression
`,
  arguments: ['[shell]'],
  inputs: [],
  load: async () => (await import('../completion.ts')).completion,
}

/** All commands, for the command line, the help and the completion. */
export const PROGRAM: ProgramDefinition = {
  description:
    'Sets up an Azure Event Hubs ingestion front door for machine-learning pipelines: resource group, namespace, event hubs, consumer groups, access rule and connection string. Safe to run again.',
  examples: `  npx ml-ingest create                        asks for what it needs
  npx ml-ingest create --local --yes          on the embedded Azure: no account
  npx ml-ingest plan --exit-code              checks for changes
  npx ml-ingest show-connection --format env  for a shell`,
  exitCodes: EXIT_MEANINGS,
  commands: [...SET_UP, ...EVENTS, ...CLEAR_UP, ...LOCAL, COMPLETION],
  groups: [CAPTURE_GROUP, LOCAL_GROUP],
}
