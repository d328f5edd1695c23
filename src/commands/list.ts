import type { Catalog, SubscriptionChoice } from '../engine/cloud.ts'
import { runProblems } from '../inputs/contradictions.ts'
import { isGuid } from '../inputs/parsers.ts'
import { input, type Edits } from '../inputs/refer.ts'
import { Failure, isAzureFailure } from '../lib/errors.ts'
import { say } from '../lib/phrase.ts'
import { isOurs } from '../resources/namespace/tags.ts'
import { spellerFor } from '../run/invocation.ts'
import { linePrinter } from '../run/print-lines.ts'
import { problemsError } from '../run/problems-error.ts'
import type { Run } from '../run/run.ts'
import { connect, subscriptionNamed } from '../run/settle.ts'
import type { SignedIn } from '../run/sign-in.ts'
import { whileReading } from '../run/wait.ts'
import { stringifyDocument } from '../ui/document.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import {
  hubsOf,
  listDocument,
  listEntries,
  listTotals,
  namespacesOf,
  renderList,
  unreadIn,
  type NamespaceFound,
  type SubscriptionFound,
} from '../ui/list/render.ts'
import { canvasOf, paragraph, plain } from '../ui/text.ts'

/** Lists the namespaces and hubs that the account sees. */
export async function list(run: Run): Promise<ExitCode> {
  const { invocation, streams } = run
  const { io, about } = streams
  const problems = [...invocation.problems, ...runProblems(invocation.given, invocation.command)]
  if (problems.length > 0) throw problemsError(run, problems)
  const signedIn = await connect(run)
  const { portal } = signedIn
  const found = await whileReading(run, () => readAll(run, signedIn))
  if (io.json) io.out(stringifyDocument(listDocument(found, { portal, about, speller: spellerFor(invocation) })))
  else if (!io.stdout.isTTY) await printLines(run, found, portal)
  else if (found.some((one) => namespacesOf(one).length > 0)) io.out(renderList(found, canvasOf(io, 'stdout')))
  if (!io.json) tellNext(run, found)
  return EXIT.ok
}

/** Throws the first `Failure` if no subscription could be read. */
async function readAll(run: Run, signedIn: SignedIn): Promise<readonly SubscriptionFound[]> {
  const chosen = await subscriptionsOf(run, signedIn.catalog)
  const found = await Promise.all(chosen.map((one) => readSubscription(run, signedIn, one)))
  const [first, ...others] = found.map(({ namespaces }) => namespaces)
  if (first === undefined) throw noSubscription()
  if (first instanceof Failure && others.every((one) => one instanceof Failure)) throw first
  return found
}

const noSubscription = (): Failure =>
  new Failure({
    code: 'access',
    message: "Can't list anything: this account sees no subscription",
    hint: say`Sign in to another tenant with ${input('tenant')}, or ask for a role in a subscription.`,
  })

type Subscription = Pick<SubscriptionChoice, 'id' | 'name'>

/** The one that was named, or all. */
async function subscriptionsOf(run: Run, catalog: Catalog): Promise<readonly Subscription[]> {
  const named = run.invocation.given.subscription?.value
  if (named === undefined) return run.azure.gate.run((call) => catalog.listSubscriptions(call))
  return isGuid(named) ? [{ id: named, name: named }] : [await subscriptionNamed(run, catalog, named)]
}

async function readSubscription(
  { azure: { gate } }: Run,
  { cloudFor }: SignedIn,
  { id, name }: Subscription,
): Promise<SubscriptionFound> {
  const cloud = cloudFor(id)
  const read = await orFailure(() => gate.run((call) => cloud.listNamespaces(call)))
  if (read instanceof Failure) return { id, name, namespaces: isUnregistered(read) ? [] : read }
  const sorted = [...read].sort((a, b) => a.name.localeCompare(b.name))
  const namespaces = sorted.map(async (namespace): Promise<NamespaceFound> => {
    const resourceGroup = /\/resourceGroups\/([^/]+)/i.exec(namespace.id)?.[1] ?? ''
    const at = { group: resourceGroup, namespace: namespace.name }
    const hubs = await orFailure(() => gate.run((call) => cloud.listHubs(at, call)))
    return { resourceGroup, namespace, hubs: hubs ?? [] }
  })
  return { id, name, namespaces: await Promise.all(namespaces) }
}

async function orFailure<T>(read: () => Promise<T>): Promise<T | Failure> {
  try {
    return await read()
  } catch (error) {
    if (isAzureFailure(error)) return error
    throw error
  }
}

/** Nobody ever made a namespace in it. */
const isUnregistered = ({ azure }: Failure): boolean => azure?.code === 'MissingSubscriptionRegistration'

async function printLines(
  { deps }: Run,
  found: readonly SubscriptionFound[],
  portal: SignedIn['portal'],
): Promise<void> {
  const printer = linePrinter(deps)
  try {
    for (const entry of listEntries(found, portal)) await printer.print(JSON.stringify(entry))
  } catch (error) {
    if (!printer.gone.aborted) throw error
  } finally {
    printer.close()
  }
}

/** Says on stderr what could not be read, how much there is, and what to do with it. */
function tellNext({ invocation, streams: { io } }: Run, found: readonly SubscriptionFound[]): void {
  const { text, command } = spellerFor(invocation)
  const tell = (line: string) => io.note(paragraph(line, io.width).join('\n'))
  if (io.stdout.isTTY) io.gap()
  for (const { what, failure } of unreadIn(found))
    io.err(`  Not listed: ${plain(`${what}. ${failure.why.map(text).join(' ') || failure.message}`)}`)
  const variable = invocation.given.subscription?.variable
  const example = exampleIn(found)
  tell(`${listTotals(found)}${variable === undefined ? '' : `, which ${variable} names`}.`)
  if (!example) return io.note(`  Create one with: ${command({}, 'create')}`)
  const edits = { ...example, ...(invocation.given.local?.value ? { subscription: null } : {}) }
  io.note(`  Connect to one with: ${plain(command(edits, 'show-connection'))}`)
}

/** A namespace with a hub, if possible one that ml-ingest made. */
function exampleIn(found: readonly SubscriptionFound[]): Edits | undefined {
  const all = found.flatMap((one) => namespacesOf(one).map((each) => ({ ...each, subscription: one.id })))
  const ours = all.filter(({ namespace }) => isOurs(namespace))
  const withHub = [...ours, ...all].find((one) => hubsOf(one).length > 0)
  const chosen = withHub ?? all[0]
  if (!chosen) return undefined
  const { subscription, resourceGroup, namespace } = chosen
  const [hub] = hubsOf(chosen)
  return {
    subscription,
    resourceGroup,
    namespace: namespace.name,
    ...(hub && { hub: { of: hub.name, name: hub.name } }),
  }
}
