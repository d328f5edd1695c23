import type { Parser } from '../lib/parser.ts'

export const SECTIONS = [
  ...['Target', 'Namespace', 'Event hubs', 'Capture', 'Access', 'Events', 'Embedded Azure', 'Output', 'Run'],
] as readonly Section[]
export type Section =
  'Target' | 'Namespace' | 'Event hubs' | 'Capture' | 'Access' | 'Events' | 'Embedded Azure' | 'Output' | 'Run'

interface InputBase {
  /** As commander takes it: `-n, --namespace <name>`. */
  readonly flags: string
  /** Names of environment variables, the first that is set counts. */
  readonly env: readonly string[]
  readonly label: string
  readonly help: string
  readonly section: Section
  /** Where in the tree of what is wanted it stands: `capture.interval`. Left out for what says how a run behaves. */
  readonly at?: string
  /** Says how one run behaves, not what it does: no part of a line that repeats the run. */
  readonly once?: boolean
}
/** One value. */
export interface ValueInput<T> extends InputBase {
  readonly kind: 'value'
  readonly parse: Parser<T>
  /** How a value is typed, where that is not plain text. */
  format?(value: T): string
  readonly example: string
  /** What holds when nobody says: shown in help; undefined where there is no fixed one. */
  readonly default?: T
  readonly defaultText?: string
  readonly choices?: readonly string[]
  /** What the flag means without a value; with it the value can be left out. */
  readonly bare?: string
  /** The question of the wizard. */
  readonly prompt?: string
}
/** A flag that can be repeated; in the environment the values are separated by commas. */
export interface ListInput<T> extends InputBase {
  readonly kind: 'list'
  readonly parse: Parser<T>
  format?(value: T): string
  readonly example: string
  readonly prompt?: string
  readonly defaultText?: string
  /** `--no-…`: the empty list, said on purpose. */
  readonly noneFlag?: string
}
/** On or off; off unless given. */
export interface SwitchInput extends InputBase {
  readonly kind: 'switch'
  /** It turns off what stands at `at`. */
  readonly off?: boolean
}
export type Input = ValueInput<unknown> | ListInput<unknown> | SwitchInput

export const value = <T>(field: Omit<ValueInput<T>, 'kind'>): ValueInput<T> => ({ kind: 'value', ...field })
export const list = <T>(field: Omit<ListInput<T>, 'kind'>): ListInput<T> => ({ kind: 'list', ...field })
export const toggle = (field: Omit<SwitchInput, 'kind'>): SwitchInput => ({ kind: 'switch', ...field })
