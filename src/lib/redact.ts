const HIDDEN = '***'

/** The made-up token in commands that we print for the embedded Azure, which takes any: no secret. */
const MADE_UP = 'Bearer x["\']'

/** Forms in which a key or a token shows up in text that came from elsewhere. */
const PATTERNS: readonly RegExp[] = [
  /(SharedAccessKey\s*=\s*)[^;"'\s]+/gi,
  /("?(?:primary|secondary)(?:Key|ConnectionString)"?\s*[:=]\s*"?)[^",}\s]+/gi,
  /("?(?:access_token|refresh_token|client_secret|assertion)"?\s*[:=]\s*"?)[^",}&\s]+/gi,
  new RegExp(`(Authorization["']?\\s*[:=](?!\\s*${MADE_UP})\\s*["']?)[^"'\\r\\n]+`, 'gi'),
  new RegExp(`(?!${MADE_UP})(Bearer\\s+)[\\w.~+/-]+=*`, 'gi'),
  /([?&](?:sig|c|s|h|t)=)[^&\s"]{20,}/gi,
]
/** 32 random bytes in base64, the shape of every Event Hubs key, with whatever is glued to its front. */
const BARE_KEY = /[A-Za-z0-9+/]{43,}=/g

/** A token of Entra ID: a JSON object in base64url, twice, and a signature. */
const BARE_TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/** Whether a text looks like a key, a token or a connection string. */
export const holdsSecret = (text: string): boolean => redact(text) !== text

/** Hides keys, tokens and signatures in text that we did not write: error bodies, log lines, what a user typed. */
export const redact = (text: string): string =>
  PATTERNS.reduce((redacted, pattern) => redacted.replace(pattern, `$1${HIDDEN}`), text)
    .replace(BARE_TOKEN, HIDDEN)
    .replace(BARE_KEY, HIDDEN)
