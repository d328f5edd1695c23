/** https://nodejs.org/api/util.html#utilinspectcustom. Importing node:util would slow down every run. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const HIDDEN = '***'

/**
 * A key or a connection string. Printed, logged, inspected or put into JSON, it shows as `***`. Only `reveal()` returns the
 * value.
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
