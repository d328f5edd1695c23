import type { Session } from './session.ts'
export const askTarget = (_s: Session) => undefined as never
export const askCreate = (_s: Session) => undefined as never
export const confirm = async (..._a: unknown[]) => false
