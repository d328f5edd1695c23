import type { Session } from './session.ts'
export async function local(..._a: [Session, ...unknown[]]): Promise<0> { return 0 }
