import { isInTransition, type Actual, type Provisioned } from '../engine/actual.ts'
import { awaitQuiet } from '../engine/await-state.ts'
import type { Cloud, NamespaceRef } from '../engine/cloud.ts'
import type { Reporter } from '../engine/report.ts'
import { plan } from '../engine/plan.ts'
import { readActual } from '../engine/read-actual.ts'
import type { Spec } from '../resources/front-door.ts'
import type { AzureLink } from './run.ts'

interface Reading {
  readonly azure: AzureLink
  readonly cloud: Cloud
  readonly reporter: Reporter
}

/** Reads what exists for a spec, once nobody else is changing the namespace or the group. */
export async function readSettled(reading: Reading, spec: Spec, withKeys: boolean): Promise<Actual> {
  const { cloud, azure } = reading
  const at = { group: spec.resourceGroup, namespace: spec.namespace.name }
  return readOnceStable(reading, at, () => readActual(cloud, azure.gate, spec, { withKeys }))
}

/** Reads until neither namespace nor group is in transition. */
export async function readOnceStable<T extends Pick<Actual, 'namespace' | 'group'>>(
  { azure, cloud, reporter }: Reading,
  at: NamespaceRef,
  read: () => Promise<T>,
): Promise<T> {
  const { clock, gate, stop } = azure
  for (;;) {
    const actual = await read()
    const startedAt = clock.now()
    const wait = (what: string, look: () => Promise<Provisioned | undefined>) =>
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

/** Reads after writing, several times if necessary, until Azure shows all changes. */
export async function readUntilDone(reading: Reading, spec: Spec, withKeys: boolean): Promise<Actual> {
  const { clock, stop } = reading.azure
  for (let look = 1; ; look++) {
    const actual = await readSettled(reading, spec, withKeys)
    if (look === LOOKS || plan(spec, actual).outcome === 'no-op') return actual
    await clock.sleep(FIRST_LOOK_AGAIN_MS * 2 ** (look - 1), stop)
  }
}
