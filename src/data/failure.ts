import { Failure, isAzureFailure, type FailureCode } from '../lib/errors.ts'
import { action, command, edit, input } from '../inputs/refer.ts'
import { say, type Text } from '../lib/phrase.ts'
import { isEmbeddedHost, type Connection } from '../engine/connection.ts'
import type { ConnectionTarget } from './connection-target.ts'

/** Errors that only a bug throws. */
const BUGS = [TypeError, ReferenceError, RangeError, SyntaxError]

/** The failure for an error of DNS, the network or Event Hubs. Throws an error that is a bug. */
export function dataError(error: unknown, attempt: Attempt): Failure {
  if (isAzureFailure(error)) {
    const { code, message, why, hint, azure } = error
    return new Failure({ code, reason: 'sign-in', message, why, hint, azure, cause: error })
  }
  if (error instanceof Failure) return error
  if (BUGS.some((kind) => error instanceof kind)) throw error
  const details = detailsOf(error)
  return failureOf(kindOf(details, attempt), attempt, details, error)
}

/** Resource Manager does not list the consumer group. */
export const noConsumerGroup = (attempt: Attempt): Failure => failureOf('no-consumer-group', attempt)

/** The namespace serves no Kafka clients. */
export const noKafka = (attempt: Attempt): Failure => failureOf('no-kafka', attempt)

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
 * Names of Kafka: https://kafka.apache.org/protocol.html#protocol_error_codes
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
  ['right', ['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED'], /claim\(s\) are required|claim is required/i],
  ['disabled', ['MessagingEntityDisabledError'], /is disabled for this operation|entity.* is (currently )?disabled/i],
  ['no-hub', ['MessagingEntityNotFoundError', 'UNKNOWN_TOPIC_OR_PARTITION'], /messaging entity .* could not be found/i],
  ['disk-full', [], /disk with .* is full/i],
  ['broken-files', [], /cannot use its files/i],
  [
    'group-taken',
    ['ReceiverDisconnectedError', 'QuotaExceededError'],
    /higher epoch|created with epoch|maximum number of allowed receivers/i,
  ],
  ['key', ['UnauthorizedError', 'SASL_AUTHENTICATION_FAILED']],
  [
    'busy',
    [
      'THROTTLING_QUOTA_EXCEEDED',
      'POLICY_VIOLATION',
      'ServerBusyError',
      'InternalServerError',
      'ServiceUnavailableError',
    ],
  ],
  ['web-sockets', [], /Unexpected server response|WebSocket/i],
  ['tls', [], /certificate|self.signed|SSL routines|wrong version number|handshake/i],
  ['reset', ['ECONNRESET', 'EPIPE'], /socket closed unexpectedly|was closed while connecting/i],
  ['timeout', ['OperationTimeoutError', 'ServiceUnavailableError', 'TimeoutError'], /timed? ?out/i],
]

function kindOf({ codes, text }: ErrorDetails, attempt: Attempt): FailureKind {
  const found = SIGNS.find(([, names, pattern]) => names.some((name) => codes.includes(name)) || pattern?.test(text))
  const kind = found?.[0] ?? 'unknown'
  const { protocol, transport } = attempt.target
  if (kind === 'no-hub' && attempt.doing === 'read' && protocol === 'amqp') return 'no-consumer-group'
  if (kind === 'right' && protocol === 'kafka' && isClosed(attempt)) return 'disabled'
  if (kind === 'reset' && transport === 'tls' && (protocol === 'amqp' || attempt.doing === 'connect')) return 'tls'
  return kind === 'key' && attempt.connection.sign.kind === 'entra' ? 'right' : kind
}

/** Kafka has one answer for a hub that is disabled and for a right that is missing. */
const isClosed = ({ connection: { hubStatus }, doing }: Attempt): boolean =>
  hubStatus === 'Disabled' ||
  (doing === 'send' && hubStatus === 'SendDisabled') ||
  (doing === 'read' && hubStatus === 'ReceiveDisabled')

