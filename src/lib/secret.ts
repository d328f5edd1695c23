import { inspect } from 'node:util'

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

  [inspect.custom](): string {
    return HIDDEN
  }
}
