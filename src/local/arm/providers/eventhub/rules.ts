import { randomBytes } from 'node:crypto'
import { ROOT_RULE } from '../../../../lib/limits.ts'
import { AMQP_PORT } from '../../../constants.ts'
import { groupNotFound, invalidContent } from '../../core/errors.ts'
import { findGroup } from '../resources/groups.ts'
import { entityNotFound, messagingBadRequest, tooManyEntities } from './errors.ts'
import { type ArmReply, type Call, type Route, param } from '../../core/routes.ts'
import { page } from '../../core/reply.ts'
import { objectAt } from '../../core/body.ts'
import { checkShape } from '../../core/shape.ts'
import { NAMES, RULES_PER_SCOPE } from './limits.ts'
import { forgetScope, keyOf, sorted } from '../../core/model.ts'
import { type Hub, type Namespace, type Right, type Rule, type RuleOfScope, namespaceId, ruleId } from './model.ts'
import { needParentHub, needParentNamespace, refuseInTransition } from './namespace.ts'

const RIGHTS: readonly Right[] = ['Listen', 'Send', 'Manage']

/** Rules belong to a namespace, or to one of its hubs. */
interface Scope {
  readonly namespace: Namespace
  readonly hub?: Hub
  readonly rules: Map<string, Rule>
}

function scopeOf(call: Call): Scope {
  if (call.params['hub'] === undefined) {
    const namespace = needParentNamespace(call, 'namespaces/authorizationrules')
    return { namespace, rules: namespace.rules }
  }
  // Recorded in 2024-03: the one child whose DELETE asks for the group first.
  if (!findGroup(call)) throw groupNotFound(param(call, 'group'))
  const { namespace, hub } = needParentHub(call, 'namespaces/eventhubs/authorizationrules')
  return { namespace, hub, rules: hub.rules }
}

/** The rule that the path names. Throws ArmError 404. */
export function needRule(call: Call, scope = scopeOf(call)): RuleOfScope {
  const { namespace, hub, rules } = scope
  const rule = rules.get(keyOf(param(call, 'rule')))
  if (!rule) throw entityNotFound(namespace.name, ...(hub ? [hub.name] : []), param(call, 'rule'))
  return { namespace, ...(hub && { hub }), rule }
}

/**
 * A PUT answers with the id as the client wrote it, a GET with `authorizationrules`; the answer to a PUT on a hub has
 * no location. Recorded in 2023-06 and 2024-03.
 */
function view(call: Call, { namespace, hub }: Scope, rule: Rule) {
  const parent = hub ? `${namespaceId(namespace)}/eventhubs/${hub.name}` : namespaceId(namespace)
  const isRead = call.method === 'GET'
  const collection = isRead
    ? 'authorizationrules'
    : call.path.split('/').find((part) => /^authorizationrules$/i.test(part))
  return {
    id: `${parent}/${collection}/${rule.name}`,
    name: rule.name,
    type: hub
      ? 'Microsoft.EventHub/namespaces/eventhubs/authorizationrules'
      : 'Microsoft.EventHub/Namespaces/AuthorizationRules',
    ...((!hub || isRead) && { location: namespace.location }),
    properties: { rights: rule.rights },
  }
}

/** An existing rule keeps its keys. */
function put(call: Call): ArmReply {
  const scope = scopeOf(call)
  refuseInTransition(scope.namespace)
  const name = param(call, 'rule')
  const known = scope.rules.get(keyOf(name))
  if (!known) checkRoom(scope, name)
  const rights = readRights(call)
  const rule = known ? { ...known, rights } : newRule(name, rights)
  call.context.store.change(() => scope.rules.set(keyOf(name), rule))
  return { status: 200, body: view(call, scope, rule) }
}

function checkRoom({ rules }: Scope, name: string): void {
  if (!NAMES.rule.test(name)) throw messagingBadRequest(`The name '${name}' is not valid for an authorization rule.`)
  if (rules.size >= RULES_PER_SCOPE) throw tooManyEntities('AuthorizationRule', rules.size, RULES_PER_SCOPE)
}

function readRights(call: Call): readonly Right[] {
  checkShape(call.body, { properties: 'object' })
  const sent = objectAt(call.body ?? {}, 'properties')['rights']
  if (!Array.isArray(sent) || sent.length === 0) throw messagingBadRequest('An authorization rule needs rights.')
  const rights = sent.map((word) => RIGHTS.find((right) => right === word))
  if (!rights.every((right) => right !== undefined)) {
    throw invalidContent(`Error converting value ${JSON.stringify(sent)}. Path 'properties.rights'.`)
  }
  if (new Set(rights).size < rights.length) throw messagingBadRequest('Rights must not be repeated.')
  if (rights.includes('Manage') && rights.length < RIGHTS.length) {
    throw messagingBadRequest('Manage permission should also include Send and Listen.')
  }
  return rights
}

