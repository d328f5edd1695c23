import { nameOfIdentity } from '../../inputs/identity.ts'
import { findByName, sameName } from '../../lib/names.ts'
import { listOf } from '../../lib/phrase.ts'
import type { IdentitySpec } from '../identity.ts'
import type { Refusal } from '../step.ts'
import { MANAGED_IDENTITY } from './account.ts'
import type { CaptureActual } from './capture.ts'
import { destinationAfter, type CapturedHub } from './plan.ts'

/** The hubs of the run, and all that the namespace has. */
export interface CapturedHubs {
  readonly wanted: readonly CapturedHub[]
  readonly live: readonly LiveHub[]
}
interface LiveHub {
  readonly name: string
  readonly capture: CaptureActual | undefined
}

/** Refuses to take an identity from the namespace while Capture of a hub uses it, also of hubs that the run does not name. */
export function refuseIdentityRemoval(
  { removed }: IdentitySpec,
  gone: readonly string[],
  hubs: CapturedHubs,
): readonly Refusal[] {
  const captured = identitiesOfHubs(hubs)
  const used = gone.filter((one) => captured.some(({ identity }) => sameName(identity, one)))
  const left = removed === 'all' ? [] : removed.filter((one) => !used.some((other) => sameName(one, other)))
  const keep = removed === 'all' ? { identity: used } : { removeIdentity: left.length === 0 ? null : left }
  return used.map((one): Refusal => {
    const names = captured.filter(({ identity }) => sameName(identity, one)).map(({ name }) => name)
    return {
      what: `Can't take the managed identity ${nameOfIdentity(one)} away from the namespace`,
      because: `Capture of ${names.length === 1 ? 'hub' : 'hubs'} ${listOf(names)} writes with it.`,
      waysOut: [
        { text: 'keep it', edit: keep },
        { text: 'let Capture use another identity, or switch it off, in the same run' },
      ],
      link: MANAGED_IDENTITY,
    }
  })
}

/** What Capture of each hub signs in with after the run. */
function identitiesOfHubs({ wanted, live }: CapturedHubs) {
  const others = live.filter(({ name }) => !findByName(wanted, name))
  return [
    ...wanted.flatMap(({ name, capture }) => {
      const there = findByName(live, name)?.capture
      if (capture && !capture.enabled) return []
      const destination = capture ? destinationAfter(capture, there) : there
      return destination ? [{ name, identity: destination.identity }] : []
    }),
    ...others.flatMap(({ name, capture }) => (capture ? [{ name, identity: capture.identity }] : [])),
  ]
}