const CODES: Readonly<Record<FailureKind, FailureCode>> = {
  ...{ dns: 'azure', refused: 'azure', unreachable: 'azure', reset: 'azure', tls: 'azure' },
  ...{ 'web-sockets': 'azure', busy: 'azure', timeout: 'azure', unknown: 'azure' },
  ...{ key: 'access', expired: 'access', right: 'access', token: 'access' },
  ...{ 'local-auth': 'access', 'sign-in': 'access', firewall: 'access' },
  ...{ 'no-hub': 'absent', 'no-consumer-group': 'absent', disabled: 'azure', 'group-taken': 'azure' },
  'no-sign-in': 'azure',
  'no-kafka': 'refused',
  'disk-full': 'failed',
  'broken-files': 'failed',
}

/** Why a connection to the data plane failed. */
export type FailureKind =
  | ('dns' | 'refused' | 'unreachable' | 'reset' | 'tls' | 'web-sockets')
  | ('key' | 'expired' | 'right' | 'local-auth' | 'sign-in' | 'no-sign-in' | 'token' | 'firewall')
  | (
      | 'no-hub'
      | 'no-consumer-group'
      | 'no-kafka'
      | 'disabled'
      | 'group-taken'
      | 'disk-full'
      | 'broken-files'
      | 'busy'
      | 'timeout'
      | 'unknown'
    )

/** What was tried, before the word hub. */
const VERBS: Readonly<Record<Attempt['doing'], string>> = {
  connect: 'connect to',
  'sign-in': 'sign in to',
  hub: 'ask about',
  send: 'send to',
  read: 'read from',
}

/** What was tried. */
export interface Attempt {
  readonly connection: Connection
  readonly target: ConnectionTarget
  readonly doing: 'connect' | 'sign-in' | 'hub' | 'send' | 'read'
  readonly consumerGroup: string
  /** The command that tried it. Default: `verify`. */
  readonly command?: string
}

/** The codes and texts of an error, its causes and its inner errors. */
export interface ErrorDetails {
  readonly codes: readonly string[]
  readonly text: string
}

interface Words {
  readonly message: string
  readonly why: readonly string[]
  readonly hint?: Text
}

const endpointOf = ({ target: { hostname, port, proxy } }: Attempt): string =>
  proxy ? `proxy ${proxy.host}` : `${hostname}:${port}`
const firstHost = ({ target: { hostname, proxy } }: Attempt): string => proxy?.hostname ?? hostname
const signer = ({ connection: { sign } }: Attempt): string =>
  sign.kind === 'sas' ? `rule ${sign.rule}` : 'your sign-in'
const isLocal = ({ target }: Attempt): boolean => target.transport === 'tcp'

/** Firewalls that block AMQP often allow the port of HTTPS. */
function networkHint(attempt: Attempt): Text {
  if (isLocal(attempt)) return say`Start the embedded Azure with: ${command('local start', { detach: true })}`
  const { protocol, transport, port } = attempt.target
  if (protocol === 'kafka')
    return say`Open port ${port} to this host, or let the pipeline use AMQP, which also goes through port 443: ${command('verify', { byKafka: null, webSockets: true })}`
  return transport === 'tls'
    ? say`Open port ${port} to this host, or try port 443: ${command(attempt.command ?? 'verify', { webSockets: true })}`
    : `Open port ${port} to this host, or set HTTPS_PROXY to your proxy.`
}

const SIGN_IN = action({ do: 'sign-in', tool: 'Azure CLI', cloudName: 'AzureCloud', tenantId: 'TENANT_ID' })
const WRONG_SIGNATURE = 'Event Hubs says that the signature is wrong.'
const JUST_NOW = 'A new rule or key may take a minute to take effect.'

