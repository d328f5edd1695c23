import type { Session } from './session.ts'

export async function localEndpoint(_session: Session): Promise<string> {
  throw new Error('later')
}
