import { randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { AmqpError } from './wire/link.ts'

/** A request that the service would refuse, in its own words. */
export class ServiceError extends Error {
  readonly condition: string
  /** What `$cbs` and `$management` answer. */
  readonly status: number

  constructor(condition: string, status: number, description: string) {
    super(description)
    this.condition = condition
    this.status = status
  }

  toAmqp(): AmqpError {
    return { condition: this.condition, description: this.message }
  }
}

const ENTITY_HOST = 'localhost'

/**
 * The service's errors. The clients recognize some by condition and some by the phrase, so both are kept as they are.
 * Where a text comes from is said at it; what has no source is our own wording.
 */
export class ServiceErrors {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  // https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/core/core-amqp/src/errors.ts matches this phrase.
  notFound(path: string): ServiceError {
    const text = `The messaging entity 'sb://${ENTITY_HOST}/${path}' could not be found.`
    return new ServiceError('amqp:not-found', 404, this.#traced(text, path))
  }

  deleted(path: string): ServiceError {
    const text = `The messaging entity 'sb://${ENTITY_HOST}/${path}' could not be found. It was deleted.`
    return new ServiceError('amqp:resource-deleted', 410, this.#traced(text, path))
  }

  // The condition: https://github.com/Azure/azure-sdk-for-net/pull/39715
  disabled(path: string): ServiceError {
    const text = `The messaging entity 'sb://${ENTITY_HOST}/${path}' is disabled for this operation.`
    return new ServiceError('com.microsoft:entity-disabled', 400, this.#traced(text, path))
  }

  // https://github.com/Azure/azure-event-hubs-python/issues/4
  missingRight(right: string, path: string): ServiceError {
    const text = `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: 'sb://${ENTITY_HOST}/${path.toLowerCase()}'.`
    return new ServiceError('amqp:unauthorized-access', 401, this.#traced(text, path))
  }

  // Condition and texts of a refused token: https://github.com/Azure/azure-sdk-for-js/issues/26073 and
  // https://github.com/sandrinodimattia/RedDog/issues/4
  badSignature(path: string): ServiceError {
    return this.#refusedToken('InvalidSignature: The token has an invalid signature.', path)
  }

  expired(expiresAtMs: number): ServiceError {
    const time = new Date(expiresAtMs).toISOString().slice(0, 19).replace('T', ' ')
    const text = `ExpiredToken: The token is expired. Expiration time: '${time}Z'`
    return new ServiceError('com.microsoft:auth-failed', 401, text)
  }

  wrongAudience(path: string): ServiceError {
    return this.#refusedToken('InvalidAudience: The authorization header contains a token with a wrong audience.', path)
  }

  malformedToken(path: string): ServiceError {
    return this.#refusedToken('MalformedToken: The token is not a shared access signature.', path)
  }

  entraToken(path: string): ServiceError {
    const text = 'Microsoft Entra tokens are not supported by the local Event Hubs. Use its connection string.'
    return this.#refusedToken(text, path)
  }

  localAuthDisabled(path: string): ServiceError {
    return this.#refusedToken('LocalAuthDisabled: The namespace takes no shared access keys.', path)
  }

  // Detached, not refused, when a token runs out: https://github.com/Azure/azure-event-hubs-go/issues/81
  tokenRanOut(right: string, path: string): ServiceError {
    return new ServiceError('amqp:link:detach-forced', 401, this.missingRight(right, path).message)
  }

  // https://github.com/Azure/azure-sdk-for-python/issues/11708
  partitionOutOfRange(path: string, partitionCount: number): ServiceError {
    const range = `It should be between 0 and ${partitionCount - 1}.\nParameter name: PartitionId`
    const text = `The specified partition is invalid for an EventHub partition sender or receiver. ${range}`
    return new ServiceError('com.microsoft:argument-out-of-range', 400, this.#traced(text, path))
  }

  // https://github.com/Azure/azure-sdk-for-net/issues/49318
  badFilter(filter: string): ServiceError {
    const text = `The filter '${filter}' is not a valid amqp filter for EventHub entities.`
    return new ServiceError('com.microsoft:argument-error', 400, text)
  }

  // https://github.com/nicolgit/azure-firewall-mon/issues/21, https://github.com/Azure/azure-sdk-for-java/issues/10215
  beyondEnd(kind: 'sequence number' | 'offset', supplied: string, last: number): ServiceError {
    const text = `The supplied ${kind} '${supplied}' is invalid. The last ${kind} in the system is '${last}'`
    return new ServiceError('com.microsoft:argument-error', 400, text)
  }

  notSupported(what: string): ServiceError {
    return new ServiceError('amqp:not-implemented', 501, `${what} not supported by the local Event Hubs.`)
  }

  internal(error: unknown): ServiceError {
    return new ServiceError('amqp:internal-error', 500, error instanceof Error ? error.message : String(error))
  }

  #refusedToken(text: string, path: string): ServiceError {
    return new ServiceError('com.microsoft:auth-failed', 401, this.#traced(text, path))
  }

  #traced(text: string, path: string): string {
    const tracking = randomUUID().replaceAll('-', '')
    const timestamp = new Date(this.#clock.now()).toISOString().slice(0, 19)
    return `${text} TrackingId:${tracking}_G0, SystemTracker:${ENTITY_HOST}:${path}, Timestamp:${timestamp}`
  }
}
