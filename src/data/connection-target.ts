import type { Connection } from '../engine/connection.ts'

/** What `UseDevelopmentEmulator=true` in a connection string means to clients: AMQP over plain TCP, on this port. */
const EMULATOR_PORT = 5672
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-faq#what-ports-do-i-need-to-open-on-the-firewall */
const AMQPS_PORT = 5671
const HTTPS_PORT = 443

export type Env = Readonly<Record<string, string | undefined>>

/** Where the first packet of a connection goes. */
export interface ConnectionTarget {
  readonly hostname: string
  readonly port: number
  /** `tcp` is the embedded Azure's. */
  readonly transport: 'tcp' | 'tls' | 'web-sockets'
  /** A proxy that WebSockets go through; the first packet goes there. */
  readonly proxy: URL | undefined
}

/** Where the official clients connect to for this connection. */
export function targetOf(
  connection: Connection,
  options: { readonly webSockets: boolean; readonly env: Env },
): ConnectionTarget {
  const { hostname, port } = new URL(`sb://${connection.host}`)
  if (isEmulator(connection)) {
    return { hostname, port: port === '' ? EMULATOR_PORT : Number(port), transport: 'tcp', proxy: undefined }
  }
  if (!options.webSockets) return { hostname, port: Number(port || AMQPS_PORT), transport: 'tls', proxy: undefined }
  return {
    hostname,
    port: Number(port || HTTPS_PORT),
    transport: 'web-sockets',
    proxy: proxyFor(hostname, options.env),
  }
}

const isEmulator = ({ sign }: Connection): boolean =>
  sign.kind === 'sas' && /(^|;)UseDevelopmentEmulator=true(;|$)/i.test(sign.connectionString.reveal())

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']

/** The proxy that the environment names, unless NO_PROXY excludes this host. */
export function proxyFor(hostname: string, env: Env): URL | undefined {
  const given = PROXY_VARIABLES.map((name) => env[name]).find((url) => url !== undefined && URL.canParse(url))
  if (given === undefined || isLeftOut(hostname, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined
  return new URL(given)
}

const isLeftOut = (hostname: string, noProxy: string): boolean =>
  noProxy
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .some((entry) => entry === '*' || (entry !== '' && `.${hostname.toLowerCase()}`.endsWith(`.${entry}`)))
