import { LOAD_INPUTS } from './load.ts'
import { CAPTURE_INPUTS } from './capture.ts'
import { EVENT_INPUTS } from './events.ts'
import { STATUS_INPUTS } from './status.ts'
import { LOCAL_INPUTS } from './local.ts'
import type { Input, ListInput, ValueInput } from './input.ts'
import { NETWORK_INPUTS } from './network.ts'
import { PRICE_INPUTS } from './prices.ts'
import { ACCESS_INPUTS, RESOURCE_INPUTS } from './resources.ts'
import { RUN_INPUTS } from './run.ts'
import { DELETION_INPUTS, TARGET_INPUTS } from './target.ts'

/**
 * The input table: all inputs, their names and their parsers. Flags, environment variables, questions, help, lists of
 * missing inputs and the command that repeats a run are all made from it.
 */
export const INPUTS = {
  ...TARGET_INPUTS,
  ...LOAD_INPUTS,
  ...RESOURCE_INPUTS,
  ...NETWORK_INPUTS,
  ...CAPTURE_INPUTS,
  ...ACCESS_INPUTS,
  ...STATUS_INPUTS,
  ...EVENT_INPUTS,
  ...DELETION_INPUTS,
  ...LOCAL_INPUTS,
  ...PRICE_INPUTS,
  ...RUN_INPUTS,
} satisfies Record<string, Input>

export type Fields = typeof INPUTS
export type InputKey = keyof Fields
export type ValueOf<K extends InputKey> =
  Fields[K] extends ValueInput<infer T> ? T : Fields[K] extends ListInput<infer T> ? readonly T[] : boolean

export { longFlagOf } from './input.ts'
export const INPUT_KEYS = Object.keys(INPUTS) as InputKey[]
