import { Failure } from '../lib/errors.ts'
import { CLOUDS, type CloudName } from '../inputs/target.ts'
import { CLOUD_ENDPOINTS, type CloudEndpoints } from './clouds.ts'

const ENDPOINT_VARIABLE = 'ML_INGEST_ARM_ENDPOINT'

/** The Resource Manager that this run talks to. */
export interface ArmTarget {
  readonly cloudName: CloudName
  readonly cloud: CloudEndpoints
  /** Without a slash at the end. */
  readonly url: string
  readonly loopback: boolean
  /** `named`: an endpoint of one of the clouds. `custom`: Azure Stack, a gateway, a test double. */
  readonly kind: 'named' | 'custom'
}

/**
 * The cloud's own endpoint, or the one that the environment names. Plain http is for loopback addresses alone.
 * @throws Failure (exit 2) for anything else.
 */
export function resolveTarget(cloudName: CloudName, armEndpoint: string | undefined): ArmTarget {
  const cloud = CLOUD_ENDPOINTS[cloudName]
  if (armEndpoint === undefined || armEndpoint === '')
    return { cloudName, cloud, url: cloud.arm, loopback: false, kind: 'named' }
  const url = parse(armEndpoint)
  const loopback = isLoopback(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw unusable(armEndpoint, 'http is accepted for loopback addresses only (127.0.0.0/8, ::1, localhost); use https')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw unusable(`${url.protocol}//${url.host}`, 'it may have a host, a port and a path, nothing else')
  const named = CLOUDS.find((name) => isWithin(url.hostname, new URL(CLOUD_ENDPOINTS[name].arm).hostname))
  return {
    cloudName: named ?? cloudName,
    cloud: named ? CLOUD_ENDPOINTS[named] : cloud,
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    loopback,
    kind: named ? 'named' : 'custom',
  }
}

/** `management.azure.com` itself or a regional `westeurope.management.azure.com`. */
const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)

/** `URL` has already brought `127.1` and `0x7f000001` into dotted form. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)

function parse(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw unusable(text, 'it is not a URL; example: https://management.local.azurestack.external')
  }
}

const unusable = (given: string, message: string): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't use ${ENDPOINT_VARIABLE}`,
    why: [`${given}: ${message}.`],
    hint: `Correct ${ENDPOINT_VARIABLE}, or unset it to use Azure.`,
    problems: [
      {
        kind: 'invalid',
        input: 'ARM endpoint',
        flag: `${ENDPOINT_VARIABLE}=${given}`,
        message,
        env: ENDPOINT_VARIABLE,
      },
    ],
  })
