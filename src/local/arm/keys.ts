import { randomBytes } from 'node:crypto'
import { type Right, type Rule } from './model.ts'

/** A key as Azure makes them: 32 random bytes, base64, 44 characters. */
export const newKey = (): string => randomBytes(32).toString('base64')

export const newRule = (name: string, rights: readonly Right[]): Rule => ({
  name,
  rights,
  primaryKey: newKey(),
  secondaryKey: newKey(),
})

export const ROOT_RULE = 'RootManageSharedAccessKey'

/** The rule that every namespace is born with; its rights come back in this order. */
export const rootRule = (): Rule => newRule(ROOT_RULE, ['Listen', 'Manage', 'Send'])

const STANDARD_PORT = 5672

/**
 * A connection string that official clients take for an emulator. Exactly these parts and no final semicolon: the Java
 * client refuses a part that it does not know.
 * https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator
 */
export function connectionString(port: number, rule: string, key: string, hub: string | undefined): string {
  const endpoint = port === STANDARD_PORT ? 'sb://localhost' : `sb://localhost:${port}`
  const entity = hub === undefined ? '' : `;EntityPath=${hub}`
  return `Endpoint=${endpoint};SharedAccessKeyName=${rule};SharedAccessKey=${key};UseDevelopmentEmulator=true${entity}`
}
