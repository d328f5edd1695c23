import type { CaptureIdentity } from '../inputs/capture-parsers.ts'
import type { GrantRole } from '../inputs/grant-parsers.ts'
import type { LiveTier, Tier } from '../lib/limits.ts'
import type { Secret } from '../lib/secret.ts'
import type { Right } from './spec.ts'

export type Tags = Readonly<Record<string, string>>

export interface ProviderActual {
  /** `Registered`, `NotRegistered`, `Registering`, ...; undefined when it may not be read. */
  readonly state: string | undefined
  /** Normalised names of the regions that offer namespaces; empty when not known. */
  readonly locations: readonly string[]
}

export interface GroupActual {
  readonly name: string
  readonly location: string
  readonly provisioningState: string
  readonly tags: Tags
}

export interface NamespaceActual {
  readonly id: string
  readonly name: string
  /** Normalised: `westeurope`. */
  readonly location: string
  readonly provisioningState: string
  readonly tier: LiveTier
  readonly capacity: number
  /** Highest capacity of auto-inflate; 0 = off. */
  readonly autoInflateMax: number
  readonly kafkaEnabled: boolean
  readonly localAuthDisabled: boolean
  readonly publicNetworkAccess: string
  /** Host of the data plane: `ns.servicebus.windows.net`. */
  readonly host: string
  readonly tags: Tags
}

export interface HubActual {
  readonly name: string
  readonly partitions: number
  /** Undefined when the hub is compacted or Azure answers an absurd number. */
  readonly retentionHours: number | undefined
  /** `Delete`, `Compact`, `DeleteOrCompact`. */
  readonly cleanupPolicy: string
  readonly status: string
  /** Undefined where it is off. */
  readonly capture: CaptureActual | undefined
}

/** Where and how the events of a hub are stored as files. */
export interface CaptureActual {
  /** Resource id of a storage account; empty where the destination is none, as a Data Lake of the first generation. */
  readonly storageAccount: string
  readonly container: string
  readonly intervalSeconds: number
  readonly sizeLimitBytes: number
  readonly archiveNameFormat: string
  readonly skipEmptyArchives: boolean
  readonly identity: CaptureIdentity
}

export interface StorageAccountActual {
  /** `Standard_LRS`, `Premium_LRS`; undefined when it may not be read, so that it may not even be there. */
  readonly sku: string | undefined
}

export interface ConsumerGroupActual {
  readonly name: string
  readonly userMetadata: string | undefined
}

export interface RuleActual {
  readonly name: string
  readonly rights: readonly Right[]
}

export interface RoleAssignmentActual {
  /** Object id, lower case. */
  readonly principalId: string
  /** `ServicePrincipal`, `User`, `Group`, ... */
  readonly principalType: string
  readonly role: GrantRole
  /** The hub it was made on; undefined when it was made above and holds for every hub. */
  readonly hub: string | undefined
  readonly from: 'hub' | 'namespace' | 'resource group' | 'subscription' | 'management group'
}

export interface Keys {
  readonly primaryKey: Secret
  readonly secondaryKey: Secret
  readonly primaryConnectionString: Secret
  readonly secondaryConnectionString: Secret
  /** Host, and port if it is not the usual one, that the strings lead to: the embedded Azure's is `localhost`. */
  readonly host: string
}

export type NameCheck =
  { readonly available: true } | { readonly available: false; readonly reason: string; readonly message: string }

export interface NewNamespace {
  readonly location: string
  readonly tier: Tier
  readonly capacity: number
  readonly autoInflateMax: number
  /** True: keys are refused. */
  readonly localAuthDisabled?: boolean
  readonly tags: Tags
}

/** Only the keys present are sent. `sku` goes as a whole, as do auto-inflate's two fields, and tags replace the map. */
export interface NamespaceChanges {
  readonly sku?: { readonly tier: Tier; readonly capacity: number }
  readonly autoInflateMax?: number
  readonly localAuthDisabled?: boolean
  readonly tags?: Tags
}

export interface NewHub {
  readonly partitions: number
  /** Undefined for a compacted hub, which keeps the newest event of each key. */
  readonly retentionHours: number | undefined
  readonly capture?: CaptureActual
}

export interface HubChanges {
  readonly partitions?: number
  readonly retentionHours?: number
  /** `off`, or on with these: what is left out stays as it was, or is the default where it never was. */
  readonly capture?: Partial<CaptureActual> | 'off'
}

export interface ConsumerGroupBody {
  readonly userMetadata: string
}
