import type { Clock } from '../lib/clock.ts'
import type { Cloud, RuleRef } from './cloud.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { Connection, SasAccess } from './connection.ts'
import { type Gate, abortAfterGrace, isRejected } from './gate.ts'

/** The secondary key first, while clients still use the primary. */
export const KEY_OF_STAGE = { '1': 'secondary', '2': 'primary' } as const
export type Stage = keyof typeof KEY_OF_STAGE

/** A connection that signs with a key. */
export type SasConnection = Connection & { readonly sign: SasAccess }

export const isSas = (connection: Connection): connection is SasConnection => connection.sign.kind === 'sas'

/** The result of a renewal. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly connection: SasConnection }
  /** `not`: no key was renewed. `unknown`: the request was sent, but no answer came. */
  | { readonly outcome: 'not' | 'unknown'; readonly error: unknown }

export interface RenewOptions {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly gate: Gate
  /** Fires on an interruption or at the deadline; a pending answer may still take some seconds. */
  readonly stop: AbortSignal
  /** Called before each retry. */
  readonly onWait: (elapsedMs: number) => void
  /** Called when an interruption comes while the request is pending. */
  readonly onStop: () => void
}

/**
 * Renews one key of the connection's rule and answers the connection with the new key. A retry after a lost answer renews
 * the key again; the connection always has the latest one.
 */
export async function renewKey(
  connection: SasConnection,
  key: 'primary' | 'secondary',
  options: RenewOptions,
): Promise<Renewal> {
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
          isAsked = isAsked && !isRejected(error)
          options.onWait(clock.now() - startedAt)
        },
      },
    )
    const { [`${key}Key` as const]: newKey, [`${key}ConnectionString` as const]: connectionString, host } = keys
    const sign = { ...connection.sign, key: newKey, connectionString, secondary: key === 'secondary' }
    return { outcome: 'renewed', connection: { ...connection, host, sign } }
  } catch (error) {
    const isRefused = isAzureFailure(error) && isRejected(error)
    return { outcome: isAsked && !isRefused ? 'unknown' : 'not', error }
  } finally {
    abort.dispose()
  }
}

const ruleOf = ({ resourceGroup: group, namespace, hub, sign: { rule, scope } }: SasConnection): RuleRef => ({
  ...{ group, namespace, rule },
  ...(scope === 'hub' ? { hub } : {}),
})
