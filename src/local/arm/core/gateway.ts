import {
  type ArmError,
  authorizationMalformed,
  authorizationMissing,
  groupBeingDeleted,
  groupNotFound,
  invalidApiVersion,
  invalidResourceNamespace,
  invalidResourceType,
  invalidSubscriptionId,
  invalidUri,
  methodNotAllowed,
  missingApiVersion,
  noProviderForVersion,
  notRegistered,
  subscriptionNotFound,
} from './errors.ts'
import type { JsonObject } from './body.ts'
import { type Registration, keyOf } from './model.ts'
import type { Call, Match, Provider, Router, ArmContext } from './routes.ts'

export interface Incoming extends Omit<Call, 'params' | 'apiVersion' | 'body'> {
  readonly segments: readonly string[]
  /** Throws ArmError when it cannot be read. The body of a request that has no route is not looked at. */
  readonly body: () => JsonObject | undefined
  readonly authorization: string | undefined
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const WRITES = ['PUT', 'PATCH']

/** Whose the paths of a subscription are that name no provider. */
const RESOURCES = 'Microsoft.Resources'

/**
 * What Resource Manager checks before a provider sees a request, in its order: api-version, token, subscription, route,
 * registration, group, locks. Throws ArmError.
 */
export function admit(
  router: Router,
  providers: readonly Provider[],
  incoming: Incoming,
): { match: Match; call: Call } {
  const apiVersion = incoming.query.get('api-version') ?? ''
  if (apiVersion === '') throw missingApiVersion()
  checkToken(incoming.authorization)
  checkSubscription(incoming.context, incoming.segments)
  const match = findRoute(router, providers, incoming, apiVersion)
  const body = incoming.body()
  checkVersion(match, { ...incoming, body }, apiVersion)
  const subscription = match.params['subscription']
  const params =
    subscription === undefined ? match.params : { ...match.params, subscription: subscription.toLowerCase() }
  const call: Call = { ...incoming, body, apiVersion, params }
  checkRegistration(match.provider, call)
  checkGroup(call)
  for (const provider of providers) provider.guard?.(match.provider, call)
  return { match, call }
}

function checkToken(authorization: string | undefined): void {
  if (authorization === undefined || authorization === '') throw authorizationMissing()
  if (!/^Bearer +\S+$/i.test(authorization)) throw authorizationMalformed()
}

function checkSubscription(context: ArmContext, segments: readonly string[]): void {
  const [first, id] = segments
  if (first?.toLowerCase() !== 'subscriptions' || id === undefined) return
  if (!GUID.test(id)) throw invalidSubscriptionId(id)
  if (!context.subscriptions.some((s) => s.subscriptionId === id.toLowerCase())) throw subscriptionNotFound(id)
}

function findRoute(router: Router, providers: readonly Provider[], incoming: Incoming, version: string): Match {
  const found = router.match(incoming.method, incoming.segments)
  if ('route' in found) return found
  if (found.allowed.length > 0) throw methodNotAllowed(incoming.method, found.allowed)
  throw unknownPath(providers, incoming, version)
}

/**
 * A path that no provider has. Azure looks at the group first, then the provider, then the type. Where something is set on
 * a resource of another provider, that resource comes first.
 */
function unknownPath(providers: readonly Provider[], incoming: Incoming, version: string): ArmError {
  const lower = incoming.segments.map((segment) => keyOf(segment))
  const [subscription, group] = [incoming.segments[1], incoming.segments[3]]
  if (lower[2] === 'resourcegroups' && subscription !== undefined && group !== undefined) {
    if (!incoming.context.store.state.groups.has(keyOf(subscription, group))) return groupNotFound(group)
  }
  const isOfSubscription = lower[0] === 'subscriptions' && lower.length > 2
  const types = lower.flatMap((segment, at) => (segment === 'providers' ? [typeAt(providers, incoming, at)] : []))
  if (types.length === 0 && isOfSubscription) types.push(typeIn(providers, RESOURCES, incoming.segments.slice(2)))
  const wrong = types.find((type) => !type?.isKnown) ?? types.at(-1)
  if (!wrong) return invalidUri(`The request URI '${incoming.path}' is not known.`)
  if (!wrong.provider) return invalidResourceNamespace(wrong.name)
  return invalidResourceType(wrong.type, wrong.provider.namespace, version, wrong.provider.apiVersions)
}

/** A type of resource in a path, and the provider that has it, or that is named there. */
interface NamedType {
  readonly name: string
  readonly type: string
  readonly provider: Provider | undefined
  readonly isKnown: boolean
}

/** The type that follows the `providers` at a place of a path; undefined where nothing follows. */
function typeAt(providers: readonly Provider[], { segments }: Incoming, at: number): NamedType | undefined {
  const name = segments[at + 1]
  const rest = segments.slice(at + 2)
  const end = rest.findIndex((segment) => keyOf(segment) === 'providers')
  return name === undefined ? undefined : typeIn(providers, name, end === -1 ? rest : rest.slice(0, end))
}

function typeIn(providers: readonly Provider[], name: string, segments: readonly string[]): NamedType {
  const type = typeOf(segments)
  const named = providers.filter(({ namespace }) => keyOf(namespace) === keyOf(name))
  const owner = named.find(({ routes }) =>
    routes.some(({ template }) => keyOf(typeOfTemplate(template)) === keyOf(type)),
  )
  return { name, type, provider: owner ?? named[0], isKnown: owner !== undefined }
}

function typeOfTemplate(template: string): string {
  const parts = template.split('/')
  return typeOf(parts.slice(parts.lastIndexOf('providers') + 2))
}

/** `accounts/a/tables/t` is of type `accounts/tables`. */
const typeOf = (segments: readonly string[]): string => segments.filter((_, i) => i % 2 === 0).join('/')

function checkVersion(
  { provider, route }: Match,
  incoming: Pick<Call, 'body'> & Pick<Incoming, 'segments'>,
  version: string,
): void {
  if (provider.apiVersions.includes(version.toLowerCase())) return
  if (!/^\d{4}-\d{2}-\d{2}(?:-[a-z]+)?$/i.test(version) || provider.namespace === RESOURCES) {
    throw invalidApiVersion(version, provider.apiVersions)
  }
  const at = incoming.segments.findLastIndex((segment) => keyOf(segment) === 'providers')
  const type = typeOf(incoming.segments.slice(at + 2))
  const location = incoming.body?.['location']
  if (route.method === 'PUT' && typeof location === 'string') {
    throw noProviderForVersion(location, version, type, provider.apiVersions)
  }
  throw invalidResourceType(type, provider.namespace, version, provider.apiVersions)
}

/** The registration of a provider in a subscription at this moment. */
export function registrationOf(context: ArmContext, subscription: string, namespace: string): Registration {
  const known = context.store.state.registrations.get(keyOf(subscription, namespace))
  return known ?? { state: context.providerState, until: 0 }
}

function checkRegistration(provider: Provider, call: Call): void {
  if (!provider.needsRegistration || !WRITES.includes(call.method)) return
  const { state } = registrationOf(call.context, call.params['subscription']!, provider.namespace)
  if (state !== 'Registered' && state !== 'Registering') throw notRegistered(provider.namespace)
}

/** Nothing may be written into a group that is being deleted. */
function checkGroup(call: Call): void {
  const group = call.params['group']
  if (group === undefined || !WRITES.includes(call.method)) return
  const known = call.context.store.state.groups.get(keyOf(call.params['subscription']!, group))
  if (known?.deletingUntil !== undefined) throw groupBeingDeleted(known.name)
}
