import { command, input } from '../inputs/refer.ts'
import { absentNamespace, needHub } from '../engine/absence.ts'
import type { NamespaceRef } from '../engine/cloud.ts'
import { Failure } from '../lib/errors.ts'
import { findByName } from '../lib/names.ts'
import { listOf, say, type Text } from '../lib/phrase.ts'
import type { CaptureActual } from '../resources/capture/capture.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { Settled } from './settle.ts'

type CapturedHub = HubActual & { readonly capture: CaptureActual }
const isCaptured = (hub: HubActual): hub is CapturedHub => hub.capture !== undefined

/** The hub that was named, or the only one that is captured. Throws a `Failure` that says what there is. */
export function chosenHub(settled: Settled, namespace: string, hubs: readonly HubActual[]): CapturedHub {
  const { invocation, spec } = settled
  const isNamed = invocation.wanted.hubs !== undefined
  const wanted = isNamed ? spec.hubs.map(({ name }) => name) : hubs.map(({ name }) => name)
  const found = wanted.flatMap((name) => findByName(hubs, name) ?? [])
  if (isNamed && found.length === 0)
    needHub(DOING, wanted[0]!, { namespace, hubs }, { hint: hubs.length === 0 ? nothingThere(settled) : ANOTHER })
  const captured = found.filter(isCaptured)
  const [only, ...others] = captured
  if (!only) throw notCaptured(settled, found, namespace)
  if (others.length === 0) return only
  throw new Failure({
    code: 'usage',
    message: "Can't tell which hub is meant",
    why: [`These are captured: ${listOf(captured.map(({ name }) => name))}`],
    hint: say`Name one of them with ${input('hub')}.`,
  })
}

const DOING = 'read captured files'

/** What to throw when the namespace does not exist. */
export const nothingCaptured = (settled: Settled, at: NamespaceRef): Failure =>
  absentNamespace(DOING, at, { hint: nothingThere(settled) })

/** What to throw when a partition was asked for that the hub does not have. */
export const absentPartition = (hub: string, partitions: number, partition: number): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't read captured files: hub ${hub} has no partition ${partition}`,
    why: [partitions === 1 ? 'It has one: 0.' : `It has ${partitions}: 0 to ${partitions - 1}.`],
    hint: say`Name one of them with ${input('partition')}.`,
  })

const ANOTHER = say`Name another with ${input('resourceGroup')}, ${input('namespace')} and ${input('hub')}.`

/** Of the embedded Azure, making it is one command. */
const nothingThere = (settled: Settled): Text =>
  isLocal(settled) ? say`Make it, and capture it: ${captureIt(settled, namedHub(settled))}` : ANOTHER

function notCaptured(settled: Settled, hubs: readonly HubActual[], namespace: string): Failure {
  const [hub, ...others] = hubs
  const name = hub && others.length === 0 ? hub.name : undefined
  return new Failure({
    code: 'absent',
    message: `Can't read captured files: ${name === undefined ? `no hub of namespace ${namespace}` : `hub ${name}`} is${name === undefined ? '' : ' not'} captured`,
    why: ['Only the settings of Capture say where the files are. They stay where they are when it is switched off.'],
    hint: say`Switch it on with: ${captureIt(settled, name ?? namedHub(settled))}`,
  })
}

const isLocal = ({ invocation }: Settled): boolean => invocation.given.local?.value ?? false

const namedHub = ({ invocation, spec }: Settled): string =>
  (invocation.wanted.hubs === undefined ? undefined : spec.hubs[0]?.name) ?? 'HUB'

/** The command that captures a hub. The embedded Azure has a storage account by default. */
const captureIt = (settled: Settled, name: string) => {
  const hub = { of: name, name }
  return isLocal(settled)
    ? command('create', { hub, captureContainer: 'raw', yes: true })
    : command('create', { hub, captureStorageAccount: { blank: 'ID' }, captureContainer: { blank: 'NAME' } })
}
