import {
  armClient,
  askHeld,
  localStatus,
  type ArmResource,
  defaultDataFolder,
  type HubHeld,
  LOCAL_SUBSCRIPTION,
  type LocalRecord,
  startDetached,
} from '../local/index.ts'
import type { Connection } from '../engine/connection.ts'
import { Failure } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { say } from '../lib/phrase.ts'
import { suggest } from '../lib/suggest.ts'
import { DEFAULT_CONSUMER_GROUP, ROOT_RULE } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import { runProblems } from '../inputs/contradictions.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { longFlagOf } from '../inputs/input.ts'
import { command } from '../inputs/refer.ts'
import { INPUTS } from '../inputs/table.ts'
import { said } from '../inputs/given.ts'
import { hubsOf } from '../resources/hub/hub.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { nameOf } from '../wanted/node.ts'
import { ruleNameOf } from '../resources/access-rule/access-rule.ts'
import type { Speller } from '../ui/spell.ts'
import { spellerFor, withGiven, type Invocation, type Deps } from './invocation.ts'
import { type Run, withInvocation } from './run.ts'
import { problemsError } from './problems-error.ts'
import { storageElsewhere, storageForgotten, storageVariables } from './storage.ts'
import { isAbsolute, resolve } from 'node:path'

interface HubFound {
  readonly namespace: ArmResource
  readonly hub: ArmResource
}

/**
 * The connection to a hub of the running embedded Azure: `clicks`, or `namespace/clicks` if several namespaces have such
 * a hub. Without a name it takes the only hub. It has all rights, or those of the rule of `--access` or `--policy`.
 */
export async function localConnection({ invocation, azure, deps }: Run, name: string | undefined): Promise<Connection> {
  const { armEndpoint } = await runningAzure({ invocation, deps })
  const hint = say`See what answers there with: ${command('local status')}`
  const arm = await armClient(armEndpoint, { stop: azure.stop, hint })
  const namespaces = await arm.list(arm.paths.namespaces)
  const lists = namespaces.map(async (namespace) =>
    (await arm.list(`${namespace.id}/eventhubs`)).map((hub): HubFound => ({ namespace, hub })),
  )
  const { namespace, hub } = choose(invocation, (await Promise.all(lists)).flat(), name)
  const { access, policy } = invocation.given
  const rule = policy?.value ?? (access && access.value !== 'manage' ? ruleNameOf(access.value) : ROOT_RULE)
  const keys = await keysOf(arm, rule, { namespace, hub })
  const groups = await arm.list(`${hub.id}/consumergroups`)
  const connectionString = keys.primaryConnectionString
  return {
    subscriptionId: /\/subscriptions\/([^/]+)/i.exec(namespace.id)?.[1] ?? '',
    resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(namespace.id)?.[1] ?? '',
    namespace: namespace.name,
    namespaceId: namespace.id,
    host: /Endpoint=sb:\/\/([^/;]+)/.exec(connectionString)?.[1] ?? 'localhost',
    ...{ hub: hub.name, hubStatus: textOf(hub.properties['status']) ?? 'Active' },
    consumerGroups: groups.map((group) => group.name).filter((group) => !sameName(group, DEFAULT_CONSUMER_GROUP)),
    ...{ kafka: undefined, tierHasKafka: namespace.properties['kafkaEnabled'] === true },
    conditions: [],
    sign: {
      kind: 'sas',
      rule,
      scope: rule === ROOT_RULE ? 'namespace' : 'hub',
      rights: rule === ROOT_RULE ? ['Manage', 'Send', 'Listen'] : [],
      key: new Secret(keys.primaryKey),
      connectionString: new Secret(connectionString),
      secondary: false,
    },
  }
}

type Arm = Awaited<ReturnType<typeof armClient>>

