import { HubError, StacklessError, type Refused } from '../hubs/errors.ts'
import { HubRefused, type RefusedChange } from '../hubs/hub-admin.ts'

/** The codes that answers carry: https://kafka.apache.org/protocol.html#protocol_error_codes. */
export const ERROR = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  invalidTopic: 17,
  invalidRequiredAcks: 21,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  invalidGroupId: 24,
  unknownMemberId: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  unsupportedSaslMechanism: 33,
  illegalSaslState: 34,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  invalidReplicationFactor: 38,
  invalidReplicaAssignment: 39,
  invalidConfig: 40,
  invalidRequest: 42,
  unsupportedForMessageFormat: 43,
  policyViolation: 44,
  outOfOrderSequenceNumber: 45,
  invalidProducerEpoch: 47,
  kafkaStorageError: 56,
  saslAuthenticationFailed: 58,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  fetchSessionIdNotFound: 70,
  unknownLeaderEpoch: 75,
  groupMaxSizeReached: 81,
  fencedInstanceId: 82,
  groupSubscribedToTopic: 86,
  invalidRecord: 87,
  unknownTopicId: 100,
} as const

type ErrorName = keyof typeof ERROR

/** What a request, or a part of it, is refused with. The message is for those answers that have a place for it. */
export class KafkaError extends StacklessError {
  readonly code: number

  constructor(name: ErrorName, message: string) {
    super(message)
    this.code = ERROR[name]
  }
}

/** A client whose connection ends without an answer. `what` is the same for all that ends for the same reason. */
export class TurnedAway extends Error {
  readonly what: string

  constructor(what: string, message: string) {
    super(message)
    this.what = what
  }
}

/** What each refusal of a hub is called here. Readers of Kafka do not lock each other out: those refusals never come. */
const CODES: Readonly<Record<Refused['because'], ErrorName>> = {
  'not-found': 'unknownTopicOrPartition',
  deleted: 'unknownTopicOrPartition',
  'no-such-partition': 'unknownTopicOrPartition',
  disabled: 'topicAuthorizationFailed',
  'missing-right': 'topicAuthorizationFailed',
  'claim-over': 'topicAuthorizationFailed',
  'wrong-audience': 'topicAuthorizationFailed',
  'wrong-signature': 'saslAuthenticationFailed',
  'malformed-token': 'saslAuthenticationFailed',
  'entra-token': 'saslAuthenticationFailed',
  'keys-disabled': 'saslAuthenticationFailed',
  'token-expired': 'saslAuthenticationFailed',
  'beyond-end': 'offsetOutOfRange',
  throttled: 'policyViolation',
  'disk-full': 'kafkaStorageError',
  replaced: 'unknownServerError',
  'higher-owner': 'unknownServerError',
  owned: 'unknownServerError',
  'too-many-readers': 'unknownServerError',
  lost: 'unknownServerError',
}

/** What a refusal of the control plane is called here. */
const CODES_OF_CHANGES: Readonly<Record<RefusedChange['because'], ErrorName>> = {
  exists: 'topicAlreadyExists',
  'not-found': 'unknownTopicOrPartition',
  'invalid-name': 'invalidTopic',
  'not-allowed': 'policyViolation',
}

/** Tells the log of what was thrown where it is no refusal, as -1 alone tells nobody what is wrong. */
export function tellMistake(error: unknown, log: (line: string) => void): void {
  if (!(error instanceof StacklessError)) log(String(error instanceof Error ? error.stack : error))
}

/** The code of what was thrown; -1 where it was a mistake of ours. */
export function codeOf(error: unknown): number {
  if (error instanceof KafkaError) return error.code
  if (error instanceof HubRefused) return ERROR[CODES_OF_CHANGES[error.because]]
  return ERROR[error instanceof HubError ? CODES[error.refused.because] : 'unknownServerError']
}

/** https://learn.microsoft.com/azure/event-hubs/apache-kafka-transactions */
export const NO_TRANSACTIONS = 'The embedded Azure has no transactions on any tier.'
