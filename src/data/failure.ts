import { Failure, isAzureFailure, type FailureCode } from '../lib/errors.ts'
import { WORDS, type Attempt, type ErrorDetails, type FailureKind } from './failure-words.ts'

/** The failure for an error of DNS, the network or Event Hubs. */
export function dataError(error: unknown, attempt: Attempt): Failure {
  if (isAzureFailure(error)) {
    const { code, message, why, hint, azure } = error
    return new Failure({ code, reason: 'sign-in', message, why, hint, azure, cause: error })
  }
  if (error instanceof Failure) return error
  const details = detailsOf(error)
  return failureOf(kindOf(details, attempt), attempt, details, error)
}

/** Resource Manager does not list the consumer group. */
export const noConsumerGroup = (attempt: Attempt): Failure => failureOf('no-consumer-group', attempt)

/** The namespace accepts no keys, and the embedded Azure has no Microsoft Entra ID. */
export const noSignIn = (attempt: Attempt): Failure => failureOf('no-sign-in', attempt)

function failureOf(
  kind: FailureKind,
  attempt: Attempt,
  details: ErrorDetails = { codes: [], text: '' },
  cause?: unknown,
): Failure {
  const { message, why, hint } = WORDS[kind](attempt, details)
  return new Failure({ code: CODES[kind], reason: kind, message, why, hint, cause })
}

function detailsOf(error: unknown): ErrorDetails {
  const codes: string[] = []
  const texts: string[] = []
  const visit = (one: unknown, depth: number): void => {
    if (typeof one !== 'object' || one === null || depth > 4) return
    const { code, name, message, cause, errors } = one as Record<string, unknown>
    for (const word of [code, name]) if (typeof word === 'string') codes.push(word)
    if (typeof message === 'string') texts.push(message)
    visit(cause, depth + 1)
    if (Array.isArray(errors)) for (const inner of errors) visit(inner, depth + 1)
  }
  visit(error, 0)
  return { codes, text: texts.join(' ') }
}

/**
 * Codes and texts that identify a kind; the first match counts.
 * Codes of Node: https://nodejs.org/api/errors.html
 * Names of the client for AMQP conditions: https://learn.microsoft.com/azure/event-hubs/exceptions-dotnet
 * Texts of the service: https://learn.microsoft.com/azure/event-hubs/troubleshooting-guide
 */
const SIGNS: readonly (readonly [kind: FailureKind, codes: readonly string[], text?: RegExp])[] = [
  ['dns', ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']],
  ['refused', ['ECONNREFUSED']],
  ['unreachable', ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EPERM']],
  ['firewall', [], /prevented to connect|public network access|IP address .* is not allowed/i],
  ['local-auth', [], /LocalAuthDisabled|local auth(entication)? is disabled/i],
  ['key', [], /InvalidSignature|invalid signature/i],
  ['expired', [], /ExpiredToken|token is expired/i],
  ['token', [], /InvalidIssuer|InvalidAudience|MalformedToken|Entra tokens are not supported/i],
  ['right', [], /claim\(s\) are required|claim is required/i],
  ['disabled', ['MessagingEntityDisabledError'], /is disabled for this operation|entity.* is (currently )?disabled/i],
  ['no-hub', ['MessagingEntityNotFoundError'], /messaging entity .* could not be found/i],
  [
    'group-taken',
    ['ReceiverDisconnectedError', 'QuotaExceededError'],
    /higher epoch|created with epoch|maximum number of allowed receivers/i,
  ],
  ['key', ['UnauthorizedError']],
  ['busy', ['ServerBusyError', 'InternalServerError', 'ServiceUnavailableError']],
  ['web-sockets', [], /Unexpected server response|WebSocket/i],
  ['tls', [], /certificate|self.signed|SSL routines|wrong version number|handshake/i],
  ['reset', ['ECONNRESET', 'EPIPE']],
  ['timeout', ['OperationTimeoutError', 'ServiceUnavailableError', 'TimeoutError'], /timed? ?out/i],
]

function kindOf({ codes, text }: ErrorDetails, attempt: Attempt): FailureKind {
  const found = SIGNS.find(([, names, pattern]) => names.some((name) => codes.includes(name)) || pattern?.test(text))
  const kind = found?.[0] ?? 'unknown'
  if (kind === 'no-hub' && attempt.doing === 'read') return 'no-consumer-group'
  if (kind === 'reset' && attempt.target.transport === 'tls') return 'tls'
  return kind === 'key' && attempt.connection.sign.kind === 'entra' ? 'right' : kind
}

const CODES: Readonly<Record<FailureKind, FailureCode>> = {
  ...{ dns: 'azure', refused: 'azure', unreachable: 'azure', reset: 'azure', tls: 'azure' },
  ...{ 'web-sockets': 'azure', busy: 'azure', timeout: 'azure', unknown: 'azure' },
  ...{ key: 'access', expired: 'access', right: 'access', token: 'access' },
  ...{ 'local-auth': 'access', 'sign-in': 'access', firewall: 'access' },
  ...{ 'no-hub': 'refused', 'no-consumer-group': 'refused', disabled: 'refused', 'group-taken': 'refused' },
  'no-sign-in': 'refused',
}
