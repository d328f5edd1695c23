import type { Env } from '../inputs/given.ts'
import type { Connection, KafkaEndpoint } from '../engine/connection.ts'

/** With `UseDevelopmentEmulator=true` in the string, clients use AMQP without TLS on this port. */
const EMULATOR_PORT = 5672
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-faq#what-ports-do-i-need-to-open-on-the-firewall */
const AMQPS_PORT = 5671
const HTTPS_PORT = 443

/** Where clients connect to. */
export interface ConnectionTarget {
  readonly hostname: string
  readonly port: number
  readonly protocol: 'amqp' | 'kafka'
  /** `tcp`: the embedded Azure. */
  readonly transport: 'tcp' | 'tls' | 'web-sockets'
  /** Only for WebSockets. */
  readonly proxy: URL | undefined
}

/** Where the clients of Azure connect to. */
export function targetOf(
  connection: Connection,
  { webSockets, env }: { readonly webSockets: boolean; readonly env: Env },
): ConnectionTarget {
  const { hostname, port } = new URL(`sb://${connection.host}`)
  const at = (defaultPort: number) => ({
    ...{ hostname, port: Number(port || defaultPort) },
    ...({ protocol: 'amqp', proxy: undefined } as const),
  })
  if (isEmulator(connection)) return { ...at(EMULATOR_PORT), transport: 'tcp' }
  if (!webSockets) return { ...at(AMQPS_PORT), transport: 'tls' }
  return { ...at(HTTPS_PORT), transport: 'web-sockets', proxy: proxyFor(hostname, env) }
}

/** Where Kafka clients connect to. */
export function kafkaTargetOf({ servers, protocol }: KafkaEndpoint): ConnectionTarget {
  const { hostname, port } = new URL(`kafka://${servers}`)
  const transport = protocol === 'SASL_SSL' ? 'tls' : 'tcp'
  return { hostname, port: Number(port), protocol: 'kafka', transport, proxy: undefined }
}

const isEmulator = ({ sign }: Connection): boolean =>
  sign.kind === 'sas' && /(^|;)UseDevelopmentEmulator=true(;|$)/i.test(sign.connectionString.reveal())

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']

/** The proxy in the environment, unless NO_PROXY excludes the host. */
export function proxyFor(hostname: string, env: Env): URL | undefined {
  const given = PROXY_VARIABLES.map((name) => env[name]).find((url) => url !== undefined && URL.canParse(url))
  if (given === undefined || isExcluded(hostname, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined
  return new URL(given)
}

const isExcluded = (hostname: string, noProxy: string): boolean =>
  noProxy
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim().replace(/^\*?\./, ''))
    .some((entry) => entry === '*' || (entry !== '' && `.${hostname.toLowerCase()}`.endsWith(`.${entry}`)))
