import type { Secret } from '../lib/secret.ts'
import type { Right } from '../resources/access-rule.ts'
import type { Failure } from '../lib/errors.ts'

/** How a pipeline reaches one hub. */
export interface Connection {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly namespace: string
  /** ARM id of the namespace. */
  readonly namespaceId: string
  /** Host of the data plane without scheme: `ns.servicebus.windows.net`, or `localhost[:port]` on the embedded Azure. */
  readonly host: string
  readonly hub: string
  /** The hub's own groups (without `$Default`), in Azure's order. */
  readonly consumerGroups: readonly string[]
  /** Whether the namespace serves Kafka clients. */
  readonly kafka: boolean
  readonly sign: SasAccess | EntraAccess
}

/** Signing with a key. */
export interface SasAccess {
  readonly kind: 'sas'
  readonly rule: string
  /** `namespace` for a rule above the hub: its string carries no EntityPath and opens every hub. */
  readonly scope: 'hub' | 'namespace'
  readonly rights: readonly Right[]
  readonly key: Secret
  readonly connectionString: Secret
  /** Whether these are the secondary key and string. */
  readonly secondary: boolean
}

/** Local authentication is off: a Microsoft Entra identity with a data role signs instead of a key. */
export interface EntraAccess {
  readonly kind: 'entra'
  /** The data roles needed for the access asked for, such as `Azure Event Hubs Data Sender`. */
  readonly roles: readonly string[]
  /** Whether the run names who gets roles on the hub. */
  readonly granted: boolean
  /** The embedded Azure has no Microsoft Entra ID: nobody can connect to its namespaces without keys. */
  readonly embedded: boolean
}

/** Gives tokens of Microsoft Entra ID for the data plane; rejects with a `Failure` when nobody is signed in. */
export interface DataCredential {
  getToken(scopes: string | string[]): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>
}

/** A role for the data plane that somebody has. */
export interface DataRole {
  /** `Azure Event Hubs Data Sender`. */
  readonly name: string
  /** ISO 8601, where Azure tells. */
  readonly assignedOn: string | undefined
}

export type VerifyStep = 'resource-manager' | 'dns' | 'tcp' | 'tls' | 'sign-in' | 'hub' | 'send' | 'read'

/** One step of trying a connection, and how it went. */
export interface StepOutcome {
  readonly step: VerifyStep
  /** `skipped`: there is nothing to try, `detail` says why. */
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly elapsedMs: number
  readonly detail: string
  /** A stable word that tells one kind of failure from another. */
  readonly reason?: string
  readonly error?: Failure
}

/** How one hub was tried. */
export interface Verification {
  readonly hub: string
  readonly host: string
  readonly consumerGroup: string
  readonly transport: 'tcp' | 'tls' | 'web-sockets'
  readonly steps: readonly StepOutcome[]
}
