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

/** The dummy token in commands for the embedded Azure, which accepts any token. It is not a secret. */
const DUMMY_TOKEN = 'Bearer x["\']'

/** How keys and tokens look in text from elsewhere. */
const PATTERNS: readonly RegExp[] = [
  /((?:SharedAccessKey|AccountKey|SharedAccessSignature)\s*=\s*)[^;"'\s]+/gi,
  /("?(?:primary|secondary)(?:Key|ConnectionString)"?\s*[:=]\s*"?)[^",}\s]+/gi,
  /("?(?:access_token|refresh_token|client_secret|assertion)"?\s*[:=]\s*"?)[^",}&\s]+/gi,
  new RegExp(`(Authorization["']?\\s*[:=](?!\\s*${DUMMY_TOKEN})\\s*["']?)[^"'\\r\\n]+`, 'gi'),
  new RegExp(`(?!${DUMMY_TOKEN})(Bearer\\s+)[\\w.~+/-]+=*`, 'gi'),
  /([?&](?:sig|c|s|h|t)=)[^&\s"]{20,}/gi,
]
/** 32 random bytes in base64, as every Event Hubs key is, with any characters of base64 directly before it. */
const BARE_KEY = /[A-Za-z0-9+/]{43,}=/g

/** A token of Entra ID: two JSON objects in base64url, and a signature. */
const BARE_TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/** Whether a text looks like a key, a token or a connection string. */
export const holdsSecret = (text: string): boolean => redact(text) !== text

/** Hides keys, tokens and signatures in text from elsewhere, such as error bodies, log lines and user input. */
export const redact = (text: string): string =>
  PATTERNS.reduce((redacted, pattern) => redacted.replace(pattern, `$1${HIDDEN}`), text)
    .replace(BARE_TOKEN, HIDDEN)
    .replace(BARE_KEY, HIDDEN)
