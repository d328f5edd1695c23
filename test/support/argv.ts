import type { Command } from '../../src/inputs/argv.ts'
import { readGiven, type Env, type Flags, type Given, type ReadGiven } from '../../src/inputs/given.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf, type InputKey } from '../../src/inputs/table.ts'
import { toldOf } from './told.ts'

type Collected = readonly (string | false)[]

/** Reads the words of a command line by the field table alone: a second reading beside commander's. */
export function readArgv(words: readonly string[], keys: readonly InputKey[] = INPUT_KEYS): Flags {
  const flags: Record<string, string | boolean | Collected> = {}
  const collect = (key: InputKey, text: string | false) =>
    (flags[key] = [...((flags[key] as Collected | undefined) ?? []), text])
  for (let i = 0; i < words.length; i++) {
    const [spelling = '', ...glued] = words[i]!.split('=')
    const [key, field] = fieldOf(spelling, keys)
    if (field.kind === 'switch') flags[key] = true
    else if (field.kind === 'list' && field.noneFlag === spelling) collect(key, false)
    else {
      const text = glued.length > 0 ? glued.join('=') : words[++i]
      if (text === undefined || (glued.length === 0 && text.startsWith('-'))) {
        throw new Error(`${spelling} has no value in: ${words.join(' ')}`)
      }
      if (field.kind === 'list') collect(key, text)
      else flags[key] = text
    }
  }
  return flags
}

/** Every spelling of each input. */
const SPELLINGS = new Map(INPUT_KEYS.map((key) => [key, spellingsOf(INPUTS[key])]))

function spellingsOf(field: Input): readonly string[] {
  const none = field.kind === 'list' && field.noneFlag ? [field.noneFlag] : []
  return [longFlagOf(field), ...field.flags.split(', ').slice(0, -1), ...none]
}

function fieldOf(spelling: string, keys: readonly InputKey[]): [InputKey, Input] {
  const key = keys.find((one) => SPELLINGS.get(one)?.includes(spelling))
  if (!key) throw new Error(`"${spelling}" is no flag`)
  return [key, INPUTS[key]]
}

/** Takes whatever there is to say. */
export const CREATE: Command = { name: 'create', inputs: INPUT_KEYS }

export const readWords = (words: readonly string[], env: Env = {}): ReadGiven =>
  readGiven(INPUT_KEYS, readArgv(words), env)

/** What these words give. Throws when one of them cannot be read: then the test is wrong. */
export function givenBy(words: readonly string[], env: Env = {}): Given {
  const { given, problems } = readWords(words, env)
  if (problems.length > 0) throw new Error(problems.map(toldOf).join('\n'))
  return given
}
