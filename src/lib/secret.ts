/** https://nodejs.org/api/util.html#utilinspectcustom ; importing node:util for it would cost every run milliseconds. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const HIDDEN = '***'

/**
 * A key or a connection string. However it is printed, logged, inspected or put into JSON it reads `***`;
 * `reveal()` is the only way to the value.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [INSPECT](): string {
    return HIDDEN
  }
}
