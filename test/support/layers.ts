import fc from 'fast-check'
import { expect } from 'vitest'
import { readGiven, type Env, type Flags, type Given, type GivenValue } from '../../src/inputs/given.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf, type InputKey } from '../../src/inputs/table.ts'
import type { Origin } from '../../src/lib/errors.ts'
import { wantedIn } from '../../src/manifest/environments.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { wantedOf, type Wanted } from '../../src/resources/front-door.ts'

/** Where something can be said, what counts most first. */
export const SOURCES = ['flag', 'variable', 'answer', 'environment', 'file'] as const
export type Source = (typeof SOURCES)[number]

/** Something that is said: by an input of the table, or by a path of the manifest that is named here. */
export interface Said {
  readonly input: InputKey
  readonly text: string
  readonly source: Source
}

/** All that is said, and how to find it again. */
export interface Layers {
  readonly wanted: Wanted
  readonly given: Given
  readonly manifest: string
  /** Where a source said something in these words. */
  readonly originOf: (said: Said) => Origin
}

const FILE = 'm.yaml'
const ENVIRONMENT = 'prod'
const inputOf = (key: InputKey): Input => INPUTS[key]

/** Layers of flags, variables, answers, and a manifest with an environment. `blanks` moves what the manifest says about. */
export function layersOf(all: readonly Said[], blanks = 0): Layers {
  const from = (source: Source) => all.filter((said) => said.source === source)
  const flags: Flags = Object.fromEntries(
    from('flag').map(({ input, text }) => [input, inputOf(input).kind === 'list' ? [text] : text]),
  )
  const env: Env = Object.fromEntries(from('variable').map(({ input, text }) => [inputOf(input).env[0]!, text]))
  const read = readGiven(INPUT_KEYS, flags, env)
  const answers = Object.fromEntries(from('answer').map(({ input, text }) => [input, answered(input, text)]))
  const given: Given = { ...answers, ...read.given }
  const manifest = manifestOf(from('file'), from('environment'), blanks)
  const { root, problems } = readManifest(manifest, FILE)
  expect([...read.problems, ...problems]).toEqual([])
  const wanted = wantedOf(given, wantedIn(root!, ENVIRONMENT))
  return { wanted, given, manifest, originOf: (said) => originIn(manifest, said) }
}

function answered(key: InputKey, text: string): GivenValue<unknown> {
  const input = inputOf(key)
  const parsed = input.kind === 'switch' ? undefined : input.parse(text)
  if (!parsed?.ok) throw new Error(`${key} cannot be "${text}"`)
  return { value: input.kind === 'list' ? [parsed.value] : parsed.value, source: 'answer', texts: [text] }
}

const keyOf = (input: InputKey): readonly string[] => (inputOf(input).at ?? '').split('.')

/** A value is on a line of its own, so that it is found again. */
function manifestOf(root: readonly Said[], own: readonly Said[], blanks: number): string {
  const lines = (all: readonly Said[], indent: string) => {
    const flat = all.filter(({ input }) => keyOf(input).length === 1)
    const capture = all.filter(({ input }) => keyOf(input).length === 2)
    return [
      ...flat.map(({ input, text }) => `${indent}${keyOf(input)[0]}: ${text}`),
      ...(capture.length === 0 ? [] : [`${indent}capture:`]),
      ...capture.map(({ input, text }) => `${indent}  ${keyOf(input)[1]}: ${text}`),
    ]
  }
  const empty = Array.from({ length: blanks }, () => '# nothing')
  const body = [...empty, ...lines(root, ''), 'environments:', ...empty, `  ${ENVIRONMENT}:`]
  return ['version: 1', ...body, '    location: westeurope', ...lines(own, '    ')].join('\n')
}

function originIn(manifest: string, { input, text, source }: Said): Origin {
  if (source === 'flag') return { kind: 'flag', name: longFlagOf(inputOf(input)) }
  if (source === 'variable') return { kind: 'variable', name: inputOf(input).env[0]! }
  if (source === 'answer') return { kind: 'answer' }
  const key = keyOf(input)
  const isOwn = source === 'environment'
  const lines = manifest.split('\n')
  const begin = isOwn ? lines.indexOf(`  ${ENVIRONMENT}:`) : 0
  const words = `${'    '.repeat(isOwn ? 1 : 0)}${'  '.repeat(key.length - 1)}${key.at(-1)}: `
  const line = lines.findIndex((one, i) => i >= begin && one === `${words}${text}`)
  const path = [...(isOwn ? ['environments', ENVIRONMENT] : []), ...key].join('.')
  return { kind: 'file', file: FILE, line: line + 1, column: words.length + 1, path }
}

/** Words of inputs that stand alone: any of one goes with any of another. */
export const WORDS = {
  resourceGroup: ['rg-a', 'rg-b', 'rg-c', 'rg-d', 'rg-e'],
  namespace: ['ns-aaaa', 'ns-bbbb', 'ns-cccc', 'ns-dddd', 'ns-eeee'],
  capacity: ['1', '2', '3', '4', '5'],
  autoInflateMax: ['20', '21', '22', '23', '24'],
  partitions: ['1', '2', '3', '4', '5'],
  retention: ['1h', '2h', '3h', '4h', '5h'],
  userMetadata: ['alpha', 'beta', 'gamma', 'delta', 'epsilon'],
  captureContainer: ['raw-a', 'raw-b', 'raw-c', 'raw-d', 'raw-e'],
  captureInterval: ['61s', '62s', '63s', '64s', '65s'],
  captureSize: ['11MB', '12MB', '13MB', '14MB', '15MB'],
} as const satisfies { readonly [K in InputKey]?: readonly string[] }

/** Things said by some of the sources, each in words of its own. */
export const sayings: fc.Arbitrary<readonly Said[]> = fc
  .tuple(
    ...(Object.keys(WORDS) as (keyof typeof WORDS)[]).map((input) =>
      fc.subarray([...SOURCES]).map((by) => [input, by] as const),
    ),
  )
  .map((all) =>
    all.flatMap(([input, by]) => by.map((source) => ({ input, source, text: WORDS[input][SOURCES.indexOf(source)]! }))),
  )
