import type { Parser } from './parsers.ts'

export const LOCAL_ACTIONS = ['start', 'stop', 'status', 'reset'] as const
export type LocalAction = (typeof LOCAL_ACTIONS)[number]
export const COMMANDS = [
  'create',
  'plan',
  'show-connection',
  'local start',
  'local stop',
  'local status',
  'local reset',
] as const
export type CommandName = (typeof COMMANDS)[number]
export const SECTIONS = ['Target', 'Namespace', 'Event hubs', 'Access', 'Embedded Azure', 'Output', 'Run'] as const
export type Section = (typeof SECTIONS)[number]

interface FieldBase {
  /** As commander takes it: `-n, --namespace <name>`. */
  readonly flags: string
  /** Names of environment variables, the first that is set counts. */
  readonly env: readonly string[]
  readonly label: string
  readonly help: string
  readonly section: Section
  readonly commands: readonly CommandName[]
}
/** One value. */
export interface ValueField<T> extends FieldBase {
  readonly kind: 'value'
  readonly parse: Parser<T>
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
export interface ListField<T> extends FieldBase {
  readonly kind: 'list'
  readonly parse: Parser<T>
  readonly example: string
  readonly prompt?: string
  readonly defaultText?: string
  /** `--no-…`: the empty list, said on purpose. */
  readonly noneFlag?: string
}
/** On or off; off unless given. */
export interface SwitchField extends FieldBase {
  readonly kind: 'switch'
}
export type Field = ValueField<unknown> | ListField<unknown> | SwitchField

export const value = <T>(field: Omit<ValueField<T>, 'kind'>): ValueField<T> => ({ kind: 'value', ...field })
export const list = <T>(field: Omit<ListField<T>, 'kind'>): ListField<T> => ({ kind: 'list', ...field })
export const toggle = (field: Omit<SwitchField, 'kind'>): SwitchField => ({ kind: 'switch', ...field })

/** The commands that say how things should be. */
export const CHANGING = ['create', 'plan'] as const
/** The commands that talk to Azure. */
export const CLOUD = ['create', 'plan', 'show-connection'] as const
