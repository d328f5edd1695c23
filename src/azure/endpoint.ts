import type { Env } from '../inputs/given.ts'
import { Failure } from '../lib/errors.ts'
import { CLOUDS, type CloudName } from '../inputs/target.ts'

/** The addresses of a cloud. https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure */
export interface CloudEndpoints {
  readonly arm: string
  /** Audience of tokens for Resource Manager. */
  readonly audience: string
  readonly authority: string
  /** Host suffix of the data plane. */
  readonly dataSuffix: string
  /** Host suffix of the blobs of a storage account. */
  readonly blobSuffix: string
  /** For people, in a browser. For China: https://learn.microsoft.com/azure/china/resources-developer-guide */
  readonly portal: string
}

export const CLOUD_ENDPOINTS: Readonly<Record<CloudName, CloudEndpoints>> = {
  AzureCloud: {
    arm: 'https://management.azure.com',
    audience: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    dataSuffix: 'servicebus.windows.net',
    blobSuffix: 'blob.core.windows.net',
    portal: 'https://portal.azure.com',
  },
  AzureUSGovernment: {
    arm: 'https://management.usgovcloudapi.net',
    audience: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    dataSuffix: 'servicebus.usgovcloudapi.net',
    blobSuffix: 'blob.core.usgovcloudapi.net',
    portal: 'https://portal.azure.us',
  },
  AzureChinaCloud: {
    arm: 'https://management.chinacloudapi.cn',
    audience: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    dataSuffix: 'servicebus.chinacloudapi.cn',
    blobSuffix: 'blob.core.chinacloudapi.cn',
    portal: 'https://portal.azure.cn',
  },
}

/** The Resource Manager of this run. */
export interface ArmTarget {
  readonly cloudName: CloudName
  readonly cloud: CloudEndpoints
  /** Without a trailing slash. */
  readonly url: string
  readonly loopback: boolean
  /** `named`: an endpoint of a cloud. `custom`: Azure Stack, a gateway or the embedded Azure. */
  readonly kind: 'named' | 'custom'
}

/**
 * The endpoint of the cloud, or a given one. Only loopback addresses may use http.
 * @throws Failure (exit 2) for an unusable endpoint.
 */
export function resolveTarget(cloudName: CloudName, armEndpoint: string | undefined): ArmTarget {
  const cloud = CLOUD_ENDPOINTS[cloudName]
  if (armEndpoint === undefined || armEndpoint === '')
    return { cloudName, cloud, url: cloud.arm, loopback: false, kind: 'named' }
  const { url, hostname, loopback } = endpointOf(ARM_ENDPOINT, armEndpoint)
  const named = CLOUDS.find((name) => isWithin(hostname, new URL(CLOUD_ENDPOINTS[name].arm).hostname))
  return {
    cloudName: named ?? cloudName,
    cloud: named ? CLOUD_ENDPOINTS[named] : cloud,
    ...{ url, loopback },
    kind: named ? 'named' : 'custom',
  }
}

/**
 * The page of a resource in the portal: `https://portal.azure.com/#@TENANT/resource/subscriptions/…/overview`. Without a
 * tenant it is looked for in the one that the browser is signed in to. Undefined for an endpoint that is not Azure's.
 * https://github.com/Azure/azure-dev prints links of this form.
 */
export function portalOf({ cloud, kind }: ArmTarget, resourceId: string, tenantId = ''): string | undefined {
  if (kind === 'custom') return undefined
  const path = resourceId.split('/').map(encodeURIComponent).join('/')
  return `${cloud.portal}/#@${encodeURIComponent(tenantId)}/resource${path}/overview`
}

/** A variable that names another server than Azure's. */
export interface EndpointVariable {
  readonly name: string
  readonly label: string
  readonly example: string
}

const ARM_ENDPOINT: EndpointVariable = {
  name: 'ML_INGEST_ARM_ENDPOINT',
  label: 'ARM endpoint',
  example: 'https://management.local.azurestack.external',
}

export interface Endpoint {
  /** Without a trailing slash. */
  readonly url: string
  readonly hostname: string
  readonly loopback: boolean
}

/**
 * The address that a variable holds. Only loopback addresses may use http.
 * @throws Failure (exit 2) for anything but scheme, host, port and path.
 */
export function endpointOf(variable: EndpointVariable, given: string): Endpoint {
  const url = parse(variable, given)
  const loopback = isLoopback(url.hostname)
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && loopback)
  if (!isSecure)
    throw unusable(
      variable,
      given,
      'http is accepted for loopback addresses only (127.0.0.0/8, ::1, localhost); use https',
    )
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const shown = `${url.protocol}//${url.host}`
    throw unusable(variable, shown, 'it may have a host, a port and a path, nothing else')
  }
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, hostname: url.hostname, loopback }
}

/** `management.azure.com` or a regional `westeurope.management.azure.com`. */
const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)

/** `URL` normalizes `127.1` and `0x7f000001` to four numbers. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)

function parse(variable: EndpointVariable, text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw unusable(variable, text, `it is not a URL; example: ${variable.example}`)
  }
}

const unusable = ({ name, label }: EndpointVariable, given: string, message: string): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't use ${name}`,
    why: [`${given}: ${message}.`],
    hint: `Correct ${name}, or unset it to use Azure.`,
    problems: [{ kind: 'invalid', input: label, origin: { kind: 'variable', name }, text: given, message }],
  })

/** Proxy variables of the SDK, in its order. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [name, name.toLowerCase()])

export interface Proxy {
  /** `HTTPS_PROXY` */
  readonly variable: string
  /** Host and port, without name and password. */
  readonly address: string
}

/**
 * The proxy that the SDK uses for a host, which may have a port. NO_PROXY excludes hosts, and with a dot at the start also
 * their subdomains. https://github.com/Azure/azure-sdk-for-js/tree/main/sdk/core/core-rest-pipeline
 */
export function proxyFor(env: Env, host: string): Proxy | undefined {
  const variable = PROXY_VARIABLES.find((name) => env[name])
  if (variable === undefined || !isHttpUrl(env[variable] ?? '')) return undefined
  const excluded = (env['NO_PROXY'] || env['no_proxy'] || '').split(',').map((item) => item.trim())
  const name = host.replace(/:\d+$/, '')
  const isExcluded = excluded.some((item) => item === name || (item.startsWith('.') && `.${name}`.endsWith(item)))
  return isExcluded ? undefined : { variable, address: new URL(env[variable]!).host }
}

/**
 * Checks that the proxy is a URL, as the SDK requires; other tools also accept host and port.
 * @throws Failure (exit 2) without the value of the variable, which may contain a password.
 */
export function checkProxy(env: Env): void {
  const variable = PROXY_VARIABLES.find((name) => env[name])
  if (variable === undefined || isHttpUrl(env[variable] ?? '')) return
  const message = 'it has to be a URL that starts with http:// or https://'
  throw new Failure({
    code: 'usage',
    message: `Can't use the proxy of ${variable}`,
    hint: `Write it like this: ${variable}=http://proxy.example.com:8080`,
    problems: [{ kind: 'invalid', input: 'proxy', origin: { kind: 'variable', name: variable }, message }],
  })
}

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
