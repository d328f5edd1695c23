import type { Secret } from '../lib/secret.ts'
import type { Right, RightsDifference } from '../resources/access-rule/access-rule.ts'
import type { Failure } from '../lib/errors.ts'
import type { LoadOutcome } from './load-test.ts'

/** How a pipeline connects to one hub. */
export interface Connection {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly namespace: string
  /** ARM id of the namespace. */
  readonly namespaceId: string
  /** Data plane host: `ns.servicebus.windows.net`, or `localhost[:port]` on the embedded Azure. */
  readonly host: string
  readonly hub: string
  /** `Active`, or whom the hub keeps out: `SendDisabled`. */
  readonly hubStatus: string
  /** Consumer groups other than `$Default`, in Azure's order. */
  readonly consumerGroups: readonly string[]
  /** Nobody asked which ones there are. */
  readonly groupsUnread?: boolean
  /** Where Kafka clients connect to; undefined where the namespace serves none. */
  readonly kafka: KafkaEndpoint | undefined
  /** Whether the tier has a Kafka endpoint. An embedded Azure of an older version serves none on any tier. */
  readonly tierHasKafka: boolean
  /** Azure is deleting the namespace or its group. */
  readonly isEnding?: boolean
  /** What a client needs besides an address and a right: `clients need TLS 1.3`. */
  readonly conditions: readonly Condition[]
  readonly sign: SasAccess | EntraAccess
}

/** What Kafka's clients call `bootstrap.servers` and `security.protocol`. */
export interface KafkaEndpoint {
  /** `ns.servicebus.windows.net:9093`, or `localhost:9092` on the embedded Azure. */
  readonly servers: string
  /** The embedded Azure uses no TLS. */
  readonly protocol: 'SASL_SSL' | 'SASL_PLAINTEXT'
}

/** The user name that tells Event Hubs that the password of a Kafka client is a connection string. */
export const KAFKA_USER = '$ConnectionString'

/** Whether a host is that of the embedded Azure. */
export const isEmbeddedHost = (host: string): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

/** What the namespace or the hub asks of every client. */
export interface Condition {
  readonly of: 'namespace' | 'hub'
  readonly text: string
}

/** Access with a key. */
export interface SasAccess {
  readonly kind: 'sas'
  readonly rule: string
  /** The string of a namespace rule has no EntityPath and works for every hub. */
  readonly scope: 'hub' | 'namespace'
  readonly rights: readonly Right[]
  /** How the rights differ from those asked for, if they do. */
  readonly difference?: RightsDifference | undefined
  readonly key: Secret
  readonly connectionString: Secret
  /** Whether these are the secondary key and string. */
  readonly secondary: boolean
}

/** Access with a Microsoft Entra identity and a data role, because local authentication is off. */
export interface EntraAccess {
  readonly kind: 'entra'
  /** The data roles that the requested access needs, such as `Azure Event Hubs Data Sender`. */
  readonly roles: readonly string[]
  /** Whether this run assigns roles on the hub. */
  readonly granted: boolean
  /** The embedded Azure has no Microsoft Entra ID, so nobody can connect to its namespaces without keys. */
  readonly embedded: boolean
}

/** Gets Microsoft Entra tokens for the data plane. Rejects with a `Failure` when nobody is signed in. */
export interface DataCredential {
  getToken(scopes: string | string[]): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>
}

/** A data plane role of the account. */
export interface DataRole {
  /** `Azure Event Hubs Data Sender`. */
  readonly name: string
  /** ISO 8601, if Azure reports it. */
  readonly assignedOn: string | undefined
}

export type VerifyStep = 'resource-manager' | 'dns' | 'tcp' | 'tls' | 'sign-in' | 'hub' | 'send' | 'read'

/** The result of one step of `verify`. */
export interface StepOutcome {
  readonly step: VerifyStep
  /** `skipped`: not possible or not needed; `detail` says why. */
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly elapsedMs: number
  readonly detail: string
  /** A stable word for the kind of failure. */
  readonly reason?: string
  readonly error?: Failure
}

/** The result of `verify` for one hub. */
export interface Verification {
  readonly hub: string
  readonly host: string
  readonly protocol: 'amqp' | 'kafka'
  /** Null by Kafka: it reads without a group. */
  readonly consumerGroup: string | null
  readonly transport: 'tcp' | 'tls' | 'web-sockets'
  readonly steps: readonly StepOutcome[]
  /** Null without a load test. */
  readonly load: LoadOutcome | null
}
