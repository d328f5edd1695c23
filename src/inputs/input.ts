import type { Parser } from '../lib/parser.ts'

export const SECTIONS = [
  ...([
    // What one came for stands first.
    'Events',
    'Target',
    'Load',
    'Namespace',
    'Network',
    'Event hubs',
    'Capture',
    'Access',
    'Embedded Azure',
    'Output',
    'Run',
  ] as const),
] as const
export type Section = (typeof SECTIONS)[number]

interface HelpInCommand {
  readonly help?: string
  readonly defaultText?: string
  /** The same flag with another word for its value. */
  readonly flags?: string
  readonly section?: Section
}

interface InputBase {
  /** In commander's form: `-n, --namespace <name>`. */
  readonly flags: string
  /** Names of environment variables; the first one that is set is used. */
  readonly env: readonly string[]
  readonly label: string
  readonly help: string
  readonly section: Section
  /** The place in the tree of wanted resources: `capture.interval`. Left out for inputs that control the run. */
  readonly at?: string
  /** Other texts for the help of some commands, by their name. */
  readonly inCommand?: Readonly<Record<string, HelpInCommand>>
  /** Few people need it: only `--help-all` shows it. */
  readonly rare?: boolean
  /** Applies to one run only, so the command that repeats a run leaves it out. */
  readonly once?: boolean
  /** What is typed holds a secret: no text of it is kept or shown. */
  readonly secret?: boolean
}
export interface ValueInput<T> extends InputBase {
  readonly kind: 'value'
  readonly parse: Parser<T>
  /** How to type a value, if that is not its plain text. */
  format?(value: T): string
  readonly example: string
  /** The value if none is given, as shown in help; undefined if there is no fixed one. */
  readonly default?: T
  readonly defaultText?: string
  readonly choices?: readonly string[]
  /** What the flag means without a value. Without this the flag needs a value. */
  readonly bare?: string
  /** The question of the wizard. */
  readonly prompt?: string
}
/** A flag that can be repeated. */
export interface ListInput<T> extends InputBase {
  readonly kind: 'list'
  /** What stands between values in the environment variable. Default: a comma. */
  readonly separator?: RegExp
  readonly parse: Parser<T>
  format?(value: T): string
  readonly example: string
  readonly prompt?: string
  readonly defaultText?: string
  /** `--no-…`: gives the empty list. */
  readonly noneFlag?: string
}
/** On or off; off unless given. */
export interface SwitchInput extends InputBase {
  readonly kind: 'switch'
  /** Turns off what is at `at`. */
  readonly off?: boolean
}
export type Input = ValueInput<unknown> | ListInput<unknown> | SwitchInput

/** `--resource-group` of `-g, --resource-group <name>`. */
export const longFlagOf = ({ flags }: Pick<Input, 'flags'>): string => /--[a-z-]+/.exec(flags)![0]

type Definition<I extends Input> = Omit<I, 'kind' | 'section' | 'env' | 'label'> & Partial<Pick<I, 'env' | 'label'>>

/**
 * Makes the inputs of one section. The default label and variable come from the flag: `resource group` and
 * ML_INGEST_RESOURCE_GROUP for `--resource-group`. There is no default variable if the section is `flagsOnly`.
 */
export function inputsOf(section: Section, { flagsOnly = false } = {}) {
  const common = (input: Pick<Input, 'flags'>) => {
    const label = longFlagOf(input).slice(2).replaceAll('-', ' ')
    return { section, label, env: flagsOnly ? [] : [`ML_INGEST_${label.replaceAll(' ', '_').toUpperCase()}`] }
  }
  return {
    value: <T>(input: Definition<ValueInput<T>>): ValueInput<T> => ({ kind: 'value', ...common(input), ...input }),
    list: <T>(input: Definition<ListInput<T>>): ListInput<T> => ({ kind: 'list', ...common(input), ...input }),
    toggle: (input: Definition<SwitchInput>): SwitchInput => ({ kind: 'switch', ...common(input), ...input }),
  }
}
