import type { ValueInput } from '../inputs/input.ts'
import { bad, ok, type Parser } from '../lib/parser.ts'
import type { Branch, Leaf, List } from './node.ts'

/**
 * What a place in the tree can hold. The manifest reader, its JSON Schema, the types of the tree, the merge and `--save`
 * all use it.
 */
export type Shape = ScalarShape | ListShape | MapShape | ObjectShape | ChoiceShape

interface Described {
  /** Shown in the editor. */
  readonly help: string
}

/** One value. Its parser also reads numbers and booleans as text. */
export interface ScalarShape<T = unknown> extends Described {
  readonly kind: 'scalar'
  readonly type: 'string' | 'integer' | 'boolean'
  readonly parse: Parser<T>
  /** How to write a value, if that is not its plain text. */
  format?(value: T): string
  readonly examples?: readonly string[]
  readonly oneOf?: readonly string[]
  /** Values that differ only in case are different. By default they are the same, like Azure's names. */
  readonly isCaseSensitive?: boolean
}
export interface ListShape<E extends Shape = Shape> extends Described {
  readonly kind: 'list'
  readonly of: E
  /** Merged by name: an environment adds to the list. Other lists are replaced. */
  readonly byName?: boolean
  /** The problem with an empty list, if it is one. */
  readonly empty?: string
}
/** A mapping with keys that the user chooses, such as names of tags. */
export interface MapShape<E extends Shape = Shape> extends Described {
  readonly kind: 'map'
  readonly key: Parser<string>
  readonly of: E
}
export interface ObjectShape<K extends Keys = Keys> extends Described {
  readonly kind: 'object'
  readonly keys: K
  readonly required: readonly string[]
  /** Keys that the root can set for all entries that do not set them. */
  readonly forAll?: readonly string[]
  /** Alternative keys: an upper layer with one of them overrules all of them in a lower layer. */
  readonly either?: readonly string[]
}
type Keys = Readonly<Record<string, Shape>>
/** A short or a long form: a consumer group is a name or an object. */
export interface ChoiceShape<L extends ObjectShape = ObjectShape> extends Described {
  readonly kind: 'choice'
  readonly short: ScalarShape
  readonly long: L
  /** The key of the long form that the short form gives. */
  readonly key: string
}

/** The type of the tree that a shape describes. */
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
export const integer = (help: string, parse: Parser<number>): ScalarShape<number> => ({
  ...text(help, parse),
  type: 'integer',
})
export const toggle = (help: string): ScalarShape<boolean> => ({
  ...text(help, (words) =>
    words === 'true' || words === 'false' ? ok(words === 'true') : bad('is neither true nor false'),
  ),
  type: 'boolean',
})
export const list = <E extends Shape>(
  help: string,
  of: E,
  more: Pick<ListShape, 'byName' | 'empty'> = {},
): ListShape<E> => ({ kind: 'list', help, of, ...more })
export const object = <K extends Keys>(
  help: string,
  keys: K,
  more: Partial<Pick<ObjectShape, 'required' | 'forAll' | 'either'>> = {},
): ObjectShape<K> => ({ kind: 'object', help, keys, required: [], ...more })

/** A value that is also an input of the command line. */
export const fromInput = <T>(input: ValueInput<T>): ScalarShape<T> => ({
  ...text(input.help, input.parse, [input.example]),
  ...(input.format ? { format: (value: T) => input.format!(value) } : {}),
})
