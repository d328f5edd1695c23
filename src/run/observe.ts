import { isInTransition, type Actual } from '../engine/actual.ts'
import { awaitQuiet } from '../engine/await-state.ts'
import type { Cloud, NamespaceRef } from '../engine/cloud.ts'
import { type DeletionActual, type DeletionRequest, readDeletion } from '../engine/deletion.ts'
import type { Reporter } from '../engine/report.ts'
import { plan } from '../engine/plan.ts'
import { readActual } from '../engine/read-actual.ts'
import type { Spec } from '../resources/front-door.ts'
import type { AzureLink } from './run.ts'

/**
 * What exists, once nobody else is changing it: a namespace or group found in transition is waited for, since what is
 * read meanwhile is not what will be there.
 */
export async function readSettled(
  azure: AzureLink,
  cloud: Cloud,
  spec: Spec,
  options: { readonly withKeys: boolean; readonly reporter: Reporter },
): Promise<Actual> {
  const at = { group: spec.resourceGroup, namespace: spec.namespace.name }
  return onceQuiet({ azure, cloud, at, reporter: options.reporter }, () => readActual(cloud, azure.gate, spec, options))
}

/** What of a deletion exists, once nobody else is changing it: what somebody else is deleting is gone by then. */
export const readDeletionSettled = (
  azure: AzureLink,
  cloud: Cloud,
  wish: DeletionRequest,
  reporter: Reporter,
): Promise<DeletionActual> =>
  onceQuiet({ azure, cloud, at: wish.at, reporter }, () => readDeletion(cloud, azure.gate, wish))

interface Watch {
  readonly azure: AzureLink
  readonly cloud: Cloud
  readonly at: NamespaceRef
  readonly reporter: Reporter
}

/** Reads again until neither namespace nor group is in transition. */
async function onceQuiet<T extends Pick<Actual, 'namespace' | 'group'>>(
  { azure, cloud, at, reporter }: Watch,
  read: () => Promise<T>,
): Promise<T> {
  const { clock, gate, stop } = azure
  for (;;) {
    const actual = await read()
    const startedAt = clock.now()
    const wait = (what: string, look: () => Promise<{ readonly provisioningState: string } | undefined>) =>
      awaitQuiet(look, {
        clock,
        stop,
        onState: (state) => reporter.waiting(`${what} (${state})`, clock.now() - startedAt),
      })
    if (actual.namespace && isInTransition(actual.namespace)) {
      await wait(`namespace ${at.namespace}`, () => gate.run((call) => cloud.readNamespace(at, call)))
    } else if (actual.group && isInTransition(actual.group)) {
      await wait(`resource group ${at.group}`, () => gate.run((call) => cloud.readGroup(at.group, call)))
    } else return actual
  }
}

const LOOKS = 8
const FIRST_LOOK_AGAIN_MS = 500

/**
 * Reads again after writing, never assumes: looks until everything is seen as wanted. What Azure still does not show after
 * some looks is left to whoever needs it to complain about.
 */
export async function readUntilDone(
  azure: AzureLink,
  cloud: Cloud,
  spec: Spec,
  options: { readonly withKeys: boolean; readonly reporter: Reporter },
): Promise<Actual> {
  const { clock, stop } = azure
  for (let look = 1; ; look++) {
    const actual = await readSettled(azure, cloud, spec, options)
    if (look === LOOKS || plan(spec, actual).outcome === 'no-op') return actual
    await clock.sleep(FIRST_LOOK_AGAIN_MS * 2 ** (look - 1), stop)
  }
}
