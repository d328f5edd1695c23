import type { Action, Reference } from '../lib/phrase.ts'
import type { HubInput } from './parsers.ts'
import type { InputKey, ValueOf } from './table.ts'

/** A placeholder for a value that the user fills in. */
export interface Blank {
  readonly blank: string
}

/** New values by input; null and false remove an input. */
export type Edits = { readonly [K in Exclude<InputKey, EntryKey>]?: ValueOf<K> | Blank | null | undefined } & {
  readonly [K in EntryKey]?: EntryEdit | readonly [] | null | undefined
}

/** Inputs that are lists. An edit changes one entry of them. */
type EntryKey = 'hub' | 'consumerGroup' | 'hubToDelete' | 'consumerGroupToDelete'

/** Replaces the entry named `of`. A renamed hub keeps its consumer groups. */
export interface EntryEdit extends Partial<HubInput> {
  readonly of: string
  readonly name: string
  /** Of a consumer group. */
  readonly hub?: string
}

/** Mentions an input: `--tier`. */
export const input = (key: InputKey): Reference => ({ names: 'input', input: key })

/** Mentions inputs with values: `--tier Standard`. */
export const edit = (edits: Edits): Reference => ({ names: 'edit', edit: edits })

/** Mentions a whole command for the target of this run, with some values changed. */
export const command = (name: string, edits: Edits = {}): Reference => ({
  names: 'command',
  command: name,
  edit: edits,
})

/** Mentions a command of another program. */
export const action = (one: Action): Reference => ({ names: 'action', action: one })
