import { DEFAULTS } from './defaults.ts'
import { inputsOf, type Input } from './input.ts'
import { oneOf } from '../lib/parser.ts'
import { parsePath, parseTimeout, parseVariableName } from './parsers.ts'

export const FORMATS = [
  ...(['text', 'raw', 'env', 'powershell', 'fish', 'cmd', 'dotenv', 'env-file', 'compose', 'json'] as const),
  ...(['kafka', 'librdkafka', 'python', 'ipynb', 'node', 'java', 'spark', 'databricks', 'fabric'] as const),
] as const
export type Format = (typeof FORMATS)[number]
export const PROGRESS = ['auto', 'plain', 'none'] as const
export type ProgressKind = (typeof PROGRESS)[number]
export const CI = ['auto', 'github', 'azure-devops', 'off'] as const
export type CiChoice = (typeof CI)[number]

const SENT_CSV = { help: 'read CSV with a header, whatever the name of the file', section: 'Events' } as const

const EVENTS_OUTPUT = { help: 'write the events to this file, in UTF-8, instead of stdout' } as const

const output = inputsOf('Output')
const run = inputsOf('Run')

/** Words that others use for the formats. */
const OTHER_WORDS_FOR_FORMAT: Readonly<Record<string, Format>> = {
  ...{
    bash: 'env',
    zsh: 'env',
    sh: 'env',
    shell: 'env',
    export: 'env',
    pwsh: 'powershell',
    ps1: 'powershell',
    bat: 'cmd',
  },
  ...{ docker: 'env-file', envfile: 'env-file', '.env': 'dotenv', yaml: 'compose', yml: 'compose' },
  ...{ notebook: 'ipynb', jupyter: 'ipynb', py: 'python', js: 'node', javascript: 'node', typescript: 'node' },
  ...{ confluent: 'librdkafka', properties: 'kafka', pyspark: 'spark', string: 'raw', table: 'text' },
}

/** How a run behaves and what it prints. */
export const RUN_INPUTS = {
  format: output.value({
    flags: '--format <format>',
    help: 'how the connection is printed',
    example: 'dotenv',
    choices: FORMATS,
    defaultText: 'text on a terminal, elsewhere required',
    inCommand: { create: { defaultText: 'text on a terminal, elsewhere raw' } },
    parse: oneOf<Format>('a format', FORMATS, { otherWords: OTHER_WORDS_FOR_FORMAT }),
  }),
  secondary: output.toggle({
    flags: '--secondary',
    rare: true,
    label: 'secondary key',
    help: 'the secondary key instead of the primary',
  }),
  name: output.value({
    flags: '--name <variable>',
    rare: true,
    env: [],
    label: 'variable name',
    help: 'variable of the connection string; without --hub-name, the only one that is set',
    example: 'EH_CONNECTION',
    parse: parseVariableName,
  }),
  hubName: output.value({
    flags: '--hub-name <variable>',
    rare: true,
    env: [],
    label: 'variable of the hub',
    help: "variable of the hub's name, which programs then read too",
    example: 'EH_NAME',
    parse: parseVariableName,
  }),
  output: output.value({
    once: true,
    flags: '--output <file>',
    env: [],
    label: 'output file',
    help: 'write to this file (0600) instead of stdout; never one that git tracks',
    example: '.env',
    inCommand: { tail: EVENTS_OUTPUT, 'local tail': EVENTS_OUTPUT, 'capture cat': EVENTS_OUTPUT },
    parse: parsePath,
  }),
  force: output.toggle({
    once: true,
    flags: '--force',
    env: [],
    label: 'overwrite',
    help: 'let --output replace a file',
    inCommand: { 'capture cat': { help: 'let --output or --parquet replace a file' } },
  }),
  csv: output.toggle({
    flags: '--csv',
    env: [],
    label: 'CSV',
    help: 'print CSV with a header instead of JSON lines',
    inCommand: { send: SENT_CSV, 'local send': SENT_CSV },
  }),
  parquet: output.value({
    once: true,
    flags: '--parquet <file>',
    env: [],
    label: 'Parquet file',
    help: 'write to this Parquet file instead of stdout',
    example: 'clicks.parquet',
    parse: parsePath,
  }),
  noConnection: output.toggle({
    flags: '--no-connection',
    help: 'leave the connection string out of the answer',
  }),
  save: output.value({
    once: true,
    flags: '--save [file]',
    env: [],
    label: 'manifest to save',
    help: 'write the result to a manifest: this file, or the manifest of the run; its other content stays',
    example: 'ml-ingest.yaml',
    bare: 'ml-ingest.yaml',
    parse: parsePath,
  }),
  json: output.toggle({
    once: true,
    flags: '--json',
    label: 'JSON',
    help: 'one JSON document on stdout',
    inCommand: { 'capture cat': { help: 'print JSON lines, as without it, and an error as a JSON document' } },
  }),
  ci: output.value<CiChoice>({
    once: true,
    flags: '--ci <system>',
    rare: true,
    label: 'CI system',
    help: 'masks and step outputs for a CI system',
    example: 'github',
    choices: CI,
    default: 'auto',
    parse: oneOf('a CI system', CI),
  }),
  exitCode: output.toggle({
    flags: '--exit-code',
    help: 'end with 5 when changes are pending, or the load does not fit',
    inCommand: { status: { help: 'end with 5 when there is more than --max-lag and --max-throttled allow' } },
  }),
  allEnvs: run.toggle({
    flags: '--all-envs',
    label: 'all environments',
    help: 'every environment of the manifest, one after the other',
  }),
  yes: run.toggle({
    flags: '-y, --yes',
    label: 'confirmation',
    help: 'agree to the plan; does not answer other questions or allow what is refused',
    inCommand: {
      delete: { help: 'delete without a question, if --confirm names the namespace' },
      'rotate-key': { help: 'renew without a question; needs --stage' },
      verify: { help: 'send the events of --load without a question' },
    },
  }),
  dryRun: run.toggle({
    once: true,
    flags: '--dry-run',
    help: 'show what would be done, but write nothing',
  }),
  noInput: run.toggle({
    once: true,
    flags: '--no-input',
    rare: true,
    label: 'no questions',
    help: 'never ask; list what is missing instead',
  }),
  timeout: run.value({
    flags: '--timeout <time>',
    rare: true,
    label: 'time limit',
    help: 'time limit of the whole run',
    example: '15m',
    default: DEFAULTS.timeoutMs,
    defaultText: '30m',
    parse: parseTimeout,
  }),
  progress: run.value<ProgressKind>({
    once: true,
    flags: '--progress <kind>',
    rare: true,
    help: 'how progress is shown',
    example: 'plain',
    choices: PROGRESS,
    default: 'auto',
    parse: oneOf('a kind of progress', PROGRESS),
  }),
  quiet: run.toggle({
    once: true,
    flags: '-q, --quiet',
    rare: true,
    help: 'nothing on stderr when it succeeds',
  }),
  debug: run.toggle({
    once: true,
    flags: '--debug',
    rare: true,
    help: 'show inputs with their sources, requests and timings; keys are hidden',
  }),
  color: run.toggle({
    once: true,
    flags: '--color',
    rare: true,
    env: [],
    label: 'colour',
    help: 'colour even if the output is not a terminal',
  }),
  noColor: run.toggle({
    once: true,
    flags: '--no-color',
    rare: true,
    env: [],
    label: 'no colour',
    help: 'no colour; NO_COLOR and FORCE_COLOR are honoured too',
  }),
} satisfies Record<string, Input>
