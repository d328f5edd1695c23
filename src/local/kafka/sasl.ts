import { type Claim, claimOf, findRule } from '../hubs/access.ts'
import type { Directory, LocalRule } from '../hubs/directory.ts'
import { ERROR, KafkaError } from './errors.ts'
import type { SASL_HANDSHAKE } from './wire/apis/session.ts'
import type { ResponseOf } from './wire/codec.ts'

/** The one mechanism for keys; the others are for tokens of Microsoft Entra ID, which is not here. */
const MECHANISM = 'PLAIN'
/** https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview#shared-access-signature-sas */
const USER = '$ConnectionString'

/** Who a connection is. */
export interface Account {
  readonly rule: LocalRule
  readonly claim: Claim
}

/** The answer to a mechanism that a client wishes for. */
export const answerHandshake = (mechanism: string): ResponseOf<typeof SASL_HANDSHAKE> => ({
  errorCode: mechanism === MECHANISM ? ERROR.none : ERROR.unsupportedSaslMechanism,
  mechanisms: [MECHANISM],
})

/**
 * Whose token of PLAIN it is (https://www.rfc-editor.org/rfc/rfc4616): a name to act as, which does not matter here, the
 * user and the password. Throws KafkaError with what was wrong, and no part of the password.
 */
export function signIn(token: Buffer, directory: Directory): Account {
  const [, user, password, ...more] = token.toString('utf8').split('\0')
  if (password === undefined || more.length > 0) throw refusal('This is no token of the mechanism PLAIN')
  if (user !== USER) throw refusal(`The user has to be ${USER}, and the password a connection string`)
  const { name, key } = keyIn(password)
  const rule = findRule(name, key, directory)
  if (!rule) {
    throw refusal('No shared access rule has the name and the key of this connection string: take a new one')
  }
  const closed = whyClosed(rule, directory)
  if (closed !== undefined) throw refusal(closed)
  return { rule, claim: claimOf(rule) }
}

/**
 * Whether what a connection was opened with still holds: its rule is there and has all the rights that it had, and the
 * namespace is open to it. That the key was renewed, or a right came, ends no connection.
 */
export function isInForce({ rule, claim }: Account, rules: readonly LocalRule[], directory: Directory): boolean {
  const now = rules.find(
    ({ namespace, hub, name }) => namespace === rule.namespace && hub === rule.hub && name === rule.name,
  )
  if (!now || whyClosed(now, directory) !== undefined) return false
  const { rights } = claimOf(now)
  return [...claim.rights].every((right) => rights.has(right))
}

function whyClosed({ namespace }: LocalRule, directory: Directory): string | undefined {
  if (directory.localAuthDisabled(namespace)) return `The namespace ${namespace} takes no keys`
  if (directory.hasKafka(namespace)) return undefined
  return `The namespace ${namespace} is of the tier Basic, which has no Kafka endpoint: Standard has one`
}

/** What a connection string says of its key. The case of its names does not matter. */
function keyIn(text: string): { readonly name: string; readonly key: string } {
  const parts = text.split(';').map((part) => {
    const equals = part.indexOf('=')
    return [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()] as const
  })
  const fields = new Map(parts)
  if (fields.has('sharedaccesssignature')) {
    throw refusal('Kafka clients sign in with a key: the password is a signature (SharedAccessSignature)')
  }
  const [name, key] = [fields.get('sharedaccesskeyname'), fields.get('sharedaccesskey')]
  if (name !== undefined && key !== undefined) return { name, key }
  throw refusal('The password has to be a connection string with SharedAccessKeyName and SharedAccessKey')
}

const refusal = (message: string): KafkaError => new KafkaError('saslAuthenticationFailed', message)
