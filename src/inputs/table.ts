import { CAPTURE_INPUTS } from './capture.ts'
import { EVENT_INPUTS } from './events.ts'
import type { Input, ListInput, ValueInput } from './input.ts'
import { LOCAL_INPUTS } from './local.ts'
import { ACCESS_INPUTS, RESOURCE_INPUTS } from './resources.ts'
import { RUN_INPUTS } from './run.ts'
import { DELETION_INPUTS, TARGET_INPUTS } from './target.ts'

/**
 * The field table: the one place that says what can be given, how it is spelt, and what it must look like. Flags,
 * environment names, questions, help, missing-input lists and the line that repeats a run are all made from it.
 */
export const INPUTS = {
  ...TARGET_INPUTS,
  ...RESOURCE_INPUTS,
  ...CAPTURE_INPUTS,
  ...ACCESS_INPUTS,
  ...EVENT_INPUTS,
  ...DELETION_INPUTS,
  ...LOCAL_INPUTS,
  ...RUN_INPUTS,
} satisfies Record<string, Input>

export type Fields = typeof INPUTS
export type InputKey = keyof Fields
export type ValueOf<K extends InputKey> =
  Fields[K] extends ValueInput<infer T> ? T : Fields[K] extends ListInput<infer T> ? readonly T[] : boolean

export const INPUT_KEYS = Object.keys(INPUTS) as InputKey[]

/** `--resource-group` of `-g, --resource-group <name>`. */
export const longFlagOf = (field: Input): string => /--[a-z-]+/.exec(field.flags)![0]
