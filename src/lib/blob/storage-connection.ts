import { bad, EMPTY, ok, type Parsed } from '../parser.ts'
import { Secret } from '../secret.ts'

/** How requests to a storage account are allowed. */
export type StorageCredential =
  { readonly kind: 'key'; readonly key: Secret } | { readonly kind: 'sas'; readonly sas: Secret }

/** Where the blobs of a storage account are, and how requests to them are allowed. */
export interface StorageConnection {
  readonly accountName: string
  /** `https://lake.blob.core.windows.net`, `http://127.0.0.1:10000/devstoreaccount1`. It holds no secret. */
  readonly blobEndpoint: string
  readonly credential: StorageCredential
}

/**
 * What UseDevelopmentStorage=true stands for. The key is published, and the same everywhere.
 * https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
 */
const DEVELOPMENT: StorageConnection = {
  accountName: 'devstoreaccount1',
  blobEndpoint: 'http://127.0.0.1:10000/devstoreaccount1',
  credential: {
    kind: 'key',
    key: new Secret('Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='),
  },
}

const USUAL_SUFFIX = 'core.windows.net'
const HOST_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i
const ACCOUNT_NAME = /^[a-z0-9]{3,24}$/

/**
 * Reads a connection string of a storage account. What is wrong is told without a word of the string.
 * https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 */
export function parseStorageConnection(text: string): Parsed<StorageConnection> {
  if (text.trim() === '') return EMPTY
  const settings = new Map<string, string>()
  const problems: string[] = []
  for (const part of text.split(';').map((one) => one.trim())) {
    const at = part.indexOf('=')
    if (at > 0) settings.set(part.slice(0, at).toLowerCase(), part.slice(at + 1))
    else if (part !== '') problems.push('has a part that is not NAME=VALUE')
  }
  if (settings.get('usedevelopmentstorage')?.toLowerCase() === 'true') return ok(DEVELOPMENT)
  const endpoint = readEndpoint(settings, problems)
  const named = settings.get('accountname')
  if (named !== undefined && !ACCOUNT_NAME.test(named))
    problems.push('has an AccountName that is not 3 to 24 lower-case letters and digits')
  const credential = readCredential(settings, problems)
  if (credential?.kind === 'key' && named === undefined) problems.push('has an AccountKey and no AccountName')
  if (problems.length > 0 || !endpoint || !credential) return bad([...new Set(problems)].join(', and '))
  const accountName = named ?? accountIn(endpoint)
  return ok({ accountName, blobEndpoint: `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}`, credential })
}

function readEndpoint(settings: ReadonlyMap<string, string>, problems: string[]): URL | undefined {
  const given = settings.get('blobendpoint')
  const account = settings.get('accountname')
  if (given === undefined && account === undefined) {
    problems.push('has no AccountName and no BlobEndpoint')
    return undefined
  }
  const suffix = settings.get('endpointsuffix') ?? USUAL_SUFFIX
  const protocol = settings.get('defaultendpointsprotocol') ?? 'https'
  if (given === undefined && !HOST_NAME.test(suffix))
    problems.push('has an EndpointSuffix that is not the name of a host')
  if (given === undefined && protocol !== 'https' && protocol !== 'http')
    problems.push('has a DefaultEndpointsProtocol that is neither https nor http')
  const text = given ?? `${protocol}://${account}.blob.${suffix}`
  if (/^https?:\/\/[^?#@]+$/.test(text) && URL.canParse(text)) return new URL(text)
  if (given !== undefined) problems.push('has a BlobEndpoint that is not an http or https URL')
  return undefined
}

/** The host names the account, or the path where the host is an address, as Azurite's. */
const accountIn = ({ hostname, pathname }: URL): string =>
  pathname.split('/').find((part) => part !== '') ?? hostname.split('.')[0]!

function readCredential(settings: ReadonlyMap<string, string>, problems: string[]): StorageCredential | undefined {
  const key = settings.get('accountkey')
  const sas = settings.get('sharedaccesssignature')?.replace(/^\?/, '')
  if (key !== undefined) {
    if (/^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(key))
      return { kind: 'key', key: new Secret(key) }
    problems.push('has an AccountKey that is not base64')
    return undefined
  }
  if (sas === undefined) problems.push('has no AccountKey and no SharedAccessSignature')
  else if (/(^|&)sig=[^&]+/.test(sas) && !/\s/.test(sas)) return { kind: 'sas', sas: new Secret(sas) }
  else problems.push('has a SharedAccessSignature without sig=')
  return undefined
}
