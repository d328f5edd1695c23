import type { Failure } from '../lib/errors.ts'

/** Somewhat more than Microsoft Entra usually takes to show a new principal everywhere. */
const PATIENCE_MS = 3 * 60_000

/** Azure does not find whom a role is given to. */
export const isUnknownPrincipal = ({ azure }: Failure): boolean => azure?.code === 'PrincipalNotFound'

/**
 * Whether it may be found yet: a principal that was just made shows up within minutes, a wrong id never.
 * https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
 */
export const mayShowUpYet = (error: Failure, waitedMs: number): boolean =>
  isUnknownPrincipal(error) && waitedMs < PATIENCE_MS