/** The keys of a rule of the hub, else of the namespace. */
async function keysOf(arm: Arm, rule: string, { namespace, hub }: HubFound) {
  for (const { id } of [hub, namespace]) {
    const rules = await arm.list(`${id}/authorizationRules`)
    if (rules.some(({ name }) => sameName(name, rule))) return arm.listKeys(`${id}/authorizationRules/${rule}`)
  }
  const where = `for hub ${hub.name} in namespace ${namespace.name}`
  const flags = `${longFlagOf(INPUTS.access)} and ${longFlagOf(INPUTS.policy)}`
  throw absent(`There is no access rule ${rule} ${where}`, 'Only create makes a rule.', `Leave out ${flags}.`)
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function choose(invocation: Invocation, all: readonly HubFound[], name: string | undefined): HubFound {
  const whole = ({ namespace, hub }: HubFound) => `${namespace.name}/${hub.name}`
  const { namespace: inNamespace, resourceGroup } = invocation.wanted
  const isMeant = ({ namespace: { id, name: at } }: HubFound) =>
    (!inNamespace || sameName(at, inNamespace.value)) &&
    (!resourceGroup || sameName(/\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '', resourceGroup.value))
  const meant = all
    .filter(isMeant)
    .filter((one) => name === undefined || sameName(one.hub.name, name) || sameName(whole(one), name))
  const [found, ...others] = meant
  if (found && others.length === 0) return found
  const there = all.length === 0 ? 'It has no hub yet.' : `It has: ${all.map(whole).join(', ')}.`
  if (found && name === undefined)
    throw unclear(
      "Can't tell which hub is meant",
      there,
      `Name one of them after the command, such as ${whole(found)}.`,
    )
  if (found) throw unclear(`Several namespaces have a hub ${name}`, there, `Say which: ${whole(found)}`)
  const names = all.map(({ hub }) => hub.name)
  const near = name === undefined ? undefined : suggest(name, names)
  const wanted = name?.split('/').at(-1) ?? 'NAME'
  const make = spellerOfLocal(invocation).command({ hub: { of: wanted, name: wanted } }, 'create')
  const hint = near ? `Did you mean ${near}?` : `Make it with: ${make}`
  throw absent(`There is no hub${name === undefined ? '' : ` ${name}`} in the embedded Azure`, there, hint)
}

const absent = (message: string, why: string, hint: string): Failure =>
  new Failure({ code: 'absent', message, why: [why], hint })

const unclear = (message: string, why: string, hint: string): Failure =>
  new Failure({ code: 'usage', message, why: [why], hint })

/** Throws a `Failure` with all problems of a run that only the running embedded Azure has to answer. */
export function checkLocal(run: Run): void {
  const { invocation } = run
  const problems = [...invocation.problems, ...runProblems(invocation.given, invocation.command)]
  if (problems.length > 0) throw problemsError(run, problems)
}

/** The embedded Azure of the run. Throws a `Failure` if it does not run. */
export async function runningAzure({ invocation, deps }: Pick<Run, 'invocation' | 'deps'>): Promise<LocalRecord> {
  const dataFolder = dataFolderOf(invocation, deps)
  const status = await localStatus({ host: deps.host, dataFolder })
  if (!status.running) throw notRunning(invocation, dataFolder)
  return status
}

const notRunning = (invocation: Invocation, dataFolder: string): Failure =>
  new Failure({
    code: 'local-stopped',
    message: 'The embedded Azure is not running',
    why: [`Nothing answers for the folder ${dataFolder}.`],
    hint: `Start it with: ${spellerOfLocal(invocation).command({ detach: true }, 'local start')}`,
  })

/**
 * The run with the namespace of the embedded Azure that has all its hubs, and with its resource group, where they were
 * not named and are not the default ones. Throws a `Failure` if several namespaces have the hubs. `needsHub: false`: a run
 * that names no hub is about all of them.
 */
export async function withNamespaceFound(run: Run, { needsHub = true } = {}): Promise<Run> {
  const { invocation } = run
  const { given, wanted, problems } = invocation
  const isNamed = wanted.namespace !== undefined && wanted.resourceGroup !== undefined
  if (!given.local?.value || isNamed || problems.length > 0) return run
  const hubs = await hubsHeld(run)
  const names = needsHub || wanted.hubs !== undefined ? hubsOf(wanted).map(nameOf) : []
  const homes = homesOf(invocation, names, hubs)
  const group = wanted.resourceGroup?.value ?? DEFAULTS.resourceGroup
  const usual = wanted.namespace?.value ?? defaultNamespaceName(LOCAL_SUBSCRIPTION.subscriptionId, group)
  const [home, ...others] = homes
  if (
    !home ||
    homes.some(({ namespace, resourceGroup }) => sameName(namespace, usual) && sameName(resourceGroup, group))
  )
    return run
  const found = withGiven(invocation, {
    ...given,
    resourceGroup: said(home.resourceGroup, home.resourceGroup),
    namespace: said(home.namespace, home.namespace),
  })
  if (others.length === 0) return withInvocation(run, found)
  const places = homes.map(({ resourceGroup, namespace }) => `${namespace} (resource group ${resourceGroup})`)
  throw unclear(
    "Can't tell which namespace is meant",
    names.length === 0
      ? `There are several: ${places.join(', ')}`
      : `Several have ${names.length === 1 ? 'this hub' : 'these hubs'}: ${places.join(', ')}`,
    `Say which: ${spellerFor(found).command({})}`,
  )
}

/** The hubs of the embedded Azure of a run, with what Azure does not tell: readers, and what Capture has yet to write. */
export async function hubsHeld({ invocation, deps }: Pick<Run, 'invocation' | 'deps'>): Promise<readonly HubHeld[]> {
  const status = await localStatus({ host: deps.host, dataFolder: dataFolderOf(invocation, deps) })
  return status.running ? ((await askHeld(status))?.hubs ?? []) : []
}

/** One hub of each namespace that has every hub of the run and can be the one that is meant. */
function homesOf(invocation: Invocation, names: readonly string[], hubs: readonly HubHeld[]): readonly HubHeld[] {
  const { namespace, resourceGroup } = invocation.wanted
  const isFirst = (hub: HubHeld, i: number) => hubs.findIndex((one) => one.namespace === hub.namespace) === i
  return hubs.filter(
    (hub, i) =>
      (names[0] === undefined ? isFirst(hub, i) : sameName(hub.name, names[0])) &&
      (!namespace || sameName(hub.namespace, namespace.value)) &&
      (!resourceGroup || sameName(hub.resourceGroup, resourceGroup.value)) &&
      names.every((name) => hubs.some((one) => one.namespace === hub.namespace && sameName(one.name, name))),
  )
}

/** Makes commands for the embedded Azure of the run. */
const spellerOfLocal = (invocation: Invocation): Speller =>
  spellerFor(withGiven(invocation, { local: said(true), data: invocation.given.data }))

/** The data folder of the embedded Azure. */
export function dataFolderOf({ given }: Invocation, { host, cwd }: Deps): string {
  const folder = given.data?.value
  if (folder === undefined) return defaultDataFolder(host)
  return isAbsolute(folder) ? folder : resolve(cwd, folder)
}

/** The Resource Manager of the embedded Azure, which it starts if necessary. */
export async function localEndpoint({ invocation, streams: { io }, azure, deps }: Run): Promise<string> {
  const dataFolder = dataFolderOf(invocation, deps)
  const { host } = deps
  const limits = invocation.given.enforceLimits?.value ? [longFlagOf(INPUTS.enforceLimits)] : []
  const args = ['local', 'start', '--data', dataFolder, ...limits]
  const { started, record } = await startDetached({
    ...{ host, clock: azure.clock, dataFolder, args, signal: azure.stop },
    variables: storageVariables(invocation.given),
  })
  if (started) {
    io.note(`  Started the embedded Azure: process ${record.pid}, folder ${dataFolder}`)
    io.note(`  Stop it with: ${spellerFor(invocation).command({}, 'local stop')}`)
    for (const line of [...(record.notes ?? []), ...storageForgotten(invocation, record)]) io.err(`  ${line}`)
  } else for (const line of notAsAsked(invocation, record)) io.err(`  ${line}`)
  return record.armEndpoint
}

/** What to say of one that already ran, and otherwise than somebody wants. */
export function notAsAsked(invocation: Invocation, record: LocalRecord): readonly string[] {
  const lacksLimits = invocation.given.enforceLimits?.value === true && record.enforcesLimits !== true
  return [...(lacksLimits ? [withoutLimits(invocation)] : []), ...storageElsewhere(invocation, record)]
}

const withoutLimits = (invocation: Invocation): string =>
  `The embedded Azure already runs, without limits. To have them, run this again after: ${spellerFor(invocation).command({}, 'local stop')}`
