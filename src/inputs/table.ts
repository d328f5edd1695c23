import { ACCESS_FIELDS } from './access.ts'
import { CAPTURE_FIELDS } from './capture.ts'
import { DELETE_FIELDS } from './deletion.ts'
import { EVENT_FIELDS } from './events.ts'
import type { CommandName, Field, ListField, ValueField } from './input.ts'
import { LOCAL_FIELDS } from './local.ts'
import { RESOURCE_FIELDS } from './resources.ts'
import { RUN_FIELDS } from './run.ts'
import { TARGET_FIELDS } from './target.ts'

/**
 * The field table: the one place that says what can be given, how it is spelt, and what it must look like. Flags,
 * environment names, questions, help, missing-input lists and the line that repeats a run are all made from it.
 */
export const FIELDS = {
  ...TARGET_FIELDS,
  ...RESOURCE_FIELDS,
  ...CAPTURE_FIELDS,
  ...ACCESS_FIELDS,
  ...EVENT_FIELDS,
  ...DELETE_FIELDS,
  ...LOCAL_FIELDS,
  ...RUN_FIELDS,
} satisfies Record<string, Field>

export type Fields = typeof FIELDS
export type FieldKey = keyof Fields
export type ValueOf<K extends FieldKey> =
  Fields[K] extends ValueField<infer T> ? T : Fields[K] extends ListField<infer T> ? readonly T[] : boolean

export const FIELD_KEYS = Object.keys(FIELDS) as FieldKey[]

/** `--resource-group` of `-g, --resource-group <name>`. */
export const longFlagOf = (field: Field): string => /--[a-z-]+/.exec(field.flags)![0]
/** The fields that a command takes. */
export const fieldsOf = (command: CommandName): readonly FieldKey[] =>
  FIELD_KEYS.filter((key) => (FIELDS[key] as Field).commands.includes(command))
