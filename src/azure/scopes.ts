/** `/subscriptions/…/namespaces/ns` -> `namespace ns`, `/subscriptions/…/namespaces/ns/eventhubs/h` -> `hub h`. */
export function describeScope(scope: string): string {
  const [, namespace, hub] =
    /\/providers\/Microsoft\.EventHub\/namespaces\/([^/]+)(?:\/eventhubs\/([^/]+))?/i.exec(scope) ?? []
  if (hub !== undefined) return `hub ${hub}`
  return namespace === undefined ? ownerOf(scope) : `namespace ${namespace}`
}

/** The scope whose owner can help: `resource group rg`. */
export function ownerOf(scope: string): string {
  const group = /\/resourceGroups\/([^/]+)/i.exec(scope)?.[1]
  if (group !== undefined) return `resource group ${group}`
  const management = /\/managementGroups\/([^/]+)/i.exec(scope)?.[1]
  return management === undefined ? 'the subscription' : `management group ${management}`
}
