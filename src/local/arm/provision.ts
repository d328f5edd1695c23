import { Failure } from '../../lib/errors.ts'
import { LIMITS, ROOT_RULE } from '../../lib/limits.ts'
import { say } from '../../lib/phrase.ts'
import { IN_MEMORY, LOCAL_LOCATION, LOCAL_SUBSCRIPTION, RESET } from '../constants.ts'
import { pathOf } from './client.ts'
import { ArmError } from './core/errors.ts'
import { keyOf } from './core/model.ts'
import { BLOB_DESTINATION } from './providers/eventhub/limits.ts'
import type { Hub } from './providers/eventhub/model.ts'
import { type ArmParts, type Send, sender } from './sender.ts'

export interface WantedHub {
  readonly name: string
  readonly partitions: number
  readonly retentionHours: number
  /** Without `$Default`. */
  readonly consumerGroups: readonly string[]
  /** A rule of the hub to make, with the rights to send and listen. */
  readonly rule?: string
  /** Switches Capture on. What is left out has the default of Resource Manager. */
  readonly capture?: WantedCapture
}

export interface WantedCapture {
  /** Name of the storage account. */
  readonly storageAccount: string
  readonly container: string
  readonly intervalSeconds?: number | undefined
  readonly sizeLimitBytes?: number | undefined
  readonly archiveNameFormat?: string | undefined
  readonly skipEmptyArchives?: boolean | undefined
  readonly encoding?: 'Avro' | 'AvroDeflate' | undefined
}

export interface WantedNamespace {
  readonly group: string
  readonly name: string
  readonly hubs: readonly WantedHub[]
  /** The key of the root rule, when it should not be a random one. */
  readonly rootKey?: string
}

const MOST_TOLD = 5

/**
 * Makes what is wanted, and keeps what is there already. The rules are those of requests, but nothing is slow, throttled
 * or made to fail. Throws Failure with every refusal: `local-contradiction` when the namespace was kept from an earlier
 * start, else `local-request`. Some of the state is changed by then.
 */
export function provision(parts: ArmParts, wanted: WantedNamespace, now: number): void {
  const { group, name, hubs, rootKey } = wanted
  const { state } = parts.context.store
  const known = state.namespaces.get(keyOf(name))
  const keptHubs = new Map(known?.hubs)
  const path = pathOf.namespace(group, name)
  const send = sender(parts, now)
  const refusals: Refusal[] = []
  const attempt = (work: () => void, explain: (error: ArmError) => Refusal): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ArmError)) throw error
      refusals.push(explain(error))
    }
  }
  attempt(
    () => {
      if (!state.groups.has(keyOf(LOCAL_SUBSCRIPTION.subscriptionId, group)))
        send('PUT', pathOf.group(group), { location: LOCAL_LOCATION })
      if (!known) send('PUT', path, { location: LOCAL_LOCATION, sku: skuFor(hubs) })
      if (rootKey === undefined) return
      send('POST', `${path}/authorizationRules/${ROOT_RULE}/regenerateKeys`, { keyType: 'PrimaryKey', key: rootKey })
    },
    (error) => ({ what: `Namespace ${name}: ${error.message}` }),
  )
  const isThere = refusals.length === 0
  for (const hub of isThere ? hubs : [])
    attempt(
      () => provisionHub(send, { group, path }, hub),
      (error) => explainHub(error, hub, keptHubs.get(keyOf(hub.name))),
    )
  if (refusals.length > 0) throw refused(refusals, known !== undefined)
}

interface Refusal {
  readonly what: string
  /** Where several refusals have the same. */
  readonly because?: string
}

function provisionHub(send: Send, { group, path: namespacePath }: Home, hub: WantedHub): void {
  const path = pathOf.hub(namespacePath, hub.name)
  send('PUT', path, {
    properties: {
      partitionCount: hub.partitions,
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: hub.retentionHours },
      ...(hub.capture && { captureDescription: descriptionOf(hub.capture, group) }),
    },
  })
  for (const group of hub.consumerGroups)
    send('PUT', `${path}/consumergroups/${encodeURIComponent(group)}`, { properties: {} })
  if (hub.rule === undefined) return
  send('PUT', `${path}/authorizationRules/${hub.rule}`, { properties: { rights: ['Send', 'Listen'] } })
}

/** The namespace of the hubs. */
interface Home {
  readonly group: string
  readonly path: string
}

function descriptionOf(capture: WantedCapture, group: string) {
  const { storageAccount, container, archiveNameFormat } = capture
  return {
    ...{ enabled: true, encoding: capture.encoding ?? 'Avro', skipEmptyArchives: capture.skipEmptyArchives ?? false },
    ...(capture.intervalSeconds !== undefined && { intervalInSeconds: capture.intervalSeconds }),
    ...(capture.sizeLimitBytes !== undefined && { sizeLimitInBytes: capture.sizeLimitBytes }),
    destination: {
      name: BLOB_DESTINATION,
      properties: {
        storageAccountResourceId: `${pathOf.group(group)}/providers/Microsoft.Storage/storageAccounts/${storageAccount}`,
        blobContainer: container,
        ...(archiveNameFormat !== undefined && { archiveNameFormat }),
      },
    },
  }
}

function explainHub({ message }: ArmError, { name, partitions }: WantedHub, kept: Hub | undefined): Refusal {
  const keptCount = kept?.properties['partitionCount']
  const because = message.replace(/^SubCode=\d+\. /, '')
  if (typeof keptCount !== 'number' || keptCount === partitions) return { what: `Hub ${name}: ${because}` }
  return { what: `Hub ${name} is kept with ${keptCount} partitions, and should have ${partitions}.`, because }
}

function refused(refusals: readonly Refusal[], isKept: boolean): Failure {
  const more = refusals.length - MOST_TOLD
  const why = [
    ...refusals.slice(0, MOST_TOLD).map(({ what }) => what),
    ...(more > 0 ? [`And ${more} more.`] : []),
    ...new Set(refusals.flatMap(({ because }) => because ?? [])),
    'Nothing was changed.',
  ]
  if (!isKept) return new Failure({ code: 'local-request', message: 'The embedded Azure refused the event hubs', why })
  return new Failure({
    code: 'local-contradiction',
    message: "Can't make the event hubs: they contradict what the data folder keeps",
    why,
    hint: say`Begin with nothing: ${RESET}\nOr leave what is kept alone: ${IN_MEMORY}`,
  })
}

/** The usual tier, or the next one when its limits are too low. */
function skuFor(hubs: readonly WantedHub[]): { readonly name: 'Standard' | 'Premium'; readonly capacity: number } {
  const { Standard, Premium } = LIMITS
  const fits = ({ partitions, consumerGroups }: WantedHub) =>
    partitions <= Standard.maxPartitionsPerHub && consumerGroups.length < Standard.maxConsumerGroups
  if (hubs.length <= Standard.maxHubs && hubs.every(fits)) return { name: 'Standard', capacity: 1 }
  const units = hubs.reduce((sum, { partitions }) => sum + partitions, 0) / (Premium.maxPartitionsPerUnit ?? Infinity)
  const capacities = Premium.capacities ?? [1]
  const capacity = capacities.find((one) => one >= units) ?? capacities.at(-1)!
  return { name: 'Premium', capacity }
}
