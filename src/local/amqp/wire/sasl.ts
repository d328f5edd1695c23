import type { FieldsOf } from './performatives.ts'

/**
 * Like the service, we learn by CBS who the client is, after the handshake. MSSBCBS is the name that .NET uses for
 * that. PLAIN carries a rule's name and key.
 */
export const MECHANISMS = ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL'] as const

/** Codes of the outcome (AMQP 1.0 part 5, section 5.3.3.6). */
export const OUTCOME = { ok: 0, auth: 1 } as const

/** The outcome for what a client has sent. `onPassword` decides about a name and a password. */
export function outcomeOf(
  { mechanism, initialResponse }: FieldsOf<'sasl-init'>,
  onPassword: (user: string, password: string) => boolean,
): number {
  if (!MECHANISMS.some((known) => known === mechanism)) return OUTCOME.auth
  if (mechanism !== 'PLAIN') return OUTCOME.ok
  const [, user = '', password = ''] = (initialResponse?.toString('utf8') ?? '').split('\0')
  return onPassword(user, password) ? OUTCOME.ok : OUTCOME.auth
}
