import { KAFKA_USER, type Connection, type SasAccess } from '../../engine/connection.ts'
import { kafkaOf } from './facts.ts'

export type KafkaFormat = 'kafka' | 'librdkafka'

/** The package of the login modules in kafka-clients. */
export const SECURITY = 'org.apache.kafka.common.security'

/** The variables that the libraries of Azure read, too. */
const TENANT = 'AZURE_TENANT_ID'
const CLIENT = 'AZURE_CLIENT_ID'
const PASSWORD = 'AZURE_CLIENT_SECRET'

/**
 * Settings of a Kafka client. The topic is the hub. Kafka creates its consumer groups on first use. Without keys the client
 * signs in as a service principal, whose id and secret come from the environment.
 */
export function formatKafka(format: KafkaFormat, connection: Connection): string {
  const { sign } = connection
  const { servers, protocol } = kafkaOf(connection)
  const settings = SETTINGS[format]
  return [
    `# topic: ${connection.hub}`,
    ...(sign.kind === 'sas' ? [] : settings.usage(connection)),
    `bootstrap.servers=${servers}`,
    `security.protocol=${protocol}`,
    ...(sign.kind === 'sas' ? settings.plain(sign) : settings.oauth(connection)),
  ].join('\n')
}

interface Settings {
  readonly plain: (access: SasAccess) => readonly string[]
  /** Comments: where the values come from. */
  readonly usage: (connection: Connection) => readonly string[]
  readonly oauth: (connection: Connection) => readonly string[]
}

const SETTINGS: Readonly<Record<KafkaFormat, Settings>> = {
  kafka: {
    plain: ({ connectionString }) => [
      'sasl.mechanism=PLAIN',
      `sasl.jaas.config=${javaProperty(plainLogin(quoteJaas(connectionString.reveal())))}`,
    ],
    usage: (connection) => [
      `# reads ${TENANT}, ${CLIENT} and ${PASSWORD} from the environment (kafka-clients 3.5 or newer)`,
      `# from 4.0 on, start Java with -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${tokenUrlOf(connection, 'TENANT_ID')}`,
    ],
    oauth: (connection) => [
      'sasl.mechanism=OAUTHBEARER',
      'config.providers=env',
      'config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      `sasl.login.callback.handler.class=${SECURITY}.oauthbearer.OAuthBearerLoginCallbackHandler`,
      `sasl.oauthbearer.token.endpoint.url=${tokenUrlOf(connection, fromProvider(TENANT))}`,
      `sasl.jaas.config=${oauthLogin(connection, fromProvider(CLIENT), fromProvider(PASSWORD))}`,
    ],
  },
  // https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
  librdkafka: {
    plain: ({ connectionString }) => [
      'sasl.mechanisms=PLAIN',
      `sasl.username=${KAFKA_USER}`,
      `sasl.password=${connectionString.reveal()}`,
    ],
    usage: () => [
      `# fill in ${TENANT}, ${CLIENT} and ${PASSWORD} with: envsubst < this-file (librdkafka 1.9 or newer)`,
    ],
    oauth: (connection) => [
      'sasl.mechanisms=OAUTHBEARER',
      'sasl.oauthbearer.method=oidc',
      `sasl.oauthbearer.client.id=\${${CLIENT}}`,
      `sasl.oauthbearer.client.secret=\${${PASSWORD}}`,
      `sasl.oauthbearer.token.endpoint.url=${tokenUrlOf(connection, `\${${TENANT}}`)}`,
      `sasl.oauthbearer.scope=${scopeOf(connection)}`,
    ],
  },
}

/** Kafka's own reading of variables, since 3.5. https://kafka.apache.org/documentation/#config_providers */
const fromProvider = (variable: string): string => `\${env:${variable}}`

/** The JAAS entry of a client with a key. */
export const plainLogin = (password: string): string =>
  `${SECURITY}.plain.PlainLoginModule required username="${KAFKA_USER}" password="${password}";`

/** The JAAS entry of a service principal. */
export const oauthLogin = (connection: Connection, clientId: string, clientSecret: string): string =>
  `${SECURITY}.oauthbearer.OAuthBearerLoginModule required clientId="${clientId}" clientSecret="${clientSecret}" scope="${scopeOf(connection)}";`

const scopeOf = ({ host }: Connection): string => `https://${host}/.default`

/** Where tokens come from in each cloud. https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
const LOGIN_HOSTS: readonly (readonly [dataSuffix: string, login: string])[] = [
  ['.servicebus.usgovcloudapi.net', 'login.microsoftonline.us'],
  ['.servicebus.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
  ['', 'login.microsoftonline.com'],
]

/** The address where a service principal of the tenant gets its tokens. */
export function tokenUrlOf({ host }: Connection, tenant: string): string {
  const [, login] = LOGIN_HOSTS.find(([suffix]) => host.endsWith(suffix))!
  return `https://${login}/${tenant}/oauth2/v2.0/token`
}

const quoteJaas = (value: string): string => value.replace(/[\\"]/g, '\\$&')

/** In the values of a Java properties file a backslash starts an escape. */
const javaProperty = (value: string): string => value.replaceAll('\\', '\\\\')
