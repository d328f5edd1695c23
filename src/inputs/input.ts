import type { Parser } from './parsers.ts'

export const LOCAL_ACTIONS = ['start', 'stop', 'status', 'reset', 'exec', 'send', 'tail'] as const
export type LocalAction = (typeof LOCAL_ACTIONS)[number]
export const COMMANDS = [
  'create',
  'plan',
  'show-connection',
  'verify',
  'delete',
  'rotate-key',
  'local start',
  'local stop',
  'local status',
  'local reset',
  'local exec',
  'local send',
  'local tail',
] as const
export type CommandName = (typeof COMMANDS)[number]
/** What a command takes besides flags, as commander spells it. */
export const ARGUMENTS: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  'local exec': ['[command...]'],
  'local send': ['[hub]', '[file]'],
  'local tail': ['[hub]'],
}
export const SECTIONS = [
  ...['Target', 'Namespace', 'Event hubs', 'Capture', 'Access', 'Events', 'Embedded Azure', 'Output', 'Run'],
] as readonly Section[]
export type Section =
  'Target' | 'Namespace' | 'Event hubs' | 'Capture' | 'Access' | 'Events' | 'Embedded Azure' | 'Output' | 'Run'

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
export interface ListField<T> extends FieldBase {
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
export interface SwitchField extends FieldBase {
  readonly kind: 'switch'
}
export type Field = ValueField<unknown> | ListField<unknown> | SwitchField

export const value = <T>(field: Omit<ValueField<T>, 'kind'>): ValueField<T> => ({ kind: 'value', ...field })
export const list = <T>(field: Omit<ListField<T>, 'kind'>): ListField<T> => ({ kind: 'list', ...field })
export const toggle = (field: Omit<SwitchField, 'kind'>): SwitchField => ({ kind: 'switch', ...field })

/** The commands that say how things should be. */
export const CHANGING = ['create', 'plan'] as const
/** The commands that tell how Azure is or shall be. */
export const REPORTING = ['create', 'plan', 'show-connection'] as const
/** The commands that use a connection. */
export const CONNECTING = [...REPORTING, 'verify', 'rotate-key'] as const
/** The commands that talk to Azure. */
export const CLOUD = [...CONNECTING, 'delete'] as const
/** The commands whose answer is one text, or with `--json` one document; the others pass on what is not ours. */
export const ANSWERING = COMMANDS.filter(
  (command) => !['local exec', 'local send', 'local tail'].includes(command),
) as readonly CommandName[]
