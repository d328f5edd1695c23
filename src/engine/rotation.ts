import type { Clock } from '../lib/clock.ts'
import type { Cloud, RuleRef, Keys } from './cloud.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { Connection, SasAccess } from './connection.ts'
import { type Gate, abortAfterGrace, isTurnedAway } from './gate.ts'

export type KeyName = 'primary' | 'secondary'

/** The secondary first: strings with the primary go on meanwhile. */
export const KEY_OF_STAGE = { '1': 'secondary', '2': 'primary' } as const
export type Stage = keyof typeof KEY_OF_STAGE

/** A connection that signs with a key. */
export type SasConnection = Connection & { readonly sign: SasAccess }

export const isSas = (connection: Connection): connection is SasConnection => connection.sign.kind === 'sas'

/** What became of a renewal. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly connection: SasConnection }
  /** `not`: Azure did nothing. `unknown`: it was asked, and no answer came. */
  | { readonly outcome: 'not' | 'unknown'; readonly error: unknown }

export interface RenewOptions {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly gate: Gate
  /** An interruption or the deadline; an answer under way gets some seconds. */
  readonly stop: AbortSignal
  /** Told before each wait for a namespace that is busy, or an Azure that asks to slow down. */
  readonly onWait: (elapsedMs: number) => void
  /** Told when an interruption comes while Azure is at it. */
  readonly onStop: () => void
}

/**
 * Has one key of the connection's rule replaced and answers the connection with the new one. Azure replaces it anew
 * whenever it is asked, also when only the answer was lost: what this answers is what holds.
 */
export async function renewKey(connection: SasConnection, key: KeyName, options: RenewOptions): Promise<Renewal> {
  const { cloud, clock, stop } = options
  const startedAt = clock.now()
  let isAsked = false
  const abort = abortAfterGrace(clock, stop, () => isAsked && options.onStop())
  const gate = options.gate.endedBy(abort.signal)
  try {
    const keys = await gate.run(
      (call) => {
        isAsked = true
        return cloud.renewKey(ruleOf(connection), key, call)
      },
      {
        kind: 'writes',
        onWait: (error) => {
          isAsked = isAsked && !isTurnedAway(error)
          options.onWait(clock.now() - startedAt)
        },
      },
    )
    return { outcome: 'renewed', connection: withKey(connection, keys, key) }
  } catch (error) {
    return { outcome: isAsked && !isRefusal(error) ? 'unknown' : 'not', error }
  } finally {
    abort.dispose()
  }
}

const isRefusal = (error: unknown): boolean => isAzureFailure(error) && isTurnedAway(error)

const ruleOf = ({ resourceGroup: group, namespace, hub, sign: { rule, scope } }: SasConnection): RuleRef => ({
  ...{ group, namespace, rule },
  ...(scope === 'hub' ? { hub } : {}),
})

const withKey = (connection: SasConnection, keys: Keys, name: KeyName): SasConnection => ({
  ...connection,
  host: keys.host,
  sign: {
    ...connection.sign,
    key: keys[`${name}Key`],
    connectionString: keys[`${name}ConnectionString`],
    secondary: name === 'secondary',
  },
})
