import type { Provider } from '../routes.ts'
import { EVENT_HUB_VERSIONS } from '../versions.ts'
import { consumerGroupRoutes } from './consumer-groups.ts'
import { hubRoutes } from './hubs.ts'
import { namespaceRoutes } from './namespaces.ts'
import { networkRuleRoutes } from './network-rules.ts'
import { ruleRoutes } from './rules.ts'

export const eventHub: Provider = {
  namespace: 'Microsoft.EventHub',
  apiVersions: EVENT_HUB_VERSIONS,
  needsRegistration: true,
  routes: [...namespaceRoutes, ...hubRoutes, ...consumerGroupRoutes, ...ruleRoutes, ...networkRuleRoutes],
}
