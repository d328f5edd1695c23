import type { Attempt } from '../data/failure.ts'
import type { ConnectionTarget } from '../data/connection-target.ts'
import type { ClientOptions } from '../data/open-clients.ts'
import { absentNamespace } from '../engine/absence.ts'
import { whereOf } from '../engine/actual.ts'
import type { NamespaceRef, RuleRef } from '../engine/cloud.ts'
import type { Connection, EntraAccess, SasAccess } from '../engine/connection.ts'
import { DATA_ROLES } from '../inputs/grant-parsers.ts'
import { said } from '../inputs/given.ts'
import { input } from '../inputs/refer.ts'
import { Failure, isAzureFailure, type Problem } from '../lib/errors.ts'
import { ROOT_RULE } from '../lib/limits.ts'
import { listOf, say } from '../lib/phrase.ts'
import { nameOfChoice, ruleNameOf, type RuleChoice } from '../resources/access-rule/access-rule.ts'
import { exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { spelledFailure } from '../ui/spell.ts'
import { askTarget } from './ask.ts'
import { hubProblems, withHubNamed } from './hub-named.ts'
import { spellerFor, withGiven } from './invocation.ts'
import { interruptionOf, type Run, withInvocation } from './run.ts'
import { settle, type Settled } from './settle.ts'
import { whileReading } from './wait.ts'

/** What a client of a hub needs to do: the one right that is asked for. */
export type NeededRight = 'Send' | 'Listen'

/** A hub that clients can connect to. */
export interface OpenHub {
  readonly connection: Connection
  readonly options: ClientOptions
  /** With the target of the run as it was found, for the commands in hints. */
  readonly run: Run
  readonly isLocal: boolean
}

/** Finds the hub of a run, on Azure or in the running embedded Azure. Throws a `Failure` with all problems. */
export async function openHub(run: Run, right: NeededRight, problems: readonly Problem[]): Promise<OpenHub> {
  const { invocation, deps } = run
  const { given, args } = invocation
  const isLocal = given.local?.value === true || invocation.command.name.startsWith('local ')
  const userAgent = `ml-ingest/${deps.version}`
  const { targetOf } = await import('../data/connection-target.ts')
  const webSockets = given.webSockets?.value ?? false
  const targetFor = (connection: Connection): ConnectionTarget => targetOf(connection, { webSockets, env: deps.env })
  if (isLocal) {
    const { checkLocal, localConnection } = await import('./local-azure.ts')
    const found = [...invocation.problems, ...problems, ...hubProblems(invocation, { isLocal })]
    checkLocal(withInvocation(run, { ...invocation, problems: found }))
    const [named, ...others] = (given.hub?.value ?? []).map(({ name }) => name)
    if (named !== undefined && others.length > 0) throw severalHubs([named, ...others])
    const connection = await whileReading(run, () => localConnection(run, args[0] ?? named))
    return {
      connection,
      options: { target: targetFor(connection), userAgent },
      run: locatedIn(run, connection, isLocal),
      isLocal,
    }
  }
  const named = withHubNamed(run, problems)
  const settled = await settle(named, { yes: false, ask: askTarget(named, right === 'Send' ? 'send' : 'tail') })
  const [hub, ...others] = settled.spec.hubs.map(({ name }) => name)
  if (hub === undefined || others.length > 0) throw severalHubs(settled.spec.hubs.map(({ name }) => name))
  const connection = await whileReading(run, () => hubConnection(run, settled, hub, right))
  const credential = settled.signedIn.dataCredential
  const options = { target: targetFor(connection), userAgent, credential }
  return { connection, options, run: locatedIn(withInvocation(run, settled.invocation), connection, isLocal), isLocal }
}

/** The run with the place of a connection, so that hints lead to it. */
const locatedIn = (run: Run, { resourceGroup, namespace, hub }: Connection, isLocal: boolean): Run =>
  withInvocation(
    run,
    withGiven(run.invocation, {
      ...run.invocation.given,
      ...(isLocal && { local: said(true) }),
      resourceGroup: said(resourceGroup, resourceGroup),
      namespace: said(namespace, namespace),
      hub: said([{ name: hub }], hub),
    }),
  )

const severalHubs = (names: readonly string[]): Failure =>
  new Failure({
    code: 'usage',
    message: "Can't tell which hub is meant",
    why: [`There are: ${listOf(names)}`],
    hint: say`Name one of them with ${input('hub')}.`,
  })

/**
 * How to connect to a hub for one right alone: with the key of the rule of the run, or of the least of our rules that has
 * the right. Where there is no such rule, keys are off, or may not be listed, as the account of the run, which then needs
 * the data role. No rule and no hub is read, and a namespace that may not be read is taken for one that is there.
 */
export async function hubConnection(
  run: Pick<Run, 'azure'>,
  { spec, signedIn, invocation }: Settled,
  hub: string,
  right: NeededRight,
): Promise<Connection> {
  const { gate } = run.azure
  const at = whereOf(spec)
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const isLocal = invocation.given.local?.value ?? false
  const rules = [
    ...rulesFor(spec.rule, at, hub, right),
    // Nobody signs in to the embedded Azure, and its own rule is always there.
    ...(isLocal && !isNamedRule(spec.rule) ? [{ ...at, rule: ROOT_RULE }] : []),
  ]
  const [namespace, keys] = await Promise.all([
    unlessForbidden(gate.run((call) => cloud.readNamespace(at, call))),
    firstKeys(rules, (rule) => unlessForbidden(gate.run((call) => cloud.readKeys(rule, call)))),
  ])
  const speller = spellerFor(invocation)
  if (namespace === undefined) throw spelledFailure(absentNamespace(DOING[right], at), speller)
  const isKeyless = namespace !== FORBIDDEN && namespace.localAuthDisabled
  if (isNamedRule(spec.rule) && !keys && !isKeyless) throw spelledFailure(noKey(rules, right), speller)
  const found = namespace === FORBIDDEN ? undefined : namespace
  const sign: SasAccess | EntraAccess =
    keys && !isKeyless
      ? {
          ...{ kind: 'sas', rule: keys.rule.rule, scope: keys.rule.hub ? 'hub' : 'namespace', rights: [right] },
          ...{ key: keys.found.primaryKey, connectionString: keys.found.primaryConnectionString, secondary: false },
        }
      : { kind: 'entra', roles: [ROLES[right]], granted: false, embedded: false }
  return {
    subscriptionId: spec.subscriptionId,
    resourceGroup: at.group,
    namespace: found?.name ?? at.namespace,
    namespaceId:
      found?.id ??
      `/subscriptions/${spec.subscriptionId}/resourceGroups/${at.group}/providers/Microsoft.EventHub/namespaces/${at.namespace}`,
    host: sign.kind === 'sas' && keys ? keys.found.host : (found?.host ?? signedIn.dataHost(at.namespace)),
    ...{ hub, hubStatus: 'Active', consumerGroups: [], groupsUnread: true },
    ...{ kafka: undefined, tierHasKafka: found?.kafkaEnabled ?? false },
    ...{ conditions: [], sign },
  }
}

const ROLES: Readonly<Record<NeededRight, string>> = {
  Send: DATA_ROLES.sender.name,
  Listen: DATA_ROLES.receiver.name,
}

const isNamedRule = (rule: RuleChoice): boolean => rule.kind === 'policy' || rule.given

/** The rules to try, the one with the fewest rights first. */
function rulesFor(rule: RuleChoice, ofNamespace: NamespaceRef, hub: string, right: NeededRight) {
  const at = { ...ofNamespace, hub }
  if (rule.kind === 'policy')
    return [
      { ...at, rule: rule.name },
      { ...ofNamespace, rule: rule.name },
    ]
  if (!rule.given)
    return ([right === 'Send' ? 'send' : 'listen', 'send-listen'] as const).map((access) => ({
      ...at,
      rule: ruleNameOf(access),
    }))
  const name = nameOfChoice(rule)
  return [name === ROOT_RULE ? { ...ofNamespace, rule: name } : { ...at, rule: name }]
}

/** The keys of the first rule that is there and whose keys may be listed. */
async function firstKeys<K>(rules: readonly RuleRef[], read: (rule: RuleRef) => Promise<K | undefined | Forbidden>) {
  for (const rule of rules) {
    const found = await read(rule)
    if (found === FORBIDDEN) return undefined
    if (found !== undefined) return { rule, found }
  }
  return undefined
}

const FORBIDDEN = Symbol('forbidden')
type Forbidden = typeof FORBIDDEN

/** A lock for reading alone keeps keys from being listed, too: listing is a POST. */
const unlessForbidden = <T>(reading: Promise<T>): Promise<T | Forbidden> =>
  reading.catch((error: unknown) => {
    if (isAzureFailure(error) && (error.azure.status === 403 || error.azure.code === 'ScopeLocked')) return FORBIDDEN
    throw error
  })

const DOING: Readonly<Record<NeededRight, string>> = { Send: 'send', Listen: 'read' }

const noKey = ([rule]: readonly RuleRef[], right: NeededRight): Failure =>
  new Failure({
    code: 'absent',
    message: `Can't ${DOING[right]}: there is no access rule ${rule?.rule} for hub ${rule?.hub ?? ''} whose key may be listed`,
    hint: say`Name an existing rule with ${input('policy')}, or leave out ${input('policy')} and ${input('access')}.`,
  })

/** The exit code if an interruption ended the use of a hub. Throws any other error as a `Failure`. */
export async function endedWith(
  { connection, options: { target }, run }: OpenHub,
  error: unknown,
  attempt: Pick<Attempt, 'doing' | 'consumerGroup'>,
): Promise<ExitCode> {
  const interruption = interruptionOf(run.azure)
  if (interruption) return exitCodeOf(interruption)
  const { dataError } = await import('../data/failure.ts')
  const failure = dataError(error, { connection, target, command: run.invocation.command.name, ...attempt })
  throw spelledFailure(failure, spellerFor(run.invocation))
}