function get(call: Call): ArmReply {
  const scope = scopeOf(call)
  return { status: 200, body: view(call, scope, needRule(call, scope).rule) }
}

/** The rule that every namespace has comes first. */
function inOrder(rules: ReadonlyMap<string, Rule>): readonly Rule[] {
  const root = rules.get(keyOf(ROOT_RULE))
  const others = sorted(rules).filter((rule) => rule !== root)
  return root ? [root, ...others] : others
}

function list(call: Call): ArmReply {
  const scope = scopeOf(call)
  return page(call, inOrder(scope.rules), (rule) => view(call, scope, rule))
}

function remove(call: Call): ArmReply {
  const scope = scopeOf(call)
  refuseInTransition(scope.namespace)
  const key = keyOf(param(call, 'rule'))
  const rule = scope.rules.get(key)
  if (!rule) return { status: 204 }
  call.context.store.change((state) => {
    scope.rules.delete(key)
    forgetScope(state, ruleId({ ...scope, rule }))
  })
  return { status: 200 }
}

/** Puts a fresh key into a rule. */
function regenerate(call: Call, scope: Scope): Rule {
  refuseInTransition(scope.namespace)
  const { rule: known } = needRule(call, scope)
  checkShape(call.body, { key: 'string' })
  const { keyType, key } = call.body ?? {}
  if (keyType !== 'PrimaryKey' && keyType !== 'SecondaryKey') {
    throw invalidContent(`Error converting value ${JSON.stringify(keyType)}. Path 'keyType'.`)
  }
  const fresh = typeof key === 'string' && key !== '' ? key : newKey()
  const rule: Rule = { ...known, [keyType === 'PrimaryKey' ? 'primaryKey' : 'secondaryKey']: fresh }
  call.context.store.change(() => scope.rules.set(keyOf(known.name), rule))
  return rule
}

const keysOf = (ruleOf: (call: Call, scope: Scope) => Rule, port: () => number) => (call: Call) => {
  const scope = scopeOf(call)
  const rule = ruleOf(call, scope)
  const text = (key: string) => connectionString(port(), rule.name, key, scope.hub?.name)
  return {
    status: 200,
    body: {
      primaryConnectionString: text(rule.primaryKey),
      secondaryConnectionString: text(rule.secondaryKey),
      primaryKey: rule.primaryKey,
      secondaryKey: rule.secondaryKey,
      keyName: rule.name,
    },
  }
}

const NAMESPACE =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}'

/** `port`: of the AMQP endpoint. The default of clients is left out of connection strings. */
export const ruleRoutes = (port: () => number): readonly Route[] =>
  [NAMESPACE, `${NAMESPACE}/eventhubs/{hub}`]
    .map((parent) => `${parent}/authorizationRules`)
    .flatMap((rules): Route[] => [
      { method: 'GET', template: rules, handle: list },
      { method: 'PUT', template: `${rules}/{rule}`, handle: put },
      { method: 'GET', template: `${rules}/{rule}`, handle: get },
      { method: 'DELETE', template: `${rules}/{rule}`, handle: remove },
      {
        method: 'POST',
        template: `${rules}/{rule}/listKeys`,
        handle: keysOf((call, scope) => needRule(call, scope).rule, port),
      },
      { method: 'POST', template: `${rules}/{rule}/regenerateKeys`, handle: keysOf(regenerate, port) },
    ])

/** A key as Azure makes them: 32 random bytes, base64, 44 characters. */
const newKey = (): string => randomBytes(32).toString('base64')

/** A rule with new keys. */
export const newRule = (name: string, rights: readonly Right[]): Rule => ({
  name,
  rights,
  primaryKey: newKey(),
  secondaryKey: newKey(),
})

/** The rule that every new namespace has. Its rights come back in this order. */
export const rootRule = (): Rule => newRule(ROOT_RULE, ['Listen', 'Manage', 'Send'])

/**
 * A connection string for an emulator, as official clients know it. It has exactly these parts and no semicolon at the
 * end, because the Java client refuses a part that it does not know.
 * https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator
 */
export function connectionString(port: number, rule: string, key: string, hub: string | undefined): string {
  const endpoint = port === AMQP_PORT ? 'sb://localhost' : `sb://localhost:${port}`
  const entity = hub === undefined ? '' : `;EntityPath=${hub}`
  return `Endpoint=${endpoint};SharedAccessKeyName=${rule};SharedAccessKey=${key};UseDevelopmentEmulator=true${entity}`
}
