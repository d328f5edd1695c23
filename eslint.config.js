import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Which rooms of src a room may import from, besides itself. Imports point one way: see docs/decisions.md. */
const BELOW_ENGINE = ['lib', 'inputs', 'wanted', 'sizing', 'resources']
const BELOW_RUN = [...BELOW_ENGINE, 'engine', 'manifest', 'ui', 'prompt', 'azure', 'data', 'local']
const MAY_IMPORT = {
  lib: [],
  inputs: ['lib'],
  wanted: ['lib', 'inputs'],
  sizing: ['lib'],
  resources: ['lib', 'inputs', 'wanted', 'sizing'],
  engine: BELOW_ENGINE,
  manifest: [...BELOW_ENGINE, 'engine'],
  ui: [...BELOW_ENGINE, 'engine'],
  prompt: [...BELOW_ENGINE, 'engine', 'ui'],
  azure: [...BELOW_ENGINE, 'engine'],
  data: [...BELOW_ENGINE, 'engine'],
  local: ['lib'],
  run: BELOW_RUN,
  commands: [...BELOW_RUN, 'run'],
}
const ROOMS = Object.keys(MAY_IMPORT)
const TOP_FILES = ['cli', 'index', 'main']

/** The one place of each package (a regular expression of file paths under src). */
const HOME_OF_PACKAGE = {
  commander: ['src/commands/program.ts'],
  '@inquirer/*': ['src/prompt/inquirer-prompter.ts'],
  ora: ['src/ui/progress/live-reporter.ts'],
  chalk: ['src/ui/text.ts'],
  '@azure/*': ['src/azure/**', 'src/data/**'],
  ws: ['src/data/**'],
  'https-proxy-agent': ['src/data/**'],
  'kafka-ts/**': ['src/data/**'],
  avsc: ['src/data/capture/avro-file.ts'],
  'hyparquet-writer': ['src/data/capture/parquet.ts'],
  open: ['src/cli.ts'],
}

const packagePatterns = (allowed) =>
  Object.keys(HOME_OF_PACKAGE)
    .filter((name) => !allowed.includes(name))
    .map((name) => ({ group: [name], message: `${name} is imported in ${HOME_OF_PACKAGE[name].join(', ')} alone` }))

/** The embedded Azure has one door. */
const DOOR = 'src/local/ is used through its index.ts alone'
const throughTheDoor = { regex: '/local/(?!index\\.ts$)', message: DOOR }

const SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
]

/** Which folders of src/local a folder of it may import from, besides itself. */
const LOCAL_MAY_IMPORT = {
  log: [],
  encoding: [],
  batch: ['log', 'encoding'],
  hubs: ['log', 'encoding', 'batch'],
  amqp: ['hubs', 'log', 'encoding'],
  kafka: ['hubs', 'log', 'encoding', 'batch'],
  capture: ['hubs', 'log', 'encoding', 'batch'],
  arm: ['core', 'providers', 'hubs'],
  'arm/core': [],
  // Azure Monitor answers with what the hubs have counted.
  'arm/providers': ['core', 'hubs'],
  process: ['amqp', 'kafka', 'capture', 'arm', 'core', 'providers', 'hubs', 'log'],
}

/** No text may hold what the pattern finds. */
const noText = (pattern, message) =>
  ['Literal[value=', 'TemplateElement[value.raw='].map((start) => ({ selector: `${start}/${pattern}/i]`, message }))

/** The embedded Azure does not know how it is called. */
const UNSPOKEN = [
  ...noText(
    '(^|[^\\w-])(--[a-z]|ml-ingest [a-z])',
    'src/local/ spells no flag and no command: name them by constants.ts',
  ),
  { selector: 'Identifier[name=/exitCode/i]', message: 'src/local/ knows no exit code' },
]
/** What its hubs refuse is a fact. Each protocol has its own words for it. */
const NEUTRAL = noText('\\bamqp|com\\.microsoft', 'The words of a protocol belong in the folder of the protocol')

const localPatterns = (folder) => [
  ...['log', 'encoding', 'batch', 'hubs', 'amqp', 'kafka', 'capture', 'core', 'providers', 'arm', 'process']
    .filter((other) => !folder.split('/').includes(other) && !LOCAL_MAY_IMPORT[folder].includes(other))
    .map((other) => ({
      regex: `^(\\.\\.?/)+(.*/)?${other}/`,
      message: `src/local/${folder} does not import from src/local/${other}`,
    })),
  ...ROOMS.filter((other) => other !== 'lib' && other !== 'local').map((other) => ({
    // One step up is a folder of src/local itself.
    regex: `^(\\.\\./){2,}${other}/`,
    message: `src/local does not import from src/${other}`,
  })),
  { regex: `^(\\.\\./){2,}(${TOP_FILES.join('|')})\\.ts$`, message: 'src/local does not import the entry files' },
  { regex: '^(\\.\\./)+(local-arm|client|seed|index)\\.ts$', message: 'What puts things together is for others' },
]

