import type { Directory, LocalHub, LocalRule } from '../hubs/directory.ts'
import { limitsOf } from './eventhub/scope.ts'
import { objectAt } from './json.ts'
import { type Hub, type HubStatus, type Namespace, type Rule, keyOf, sorted } from './model.ts'
import type { Store } from './store.ts'

/** The state as the data plane sees it: a namespace on its way out is gone. */
export function directoryOf(store: Store): Directory {
  const living = () => sorted(store.state.namespaces).filter(({ transition }) => transition?.state !== 'Deleting')
  const find = (name: string) => living().find((namespace) => keyOf(namespace.name) === keyOf(name))
  return {
    rules: () => living().flatMap(rulesOf),
    hubs: () => living().flatMap((namespace) => sorted(namespace.hubs).map((hub) => hubOf(namespace, hub))),
    hub: (namespaceName, name) => {
      const namespace = find(namespaceName)
      const hub = namespace?.hubs.get(keyOf(name))
      return namespace && hub && hubOf(namespace, hub)
    },
    localAuthDisabled: (name) => find(name)?.properties['disableLocalAuth'] === true,
    onChange: (listener) => store.onChange(listener),
  }
}

function rulesOf(namespace: Namespace): LocalRule[] {
  const rule = (source: Rule): LocalRule => ({ namespace: namespace.name, ...source })
  const own = sorted(namespace.rules).map(rule)
  const ofHubs = sorted(namespace.hubs).flatMap((hub) =>
    sorted(hub.rules).map((source) => ({ ...rule(source), hub: hub.name })),
  )
  return [...own, ...ofHubs]
}

function hubOf(namespace: Namespace, hub: Hub): LocalHub {
  const hours = objectAt(hub.properties, 'retentionDescription')['retentionTimeInHours'] as number
  return {
    namespace: namespace.name,
    name: hub.name,
    partitionCount: hub.properties['partitionCount'] as number,
    status: hub.properties['status'] as HubStatus,
    retentionHours: hours < 0 ? Infinity : hours,
    maxMessageBytes: limitsOf(namespace).maxMessageBytes,
    createdAt: hub.createdAt,
    consumerGroups: sorted(hub.consumerGroups).map(({ name }) => name),
  }
}
