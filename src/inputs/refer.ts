import type { Action, Reference } from '../lib/phrase.ts'
import type { CommandName } from './input.ts'
import type { HubInput } from './parsers.ts'
import type { FieldKey, ValueOf } from './table.ts'

/** Stands for a value that a person fills in. */
export interface Blank {
  readonly blank: string
}

/** What to say differently in a run: new values by input; null and false take an input away. */
export type Edits = { readonly [K in Exclude<FieldKey, EntryKey>]?: ValueOf<K> | Blank | null | undefined } & {
  readonly [K in EntryKey]?: EntryEdit | readonly [] | null | undefined
}

/** Inputs that are lists of entries, of which an edit changes one. */
type EntryKey = 'hub' | 'consumerGroup' | 'hubToDelete' | 'consumerGroupToDelete'

/** The entry named `of` as it shall be; a hub that gets another name takes its consumer groups along. */
export interface EntryEdit extends Partial<HubInput> {
  readonly of: string
  readonly name: string
  /** Of a consumer group. */
  readonly hub?: string
}

/** An input as it is typed: `--tier`. */
export const input = (key: FieldKey): Reference => ({ names: 'input', input: key })

/** What is typed for these values: `--tier Standard`. */
export const edit = (edits: Edits): Reference => ({ names: 'edit', edit: edits })

/** A whole command about the target of this run, with other values. */
export const command = (name: CommandName, edits: Edits = {}): Reference => ({
  names: 'command',
  command: name,
  edit: edits,
})

/** A command of another program. */
export const action = (one: Action): Reference => ({ names: 'action', action: one })
