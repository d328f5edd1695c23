import type { BlobAnswer } from './transport.ts'

/** What a storage account refused, or why it was not reached. The message is for people, and holds no secret. */
export class BlobError extends Error {
  /** Azure's code (`ContainerNotFound`) or Node's (`ECONNREFUSED`); empty where there is none. */
  readonly code: string
  /** Undefined when no answer came. */
  readonly status: number | undefined
  readonly requestId: string | undefined

  constructor(message: string, fields: Partial<Pick<BlobError, 'code' | 'status' | 'requestId'>>) {
    super(message)
    this.name = 'BlobError'
    this.code = fields.code ?? ''
    this.status = fields.status
    this.requestId = fields.requestId
  }
}

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and .../common-rest-api-error-codes */
const REFUSALS: Readonly<Record<string, string>> = {
  AuthenticationFailed: 'the key, signature or token is not right, or the clock of this machine is not',
  AuthorizationFailure: 'it may not be used from here: its firewall or the signature excludes this machine',
  AuthorizationPermissionMismatch: 'the sign-in has no permission for this',
  AuthorizationServiceMismatch: 'the signature is not for blobs',
  AuthorizationResourceTypeMismatch: 'the signature is not for this kind of request',
  InsufficientAccountPermissions: 'the sign-in has no permission for this',
  KeyBasedAuthenticationNotPermitted: 'it accepts no keys',
  PublicAccessNotPermitted: 'it needs a sign-in',
  NoAuthenticationInformation: 'it needs a sign-in',
  AccountIsDisabled: 'the storage account is disabled',
  ContainerNotFound: 'there is no such container',
  ContainerBeingDeleted: 'the container is being deleted, which takes half a minute and longer',
  ContainerDisabled: 'the container is disabled',
  BlobNotFound: 'there is no such blob',
  BlobImmutableDueToPolicy: 'a policy forbids changes of the blob',
  LeaseIdMissing: 'somebody holds a lease on it',
  ServerBusy: 'it is busy',
  InvalidBlockList: 'parts of the file are gone: its container was made anew, or somebody else wrote it',
}

/** A refusal as an error. `where` is the URL without its query. */
export function refusedBy({ status, headers }: Pick<BlobAnswer, 'status' | 'headers'>, where: string): BlobError {
  const textOf = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  const code = textOf('x-ms-error-code')
  const requestId = textOf('x-ms-request-id')
  const detail = [[status, code].filter(Boolean).join(' '), ...(requestId ? [`request ${requestId}`] : [])].join(', ')
  const because = REFUSALS[code ?? ''] ?? (status === 403 ? 'it is forbidden' : 'it failed')
  return new BlobError(`${where}: ${because} (${detail})`, {
    code: code ?? '',
    status,
    ...(requestId && { requestId }),
  })
}

const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host: is the name of the storage account right?',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'no answer came in time',
  EHOSTUNREACH: 'the network does not reach it',
  ENETUNREACH: 'the network does not reach it',
}

/** Why no answer came, as an error. `where` is the URL without its query. */
export function unreached(error: unknown, where: string): BlobError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const isTls = /CERT|SELF_SIGNED|SSL|TLS/.test(code)
  const because = UNREACHED[code] ?? (isTls ? `TLS failed: ${message}` : 'the connection broke')
  return new BlobError(`${where}: ${because}${code === '' ? '' : ` (${code})`}`, { code })
}