const roomPatterns = (room) => {
  const forbidden = ROOMS.filter((other) => other !== room && !MAY_IMPORT[room].includes(other))
  return [
    ...forbidden.map((other) => ({
      regex: `^(\\.\\./)+${other}/`,
      message: `src/${room} does not import from src/${other}`,
    })),
    {
      regex: `^(\\.\\./)+(${TOP_FILES.join('|')})\\.ts$`,
      message: `src/${room} does not import the entry files`,
    },
    ...(room === 'local' ? [] : [throughTheDoor]),
  ]
}

const restrict = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
})

export default defineConfig(
  {
    ignores: [
      ...['dist', 'node_modules', 'coverage', 'test/fixtures'],
      // Scripts of clients are plain JavaScript, and one client has no types.
      ...['test/local/amqp/support/*.cjs', 'test/local/kafka/clients/support/*.mjs', 'test/windows/*.cjs'],
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'bin/*.js'] } },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': ['error', ...SYNTAX],
      'max-depth': ['error', 4],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400, skipComments: false }],
      'no-restricted-globals': [
        'error',
        ...['process', 'console', 'setTimeout', 'setInterval'].map((name) => ({
          name,
          message:
            'Only src/cli.ts, src/index.ts and the real clock touch the process; everything else gets it passed in.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the time from the Clock.' },
        { object: 'Math', property: 'random', message: 'Take randomness from node:crypto.' },
      ],
    },
  },
  {
    files: ['src/cli.ts', 'src/index.ts', 'src/lib/clock.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  ...ROOMS.map((room) => restrict([`src/${room}/**/*.ts`], [...roomPatterns(room), ...packagePatterns([])])),
  restrict(
    TOP_FILES.map((name) => `src/${name}.ts`),
    [...packagePatterns([]), throughTheDoor],
  ),
  restrict(['src/commands/program.ts'], [...packagePatterns(['commander']), throughTheDoor]),
  restrict(['src/prompt/inquirer-prompter.ts'], [...roomPatterns('prompt'), ...packagePatterns(['@inquirer/*'])]),
  restrict(['src/ui/progress/live-reporter.ts'], [...roomPatterns('ui'), ...packagePatterns(['ora'])]),
  restrict(['src/ui/text.ts'], [...roomPatterns('ui'), ...packagePatterns(['chalk'])]),
  restrict(['src/azure/**/*.ts'], [...roomPatterns('azure'), ...packagePatterns(['@azure/*'])]),
  restrict(
    ['src/data/**/*.ts'],
    [...roomPatterns('data'), ...packagePatterns(['@azure/*', 'ws', 'https-proxy-agent', 'kafka-ts/**'])],
  ),
  ...['avsc', 'hyparquet-writer'].map((name) =>
    restrict(HOME_OF_PACKAGE[name], [...roomPatterns('data'), ...packagePatterns([name])]),
  ),
  ...Object.keys(LOCAL_MAY_IMPORT).map((folder) =>
    restrict([`src/local/${folder}/**/*.ts`], [...localPatterns(folder), ...packagePatterns([])]),
  ),
  // What measures the broker by itself goes inside.
  restrict(
    ['test/!(local)/**/*.ts', 'bench/!(broker-process|capture-process|directory|load-client|window-process).ts'],
    [{ ...throughTheDoor, regex: `src${throughTheDoor.regex}` }],
  ),
  {
    files: ['src/!(local)/**/*.ts', 'src/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        { selector: 'ImportExpression > Literal[value=/\\x2flocal\\x2f(?!index\\.ts$)/]', message: DOOR },
      ],
    },
  },
  { files: ['src/local/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...SYNTAX, ...UNSPOKEN] } },
  {
    files: ['src/local/{hubs,log}/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...SYNTAX, ...UNSPOKEN, ...NEUTRAL] },
  },
  {
    files: ['*.config.{js,ts}', 'scripts/**', 'bin/**', 'bench/**', 'test/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    // Set-ups of a whole run have no test that could tell.
    ignores: ['test/support/folder.ts', 'test/e2e/{setup,node-versions}.ts', 'test/windows/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Identifier[name=/^mkdtemp/]',
          message: 'Take temporaryFolder of test/support: it tells which files are left open.',
        },
      ],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
