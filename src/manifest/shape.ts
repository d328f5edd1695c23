import type { Parser } from '../inputs/parsers.ts'

/** What may stand in a place of the manifest. The reader, its messages and the published JSON Schema are made from it. */
export type Shape = ScalarShape | ListShape | MapShape | ObjectShape | ChoiceShape

interface Described {
  /** For people, in the editor. */
  readonly help: string
}

/** One value; numbers and booleans are read as their text. */
export interface ScalarShape extends Described {
  readonly kind: 'scalar'
  readonly type: 'string' | 'integer' | 'boolean'
  readonly parse: Parser<unknown>
  readonly examples?: readonly (string | number)[]
  readonly oneOf?: readonly string[]
}
export interface ListShape extends Described {
  readonly kind: 'list'
  readonly of: Shape
  /** What is wrong with a list of nothing, where something is. */
  readonly empty?: string
}
/** Keys of the user's own, such as names of tags. */
export interface MapShape extends Described {
  readonly kind: 'map'
  readonly key: Parser<string>
  readonly of: Shape
}
export interface ObjectShape extends Described {
  readonly kind: 'object'
  readonly keys: Readonly<Record<string, Shape>>
  readonly required: readonly string[]
}
/** A short form or a long one: a consumer group by its name, or as an object. */
export interface ChoiceShape extends Described {
  readonly kind: 'choice'
  readonly short: ScalarShape
  readonly long: ObjectShape
  /** The key of the long form that the short one stands for. */
  readonly key: string
}
