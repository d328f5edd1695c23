import type { Connection } from '../../engine/connection.ts'
import { DEFAULT_CONSUMER_GROUP } from '../../lib/limits.ts'

/** The environment variables that programs read. */
export interface VariableNames {
  /** Of the connection string. */
  readonly string: string
  /** Of the name of the hub. Without it, a program names the hub itself. */
  readonly hub?: string | undefined
}

/** The facts for a program. It reads the connection string from the environment and never contains it. */
export interface Subject {
  /** A string literal for Python, JavaScript and Java: names in Azure have no character that needs an escape. */
  readonly hub: string
  readonly group: string
  readonly host: string
  readonly names: VariableNames
  readonly sends: boolean
  readonly listens: boolean
  readonly entra: boolean
  /** The string names no hub. */
  readonly addEntityPath: boolean
}

export function subjectOf(connection: Connection, names: VariableNames): Subject {
  const { sign } = connection
  const may = (right: 'Send' | 'Listen', role: string) =>
    sign.kind === 'sas'
      ? sign.rights.includes(right) || sign.rights.includes('Manage')
      : sign.roles.some((name) => name.endsWith(role) || name.endsWith('Data Owner'))
  return {
    hub: JSON.stringify(connection.hub),
    group: JSON.stringify(connection.consumerGroups[0] ?? DEFAULT_CONSUMER_GROUP),
    host: JSON.stringify(connection.host),
    names,
    sends: may('Send', 'Data Sender'),
    listens: may('Listen', 'Data Receiver'),
    entra: sign.kind === 'entra',
    addEntityPath: sign.kind === 'sas' && sign.scope === 'namespace',
  }
}

/** The hub in a program: its name, or what reads its variable in that language. */
export const hubOf = ({ hub, names }: Subject, read: (variable: string) => string): string =>
  names.hub === undefined ? hub : read(names.hub)

/** Lines of a program. Those that are undefined are left out. */
export type Lines = readonly (string | undefined)[]

export const when = (condition: boolean, lines: Lines): Lines => (condition ? lines : [])
