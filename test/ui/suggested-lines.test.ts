import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { readCommandLine } from '../../src/commands/program.ts'
import type { Command } from '../../src/inputs/argv.ts'
import { runProblems } from '../../src/inputs/contradictions.ts'
import { readGiven, type Given } from '../../src/inputs/given.ts'
import type { Edits } from '../../src/inputs/refer.ts'
import { INPUTS, longFlagOf, type InputKey } from '../../src/inputs/table.ts'
import { judge, wantedOf } from '../../src/resources/front-door.ts'
import { spellerOf } from '../../src/ui/spell.ts'

const FOLDERS = ['./my data', "Dana's data", '$HOME/data', 'a "quoted" folder']

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'

/** Values whose every combination is valid, but for what contradicts. */
const VALUES: Partial<Record<InputKey, readonly string[]>> = {
  subscription: [SUBSCRIPTION, 'ML Platform Dev', "Dana's subscription"],
  resourceGroup: ['rg-demo', 'rg-(old)'],
  namespace: ['ns-demo'],
  data: FOLDERS,
  hub: ['clicks', 'clicks:8:48h'],
  ...{ tenant: ['contoso.com'], cloud: ['AzureUSGovernment'], auth: ['cli'], env: ['prod'], timeout: ['15m'] },
  ...{ format: ['env', 'raw', 'text', 'json'], hubName: ['EH_NAME'], name: ['EH_CONNECTION'], output: FOLDERS },
  ...{ access: ['listen'], policy: ['pipeline-send'], captureContainer: ['raw'], captureInterval: ['5m'] },
}
const SWITCHES: readonly InputKey[] = [
  ...(['local', 'noCapture', 'noConnection', 'json', 'yes', 'dryRun', 'force'] as const),
  ...(['disableLocalAuth', 'webSockets', 'allEnvs', 'exitCode', 'secondary', 'captureSkipEmpty'] as const),
]

/** Whether each input comes from its flag or its variable decides what contradicts in a run. */
const flagsAndVariables = ({ inputs }: Command) =>
  fc
    .record(
      Object.fromEntries(
        inputs
          .filter((key) => key in VALUES || SWITCHES.includes(key))
          .map((key) => [
            key,
            fc.tuple(fc.boolean(), VALUES[key] ? fc.constantFrom(...VALUES[key]) : fc.constant(true)),
          ]),
      ),
      { requiredKeys: [] },
    )
    .map((drawn) => {
      const flags: Record<string, unknown> = {}
      const env: Record<string, string> = {}
      for (const [key, [isVariable, value]] of Object.entries(
        drawn as Readonly<Record<string, readonly [boolean, string | true]>>,
      )) {
        const input = INPUTS[key as InputKey]
        const [variable] = input.env
        if (isVariable && variable !== undefined) env[variable] = value === true ? '1' : value
        else flags[key] = input.kind === 'list' ? [value] : value
      }
      return readGiven(inputs, flags, env).given
    })

/** Runs that pass the checks of their own inputs: only these make suggestions. */
const isValid = (given: Given): boolean => runProblems(given).length === 0 && accessProblems(given).length === 0

const accessProblems = (given: Given): readonly unknown[] => {
  const judged = judge(wantedOf(given))
  return judged.ok ? [] : judged.problems.filter(({ input }) => input === 'policy')
}

const EDITS: readonly (readonly [string, Edits])[] = [
  ['create', {}],
  ['create', { access: 'send-listen' }],
  ['plan', {}],
  ['verify', {}],
  ['verify', { policy: null, access: 'send-listen' }],
  ['show-connection', {}],
  ['show-connection', { format: 'text' }],
  ['show-connection', { format: 'python' }],
  ['rotate-key', { json: true, stage: '2' }],
  ['delete', {}],
  ['local start', { detach: true }],
  ['local stop', {}],
  ['local reset', {}],
]

interface Suggestion {
  readonly command: Command
  readonly given: Given
  readonly target: string
  readonly edits: Edits
}

const suggestion: fc.Arbitrary<Suggestion> = fc
  .tuple(fc.constantFrom(...PROGRAM.commands), fc.constantFrom(...EDITS))
  .chain(([command, [target, edits]]) => flagsAndVariables(command).map((given) => ({ command, given, target, edits })))
  .filter(({ given }) => isValid(given))

const lineOf = ({ command, given, target, edits }: Suggestion): string =>
  spellerOf({ command, commands: PROGRAM.commands, given, shell: 'posix' }).command(edits, target)

/** On Windows it may be that of WSL, which gets other variables. */
const HAS_BASH = process.platform !== 'win32'

/** The words of each line, as a shell splits them. */
function wordsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const script = ["npx() { printf '%s\\0' \"$@\"; printf 'END OF LINE\\0'; }", ...lines].join('\n')
  const { stdout, stderr } = spawnSync('bash', ['-s'], { input: `${script}\n`, env: { HOME: '/wrong' } })
  expect(stderr.toString()).toBe('')
  return stdout
    .toString()
    .split('END OF LINE\0')
    .slice(0, -1)
    .map((line) => line.split('\0').slice(0, -1))
}

describe('a suggested line', () => {
  const all = fc.sample(suggestion, 600)
  const lines = all.map(lineOf)
  const words = HAS_BASH ? wordsOf(lines) : []

  it.skipIf(!HAS_BASH)('is read again by the program, without a contradiction', () => {
    all.forEach(({ given, target, edits }, i) => {
      const [program, ...argv] = words[i]!
      expect(program).toBe('ml-ingest')
      const read = readCommandLine(argv, PROGRAM, { version: '1', out: () => undefined, width: 80 })!
      expect(read.command.name).toBe(target)
      const again = readGiven(read.command.inputs, read.flags, {})
      expect(again.problems, lines[i]).toEqual([])
      expect(runProblems(again.given), lines[i]).toEqual([])
      expect(accessProblems(again.given), lines[i]).toEqual([])
      if (given.data && read.command.inputs.includes('data')) expect(again.given.data?.value).toBe(given.data.value)
      if ('access' in edits) expect(again.given.access?.value).toBe(edits.access)
    })
  })

  it.skipIf(!HAS_BASH)('has no flag twice, and nothing that is for the run before', () => {
    all.forEach(({ command, target }, i) => {
      const flags = words[i]!.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0])
      expect(new Set(flags).size, lines[i]).toBe(flags.length)
      for (const key of ['output', 'force', 'dryRun', 'quiet'] as const)
        expect(flags, lines[i]).not.toContain(longFlagOf(INPUTS[key]))
      if (command.name === target) return
      for (const flag of ['-y', '--yes', '--name', '--hub-name']) expect(flags, lines[i]).not.toContain(flag)
    })
  })

  it('names a hub without its settings where none is made', () => {
    const given = readGiven(['hub'], { hub: ['clicks:8:48h'] }, {}).given
    const speller = spellerOf({ command: PROGRAM.commands[0]!, commands: PROGRAM.commands, given, shell: 'posix' })
    expect(speller.command({}, 'verify')).toBe('npx ml-ingest verify --hub clicks')
    expect(speller.command({}, 'plan')).toBe('npx ml-ingest plan --hub clicks:8:48h')
  })
})
