import { absentNamespace } from '../engine/absence.ts'
import { whereOf } from '../engine/actual.ts'
import { invalid } from '../inputs/given.ts'
import { command } from '../inputs/refer.ts'
import { Failure } from '../lib/errors.ts'
import { say } from '../lib/phrase.ts'
import { askTarget } from '../run/ask.ts'
import { withHubNamed } from '../run/hub-named.ts'
import { spellerFor } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import { settle, type Settled } from '../run/settle.ts'
import { whileReading } from '../run/wait.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { spelledFailure } from '../ui/spell.ts'

/** Prints the page of the namespace or hub in the portal, and opens it for a person. */
export async function open(opened: Run): Promise<ExitCode> {
  const { local } = opened.invocation.given
  const run = withHubNamed(opened, local?.value ? [invalid('local', local, NO_PORTAL)] : [])
  const { deps, streams } = run
  const { io } = streams
  const settled = await settle(run, { yes: false, ask: askTarget(run, 'open') })
  const namespaceId = await idOfNamespace(run, settled)
  const [hub, ...others] = settled.invocation.given.hub?.value ?? []
  const page = pageOf(settled, hub && others.length === 0 ? `${namespaceId}/eventhubs/${hub.name}` : namespaceId)
  io.out(page)
  if (!io.stdout.isTTY || io.ci !== undefined) return EXIT.ok
  const isOpen = await deps.openPage(page)
  io.note(isOpen ? '  Opening it in the browser.' : '  No browser could be started here. Open the page yourself.')
  return EXIT.ok
}

/** Throws a `Failure` where there is no portal, and only then asks Azure. */
async function idOfNamespace(run: Run, settled: Settled): Promise<string> {
  const { invocation, signedIn, spec } = settled
  pageOf(settled, '')
  const at = whereOf(spec)
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const found = await whileReading(run, () => run.azure.gate.run((call) => cloud.readNamespace(at, call)))
  if (found) return found.id
  const failure = absentNamespace('open the portal', at, { hint: say`See what there is with: ${command('list')}` })
  throw spelledFailure(failure, spellerFor(invocation))
}

function pageOf({ signedIn: { portal, armEndpoint = '' } }: Settled, resourceId: string): string {
  const page = portal(resourceId)
  if (page !== undefined) return page
  throw new Failure({
    code: 'usage',
    message: "Can't open the portal",
    why: [`${armEndpoint} is not an endpoint of Azure, and nothing tells the address of its portal.`],
    hint: 'Unset ML_INGEST_ARM_ENDPOINT to use Azure.',
  })
}

const NO_PORTAL = say`has no page: the embedded Azure has no portal. See what it contains with: ${command('local status')}`
