/** Who a token is about, as far as it tells; it is not verified, which is Azure's work. */
export interface TokenClaims {
  readonly name: string | undefined
  readonly tenantId: string | undefined
  /** Of the user, service principal or managed identity. */
  readonly objectId: string | undefined
}

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function readClaims(token: string): TokenClaims {
  const claims = decode(token.split('.')[1] ?? '')
  const claim = (name: string): string | undefined => {
    const value = claims[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    name: claim('upn') ?? claim('unique_name') ?? claim('preferred_username') ?? claim('email') ?? claim('appid'),
    tenantId: claim('tid'),
    objectId: claim('oid'),
  }
}

function decode(payload: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
