import { isInTransition, type Actual } from '../engine/actual.ts'
import { awaitQuiet } from '../engine/await-state.ts'
import type { Cloud } from '../engine/cloud.ts'
import { Gate } from '../engine/gate.ts'
import type { Reporter } from '../engine/plan-types.ts'
import { plan } from '../engine/plan.ts'
import { readActual } from '../engine/read-actual.ts'
import type { Spec } from '../spec/spec.ts'
import type { Session } from './session.ts'

/** Reading, without interest in what may be written: an interruption drops requests at once. */
export function gateOf(session: Session): Gate {
  const { clock, random } = session.deps
  return new Gate({ clock, random, stop: session.stop })
}

/**
 * What exists, once nobody else is changing it: a namespace or group found in transition is waited for, since what is
 * read meanwhile is not what will be there.
 */
export async function readSettled(
  session: Session,
  cloud: Cloud,
  spec: Spec,
  options: { readonly withKeys: boolean; readonly reporter: Reporter },
): Promise<Actual> {
  const gate = gateOf(session)
  for (;;) {
    const actual = await readActual(cloud, gate, spec, options)
    const { clock } = session.deps
    const startedAt = clock.now()
    const wait = (what: string, read: () => Promise<{ readonly provisioningState: string } | undefined>) =>
      awaitQuiet(read, {
        clock,
        stop: session.stop,
        onState: (state) => options.reporter.waiting(`${what} (${state})`, clock.now() - startedAt),
      })
    const at = { group: spec.resourceGroup, namespace: spec.namespace.name }
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
  session: Session,
  cloud: Cloud,
  spec: Spec,
  options: { readonly withKeys: boolean; readonly reporter: Reporter },
): Promise<Actual> {
  const { clock } = session.deps
  for (let look = 1; ; look++) {
    const actual = await readSettled(session, cloud, spec, options)
    if (look === LOOKS || plan(spec, actual).outcome === 'no-op') return actual
    await clock.sleep(FIRST_LOOK_AGAIN_MS * 2 ** (look - 1), session.stop)
  }
}
