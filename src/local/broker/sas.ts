import { createHmac, timingSafeEqual } from 'node:crypto'
import type { LocalRule } from '../directory.ts'

/** The parts of `SharedAccessSignature sr=…&sig=…&se=…&skn=…`. */
export interface SasToken {
  /** Exactly as received: the signature is over these characters, in whatever way the client encoded them. */
  readonly resource: string
  readonly signature: string
  readonly expiry: string
  readonly keyName: string
}

const SCHEME = /^SharedAccessSignature\s+/i

/** Undefined when the text is not a shared access signature. https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature */
export function parseSasToken(text: string): SasToken | undefined {
  if (!SCHEME.test(text)) return undefined
  const fields = new Map(
    text
      .replace(SCHEME, '')
      .split('&')
      .map((field) => {
        const equals = field.indexOf('=')
        return [field.slice(0, equals).trim(), field.slice(equals + 1)] as const
      }),
  )
  const [resource, signature, expiry, keyName] = ['sr', 'sig', 'se', 'skn'].map((name) => fields.get(name))
  if (resource === undefined || signature === undefined || keyName === undefined) return undefined
  if (expiry === undefined || !/^\d{1,12}$/.test(expiry)) return undefined
  const decoded = [resource, signature, keyName].map(decode)
  if (decoded.includes(undefined)) return undefined
  return { resource, signature: decoded[1]!, expiry, keyName: decoded[2]! }
}

export const decodedResource = (token: SasToken): string => decode(token.resource)!

export const expiryMs = (token: SasToken): number => Number(token.expiry) * 1_000

export const isSignedBy = (token: SasToken, rule: LocalRule): boolean =>
  [rule.primaryKey, rule.secondaryKey].some((key) => {
    const expected = createHmac('sha256', key).update(`${token.resource}\n${token.expiry}`).digest()
    const given = Buffer.from(token.signature, 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
