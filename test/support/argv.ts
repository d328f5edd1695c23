import type { CommandName, Field } from '../../src/inputs/input.ts'
import { FIELDS, longFlagOf, type FieldKey } from '../../src/inputs/table.ts'
import { readInputs, type Env, type Flags, type Inputs, type ReadInputs } from '../../src/inputs/given.ts'

/** Reads the words of a command line by the field table alone: a second reading beside commander's. */
export function readArgv(words: readonly string[]): Flags {
  const flags: Record<string, string | boolean | readonly string[]> = {}
  for (let i = 0; i < words.length; i++) {
    const [spelling = '', ...glued] = words[i]!.split('=')
    const [key, field] = fieldOf(spelling)
    if (field.kind === 'switch') flags[key] = true
    else if (field.kind === 'list' && field.noneFlag === spelling) flags[key] = false
    else {
      const text = glued.length > 0 ? glued.join('=') : words[++i]
      if (text === undefined || (glued.length === 0 && text.startsWith('-'))) {
        throw new Error(`${spelling} has no value in: ${words.join(' ')}`)
      }
      flags[key] = field.kind === 'list' ? [...((flags[key] as string[] | undefined) ?? []), text] : text
    }
  }
  return flags
}

function fieldOf(spelling: string): [FieldKey, Field] {
  const found = (Object.entries(FIELDS) as [FieldKey, Field][]).find(
    ([, field]) =>
      longFlagOf(field) === spelling ||
      field.flags.startsWith(`${spelling}, `) ||
      (field.kind === 'list' && field.noneFlag === spelling),
  )
  if (!found) throw new Error(`"${spelling}" is no flag`)
  return found
}

export const readWords = (words: readonly string[], command: CommandName = 'create', env: Env = {}): ReadInputs =>
  readInputs(command, readArgv(words), env)

/** The inputs that these words give. Throws when one of them cannot be read: then the test is wrong. */
export function inputsOf(words: readonly string[], command: CommandName = 'create', env: Env = {}): Inputs {
  const { inputs, problems } = readWords(words, command, env)
  if (problems.length > 0) throw new Error(problems.map((one) => `${one.flag} ${one.message}`).join('\n'))
  return inputs
}
