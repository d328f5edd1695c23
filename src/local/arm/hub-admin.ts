import type { Directory, LocalHub } from '../hubs/directory.ts'
import { type AdminOptions, type HubAdmin, HubRefused, type RefusedChange } from '../hubs/hub-admin.ts'
import { pathOf } from './client.ts'
import type { JsonObject } from './core/body.ts'
import { ArmError } from './core/errors.ts'
import { keyOf } from './core/model.ts'
import type { Method } from './core/routes.ts'
import type { Store } from './core/store.ts'
import { entityNotFound, messagingConflict } from './providers/eventhub/errors.ts'
import { NAMES } from './providers/eventhub/limits.ts'
import { type Hub, type Namespace, namespaceId } from './providers/eventhub/model.ts'
import { type ArmParts, sender } from './sender.ts'

interface HubAdminParts extends ArmParts {
  readonly directoryOf: (store: Store) => Directory
  /** When a change is made. */
  readonly now: () => number
}

interface Change extends AdminOptions {
  readonly method: Method
  readonly hub: string
  readonly properties?: JsonObject
}

/** Changes that clients of the data plane ask for, as requests to Resource Manager. */
export function hubAdmin(parts: HubAdminParts): HubAdmin {
  const { directoryOf, now } = parts
  const { store } = parts.context

  const findNamespace = (name: string): Namespace => {
    const namespace = store.state.namespaces.get(keyOf(name))
    if (!namespace || namespace.transition?.state === 'Deleting') throw refused('not-found', entityNotFound(name))
    return namespace
  }
  const findHub = (namespace: Namespace, name: string): Hub => {
    const hub = namespace.hubs.get(keyOf(name))
    if (!hub) throw refused('not-found', entityNotFound(namespace.name, name))
    return hub
  }

  /** Resolves with the hub as it is then. */
  async function change(
    namespace: Namespace,
    { method, hub, properties, validateOnly }: Change,
  ): Promise<LocalHub | undefined> {
    // What is only checked is done to a copy: then the checks are those of the real thing.
    const context = validateOnly ? { ...parts.context, store: store.copy() } : parts.context
    try {
      sender({ ...parts, context }, now())(
        method,
        pathOf.hub(namespaceId(namespace), hub),
        properties && { properties },
      )
    } catch (error) {
      if (!(error instanceof ArmError)) throw error
      throw refused(NAMES.hub.test(hub) ? 'not-allowed' : 'invalid-name', error)
    }
    await context.store.durable()
    return directoryOf(context.store).hub(namespace.name, hub)
  }

  return {
    createHub: async (namespaceName, { name, partitionCount, ...wanted }, options) => {
      const namespace = findNamespace(namespaceName)
      if (namespace.hubs.has(keyOf(name)))
        throw refused('exists', messagingConflict(`The event hub '${name}' already exists.`))
      const { cleanupPolicy = 'Delete', retentionHours, timestampType = 'LogAppend' } = wanted
      const properties = {
        ...(partitionCount !== undefined && { partitionCount }),
        retentionDescription: {
          cleanupPolicy,
          ...(retentionHours !== undefined && { retentionTimeInHours: retentionHours }),
        },
        messageTimestampDescription: { timestampType },
      }
      return (await change(namespace, { method: 'PUT', hub: name, properties, ...options }))!
    },
    deleteHub: async (namespaceName, name) => {
      const namespace = findNamespace(namespaceName)
      const hub = findHub(namespace, name)
      await change(namespace, { method: 'DELETE', hub: hub.name, validateOnly: false })
    },
    raisePartitions: async (namespaceName, name, partitionCount, options) => {
      const namespace = findNamespace(namespaceName)
      const hub = findHub(namespace, name)
      // A PUT takes back what it leaves out.
      const properties = { ...hub.properties, partitionCount }
      await change(namespace, { method: 'PUT', hub: hub.name, properties, ...options })
    },
  }
}

const refused = (because: RefusedChange['because'], { code, message }: ArmError): HubRefused =>
  new HubRefused({ because, code, message })