/** What failed, why, and what to do about it. */
const WORDS: Readonly<Record<FailureKind, (attempt: Attempt, details: ErrorDetails) => Words>> = {
  dns: (attempt, { codes }) => ({
    message: `Can't find ${firstHost(attempt)}`,
    why: [codes.includes('EAI_AGAIN') ? 'DNS does not answer.' : 'DNS knows no such name.'],
    hint: 'Check the network, and where the namespace has a private endpoint, its private DNS zone.',
  }),
  refused: (attempt) => ({
    message: `Can't connect to ${endpointOf(attempt)}`,
    why: ['The connection was refused: nothing listens there, or a firewall turns it away.'],
    hint: networkHint(attempt),
  }),
  unreachable: (attempt) => ({
    message: `Can't connect to ${endpointOf(attempt)}`,
    why: ['There is no answer: a firewall on the way drops the packets, or there is no route.'],
    hint: networkHint(attempt),
  }),
  reset: (attempt) => ({
    message: `Lost the connection to ${endpointOf(attempt)}`,
    why: ['It was cut by the other side, or by something on the way.'],
    hint: networkHint(attempt),
  }),
  tls: (attempt, { codes, text }) => ({
    message: `Can't make a TLS connection to ${attempt.target.hostname}:${attempt.target.port}`,
    why: [
      `${codes.find((code) => /^[A-Z_]{6,}$/.test(code)) ?? text}: something on the way opens TLS or cuts it, or this machine does not trust the certificate.`,
    ],
    hint: 'Give Node the certificate of your proxy: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
  }),
  'web-sockets': (attempt, { text }) => ({
    message: `Can't open a WebSocket to ${attempt.target.hostname}:${attempt.target.port}`,
    why: [text],
    hint: say`Check the proxy in HTTPS_PROXY, or leave out ${input('webSockets')}.`,
  }),
  key: (attempt, { text }) => ({
    message: `Can't sign in to hub ${attempt.connection.hub}: the key of ${signer(attempt)} is not accepted`,
    why: [attempt.target.protocol === 'kafka' ? `Event Hubs says: ${text}.` : WRONG_SIGNATURE, JUST_NOW],
    hint: say`If it still fails after a minute, the key was replaced. Get the new one with: ${command('show-connection')}`,
  }),
  expired: (attempt) => ({
    message: `Can't sign in to hub ${attempt.connection.hub}: the token has expired`,
    why: ['The clock of this machine may be wrong.'],
    hint: 'Set the clock, and run it again.',
  }),
  token: (attempt, { text }) => ({
    message: `Can't sign in to hub ${attempt.connection.hub}: the token is not accepted`,
    why: [text],
    hint: say`Sign in to the tenant of the namespace's subscription: ${SIGN_IN}`,
  }),
  right: (attempt) => ({
    message: `Can't ${VERBS[attempt.doing]} hub ${attempt.connection.hub}: ${signer(attempt)} lacks the right`,
    why: [`The right ${attempt.doing === 'read' ? 'Listen' : 'Send'} is missing.`],
    hint:
      attempt.connection.sign.kind === 'sas'
        ? say`Use a rule that has it: ${command(attempt.command ?? 'verify', { policy: null, access: 'send-listen' })}`
        : `Ask an owner for the role ${attempt.connection.sign.roles.join(' and the role ')} on the hub.`,
  }),
  'local-auth': (attempt) => ({
    message: `Can't sign in with a key: namespace ${attempt.connection.namespace} takes none`,
    why: ['Its local authentication is off.'],
    hint: 'Run it again: with local authentication off, verify signs in with Microsoft Entra ID.',
  }),
  'sign-in': (attempt, { text }) => ({ message: `Can't sign in to hub ${attempt.connection.hub}`, why: [text] }),
  'no-sign-in': ({ connection }) => ({
    message: `Can't sign in to namespace ${connection.namespace}: nobody can`,
    why: ['It takes no keys, and the embedded Azure has no Microsoft Entra ID to sign in with.'],
    hint: say`Make one that takes keys: leave out ${input('disableLocalAuth')}, and choose another name with ${input('namespace')}.`,
  }),
  firewall: (attempt) => ({
    message: `Can't use namespace ${attempt.connection.namespace} from here: its network rules keep this machine out`,
    why: ['The network connection works, but the namespace accepts only other addresses.'],
    hint: say`Let this address in with: ${command('create', { allowIp: { blank: 'ADDRESS' } })}`,
  }),
  'no-hub': ({ connection }) => ({
    message: `There is no hub ${connection.hub} in namespace ${connection.namespace}`,
    why: ['Event Hubs does not know it, although Resource Manager does: it was deleted or made just now.'],
    hint: say`Run it again in a minute, or make the hub with: ${command('create')}`,
  }),
  'no-consumer-group': ({ connection, consumerGroup }) => ({
    message: `There is no consumer group ${consumerGroup} in hub ${connection.hub}`,
    why: [
      connection.groupsUnread
        ? 'Or there is no such hub: Event Hubs does not say which.'
        : `It has: ${['$Default', ...connection.consumerGroups].join(', ')}.`,
    ],
    hint: say`Name one of these with ${input('readThrough')}, or make it with: ${command('create', { consumerGroup: { of: consumerGroup, hub: connection.hub, name: consumerGroup } })}`,
  }),
  'no-kafka': ({ connection }) => ({
    message: `Can't connect to namespace ${connection.namespace} by Kafka: it has no Kafka endpoint`,
    why: [
      connection.tierHasKafka
        ? 'The embedded Azure that runs was started by an older version.'
        : 'Tier Basic has none; Standard and above always have one.',
    ],
    hint: connection.tierHasKafka
      ? say`Stop it, and start it again:\n${command('local stop')}\n${command('local start', { detach: true })}`
      : say`Leave out ${input('byKafka')}: every namespace speaks AMQP. To have both, make another one with: ${command('create', { namespace: { blank: 'NAME' }, tier: 'Standard' })}`,
  }),
  disabled: ({ connection, doing }) => ({
    message: `Can't ${VERBS[doing]} hub ${connection.hub}: it is disabled`,
    why: [connection.hubStatus === 'Active' ? 'Its status was changed.' : `Its status is ${connection.hubStatus}.`],
    hint: isEmbeddedHost(connection.host)
      ? say`Give it the status Active in the manifest, and run: ${command('create')}`
      : 'Set its status to Active in the Azure portal.',
  }),
  'group-taken': ({ connection, consumerGroup }) => ({
    message: `Can't read hub ${connection.hub} through consumer group ${consumerGroup}: other readers hold it`,
    why: ['A reader with an owner level keeps all others out, and a partition accepts 5 readers of a group.'],
    hint: say`Read through a group of its own: ${edit({ readThrough: { blank: 'NAME' } })}`,
  }),
  'disk-full': ({ connection }, { text }) => ({
    message: `Can't send to hub ${connection.hub}: the disk is full`,
    why: [/The disk with .* is full\./.exec(text)?.[0] ?? text],
    hint: say`Free some space, and send the rest: what was sent is counted above. To keep less, stop the embedded Azure and start it with: ${command('local start', { maxPartitionSize: { blank: 'SIZE' } })}`,
  }),
  'broken-files': ({ connection, doing }, { text }) => ({
    message: `Can't ${VERBS[doing]} hub ${connection.hub}: the embedded Azure cannot use its files`,
    why: [text],
    hint: say`See what is at that place. To begin with nothing: ${command('local reset', {})}`,
  }),
  busy: ({ connection }, { text }) => ({
    message: `Event Hubs is too busy for hub ${connection.hub}`,
    why: [text],
    hint: say`Run it again in a minute. If it is still busy, raise the capacity (UNITS) with: ${command('create', { capacity: { blank: 'UNITS' } })}`,
  }),
  timeout: (attempt, { text }) => ({
    message: `No answer from ${endpointOf(attempt)} in time`,
    why: [text],
    hint: networkHint(attempt),
  }),
  unknown: ({ connection, doing }, { text }) => ({
    message: `Can't ${VERBS[doing]} hub ${connection.hub}`,
    why: [text === '' ? 'The client says nothing more.' : text],
  }),
}
