import { randomUUID } from 'node:crypto'
import { pathSegments } from '../hubs/access.ts'
import { HubError, type Owner, type Refused, StacklessError } from '../hubs/errors.ts'
import { type LostEvents, lossText } from '../log/damage.ts'
import type { Hubs } from '../hubs/hubs.ts'
import type { AmqpError } from './wire/link.ts'

/** A request that is refused, in the words of the service. */
export class Refusal extends StacklessError {
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

// https://github.com/Azure/azure-sdk-for-net/issues/49318
export const badFilter = (filter: string): Refusal =>
  new Refusal(
    'com.microsoft:argument-error',
    400,
    `The filter '${filter}' is not a valid amqp filter for EventHub entities.`,
  )

/** Something that the service does and we do not. `what` ends in a verb: "Idempotent publishing is". */
export const notSupported = (what: string): Refusal =>
  new Refusal('amqp:not-implemented', 501, `${what} not supported by the local Event Hubs.`)

/** What every link of every client works with. */
export interface AmqpContext {
  readonly hubs: Hubs
  /** What to tell the client about any failure. One that nobody foresaw is also written to the log. */
  refusalOf(error: unknown, path: string): Refusal
  /** Counts what was refused, for the metrics of the namespace. */
  countRefused(namespace: string | undefined, path: string, error: unknown): void
}

/** What the links of these hubs work with. */
export const amqpContext = (hubs: Hubs): AmqpContext => ({
  hubs,
  refusalOf: (error, path) => {
    if (error instanceof Refusal) return error
    if (error instanceof HubError) return refusalFor(error.refused, new Date(hubs.clock.now()))
    const message = messageOf(error)
    hubs.log(`${path}: ${message}`)
    return new Refusal('amqp:internal-error', 500, message)
  },
  countRefused: (namespace, path, error) => {
    if (namespace === undefined) return
    const hub = hubs.directory.hub(namespace, pathSegments(path)[0] ?? '')
    hubs.traffic.countRefused(namespace, hub, error, hubs.clock.now())
  },
})

/** People who develop read it: what the file system says should not look like a busy service. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'syscall' in error ? `The embedded Azure cannot use its files: ${error.message}` : error.message
}

const HOST = 'localhost'

/**
 * The errors of the service. Clients recognize some by the condition and some by the phrase, so neither may change. The
 * source of a text stands above it. A text without a source is ours.
 */
function refusalFor(refused: Refused, now: Date): Refusal {
  const traced = (text: string, path: string) => {
    const tracking = randomUUID().replaceAll('-', '')
    return `${text} TrackingId:${tracking}_G0, SystemTracker:${HOST}:${path}, Timestamp:${now.toISOString().slice(0, 19)}`
  }
  const entity = (path: string) => `The messaging entity 'sb://${HOST}/${path}'`
  const refusedToken = (text: string, path: string) => new Refusal('com.microsoft:auth-failed', 401, traced(text, path))
  switch (refused.because) {
    // https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/core/core-amqp/src/errors.ts matches this phrase.
    case 'not-found':
      return new Refusal('amqp:not-found', 404, traced(`${entity(refused.path)} could not be found.`, refused.path))
    case 'deleted': {
      const text = `${entity(refused.path)} could not be found. It was deleted.`
      return new Refusal('amqp:resource-deleted', 410, traced(text, refused.path))
    }
    // The condition: https://github.com/Azure/azure-sdk-for-net/pull/39715
    case 'disabled': {
      const text = `${entity(refused.path)} is disabled for this operation.`
      return new Refusal('com.microsoft:entity-disabled', 400, traced(text, refused.path))
    }
    // https://github.com/Azure/azure-event-hubs-python/issues/4
    case 'missing-right':
      return new Refusal('amqp:unauthorized-access', 401, traced(missingRight(refused), refused.path))
    // Detached, not refused: https://github.com/Azure/azure-event-hubs-go/issues/81
    case 'claim-over':
      return new Refusal('amqp:link:detach-forced', 401, traced(missingRight(refused), refused.path))
    // Condition and texts of a refused token: https://github.com/Azure/azure-sdk-for-js/issues/26073 and
    // https://github.com/sandrinodimattia/RedDog/issues/4
    case 'wrong-signature':
      return refusedToken('InvalidSignature: The token has an invalid signature.', refused.path)
    case 'wrong-audience':
      return refusedToken(
        'InvalidAudience: The authorization header contains a token with a wrong audience.',
        refused.path,
      )
    case 'token-expired': {
      const time = new Date(refused.expiredAtMs).toISOString().slice(0, 19).replace('T', ' ')
      const text = `ExpiredToken: The token is expired. Expiration time: '${time}Z'`
      return new Refusal('com.microsoft:auth-failed', 401, text)
    }
    case 'malformed-token':
      return refusedToken('MalformedToken: The token is not a shared access signature.', refused.path)
    case 'entra-token':
      return refusedToken(
        'Microsoft Entra tokens are not supported by the local Event Hubs. Use its connection string.',
        refused.path,
      )
    case 'keys-disabled':
      return refusedToken('LocalAuthDisabled: The namespace takes no shared access keys.', refused.path)
    // https://github.com/Azure/azure-sdk-for-python/issues/11708
    case 'no-such-partition': {
      const range = `It should be between 0 and ${refused.partitionCount - 1}.\nParameter name: PartitionId`
      const text = `The specified partition is invalid for an EventHub partition sender or receiver. ${range}`
      return new Refusal('com.microsoft:argument-out-of-range', 400, traced(text, refused.path))
    }
    // https://github.com/nicolgit/azure-firewall-mon/issues/21, https://github.com/Azure/azure-sdk-for-java/issues/10215
    case 'beyond-end': {
      const { position, given, last } = refused
      const text = `The supplied ${position} '${given}' is invalid. The last ${position} in the system is '${last}'`
      return new Refusal('com.microsoft:argument-error', 400, text)
    }
    // https://github.com/Azure/azure-sdk-for-java/issues/12483, https://github.com/Azure/azure-sdk-for-java/issues/26583,
    // https://github.com/Azure/amqpnetlite/issues/162
    case 'replaced':
    case 'higher-owner':
    case 'owned':
      return new Refusal('amqp:link:stolen', 409, ownerText(refused))
    // https://github.com/Azure/azure-sdk-for-java/issues/38117
    case 'too-many-readers': {
      const names = refused.connected.map(nameOf).join(', ')
      const text = `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${refused.most}. List of connected receivers - ${names}.`
      return new Refusal('amqp:resource-limit-exceeded', 429, text)
    }
    // Condition: js and java. Text: https://github.com/Azure/azure-sdk-for-js/issues/12587 and
    // https://github.com/Azure/azure-event-hubs-spark/issues/576
    case 'throttled': {
      const text =
        'The request was terminated because the entity is being throttled. Error code : 50002. Please wait 4 seconds and try again. To know more visit https://aka.ms/sbResourceMgrExceptions'
      return new Refusal('com.microsoft:server-busy', 503, traced(text, refused.path))
    }
    // Ours: Azure loses nothing, and its disks are never full. Of the conditions that fit, no client retries these.
    case 'lost':
      return new Refusal('amqp:decode-error', 500, lostText(refused.lost))
    case 'disk-full': {
      const text = `The disk with ${refused.folder} is full. Nothing of this was stored.`
      return new Refusal('amqp:resource-limit-exceeded', 507, traced(text, refused.path))
    }
  }
}

const MOST_NAMED = 5

function lostText(lost: readonly LostEvents[]): string {
  const texts = lost.slice(0, MOST_NAMED).map(lossText)
  const more = lost.length > MOST_NAMED ? [`And ${lost.length - MOST_NAMED} more ranges`] : []
  return `${[...texts, ...more].join('. ')}. The next receiver of this consumer group goes on behind that.`
}

const missingRight = ({ right, path }: { readonly right: string; readonly path: string }): string =>
  `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: 'sb://${HOST}/${path.toLowerCase()}'.`

const nameOf = ({ name }: Owner): string => name ?? 'nil'

function ownerText(refused: Extract<Refused, { readonly because: 'replaced' | 'higher-owner' | 'owned' }>): string {
  switch (refused.because) {
    case 'replaced': {
      const { reader, by } = refused
      return `New receiver '${nameOf(by)}' with higher epoch of '${by.epoch ?? 0}' is created hence current receiver '${nameOf(reader)}' with epoch '${reader.epoch ?? 0}' is getting disconnected. If you are recreating the receiver, make sure a higher epoch is used.`
    }
    case 'higher-owner': {
      const { reader, owner } = refused
      return `Receiver '${nameOf(owner)}' with a higher epoch '${owner.epoch}' already exists. Receiver '${nameOf(reader)}' with epoch ${reader.epoch ?? 0} cannot be created. Make sure you are creating receiver with increasing epoch value to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`
    }
    case 'owned':
      return `At least one receiver for the endpoint is created with epoch of '${refused.level}', and so non-epoch receiver is not allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.`
  }
}
