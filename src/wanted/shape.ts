import type { ValueInput } from '../inputs/input.ts'
import type { Parser } from '../lib/parser.ts'
import type { Branch, Leaf, List } from './node.ts'

/**
 * What may be said in a place of the tree. The reader of manifests, their JSON Schema, the types of the tree, its merge
 * and `--save` are made from it.
 */
export type Shape = ScalarShape | ListShape | MapShape | ObjectShape | ChoiceShape

interface Described {
  /** For people, in the editor. */
  readonly help: string
}

/** One value; numbers and booleans are read as their text. */
export interface ScalarShape<T = unknown> extends Described {
  readonly kind: 'scalar'
  readonly type: 'string' | 'integer' | 'boolean'
  readonly parse: Parser<T>
  /** How a value is written, where that is not plain text. */
  format?(value: T): string
  readonly examples?: readonly string[]
  readonly oneOf?: readonly string[]
  /** Two values that differ in case alone are two. Without it they are one, as names of Azure are. */
  readonly isCaseSensitive?: boolean
}
export interface ListShape<E extends Shape = Shape> extends Described {
  readonly kind: 'list'
  readonly of: E
  /** Entries of one name are one: an environment adds to the list. Another list is replaced as a whole. */
  readonly byName?: boolean
  /** What is wrong with a list of nothing, where something is. */
  readonly empty?: string
}
/** Keys of the user's own, such as names of tags. */
export interface MapShape<E extends Shape = Shape> extends Described {
  readonly kind: 'map'
  readonly key: Parser<string>
  readonly of: E
}
export interface ObjectShape<K extends Keys = Keys> extends Described {
  readonly kind: 'object'
  readonly keys: K
  readonly required: readonly string[]
  /** Keys that the root says for every entry that does not say them itself. */
  readonly forAll?: readonly string[]
  /** Keys that answer one question: an upper layer that says one of them outdoes all that a lower one says. */
  readonly either?: readonly string[]
}
type Keys = Readonly<Record<string, Shape>>
/** A short form or a long one: a consumer group by its name, or as an object. */
export interface ChoiceShape<L extends ObjectShape = ObjectShape> extends Described {
  readonly kind: 'choice'
  readonly short: ScalarShape
  readonly long: L
  /** The key of the long form that the short one stands for. */
  readonly key: string
}

/** The type of what a shape describes. */
export type TreeOf<S> =
  S extends ScalarShape<infer T>
    ? Leaf<T>
    : S extends ListShape<infer E>
      ? List<TreeOf<E>>
      : S extends MapShape<infer E>
        ? List<Branch<{ readonly name: Leaf<string>; readonly value: TreeOf<E> }>>
        : S extends ObjectShape<infer K>
          ? Branch<{ readonly [P in keyof K]: TreeOf<K[P]> }>
          : S extends ChoiceShape<infer L>
            ? TreeOf<L>
            : never

export const text = <T>(help: string, parse: Parser<T>, examples?: readonly string[]): ScalarShape<T> => ({
  kind: 'scalar',
  type: 'string',
  help,
  parse,
  ...(examples ? { examples } : {}),
})
export const choice = <T>(help: string, parse: Parser<T>, choices: readonly string[]): ScalarShape<T> => ({
  ...text(help, parse),
  oneOf: choices,
})
export const whole = (help: string, parse: Parser<number>): ScalarShape<number> => ({
  kind: 'scalar',
  type: 'integer',
  help,
  parse,
})
export const toggle = (help: string): ScalarShape<boolean> => ({
  kind: 'scalar',
  type: 'boolean',
  help,
  parse: parseBoolean,
})
export const list = <E extends Shape>(
  help: string,
  of: E,
  more: Pick<ListShape, 'byName' | 'empty'> = {},
): ListShape<E> => ({
  kind: 'list',
  help,
  of,
  ...more,
})
export const object = <K extends Keys>(
  help: string,
  keys: K,
  more: Partial<Pick<ObjectShape, 'required' | 'forAll' | 'either'>> = {},
): ObjectShape<K> => ({ kind: 'object', help, keys, required: [], ...more })

/** A value that an input of the command line says too. */
export const asInput = <T>(input: ValueInput<T>): ScalarShape<T> => ({
  ...text(input.help, input.parse, [input.example]),
  ...(input.format ? { format: (value: T) => input.format!(value) } : {}),
})

const parseBoolean: Parser<boolean> = (words) => {
  const isKnown = words === 'true' || words === 'false'
  return isKnown ? { ok: true, value: words === 'true' } : { ok: false, message: 'is neither true nor false' }
}
