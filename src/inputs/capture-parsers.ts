import { parseMs } from '../lib/duration.ts'
import { CAPTURE_LIMITS } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import { bad, EMPTY, ok, type Parser } from '../lib/parser.ts'

/**
 * Who writes the files: `None` is a key of the storage account, which Azure takes by itself; `SystemAssigned` is the
 * identity of the namespace; else the resource id of a user-assigned identity that the namespace has.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-managed-identity
 */
export type CaptureIdentity = string

const BYTES_PER_MEGABYTE = 1_048_576

/** What holds when nobody says: what the portal offers. */
export const CAPTURE_DEFAULTS = {
  intervalSeconds: CAPTURE_LIMITS.intervalSeconds.usual,
  sizeLimitBytes: CAPTURE_LIMITS.sizeMegabytes.usual * BYTES_PER_MEGABYTE,
  archiveNameFormat: CAPTURE_LIMITS.nameParts.join('/'),
  skipEmptyArchives: false,
  identity: 'None',
} as const

const STORAGE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\/storageAccounts\/([a-z0-9]{3,24})$/i

/** The parts of a storage account's resource id; undefined where it is none, as of a Data Lake of the first generation. */
export function partsOfStorageId(id: string) {
  const [, subscription, resourceGroup, name] = STORAGE_ID.exec(id) ?? []
  return subscription && resourceGroup && name ? { subscription, resourceGroup, name } : undefined
}

/** How people call it: the name alone. */
export const storageNameOf = (id: string): string => partsOfStorageId(id)?.name ?? id

export const parseStorageAccount: Parser<string> = (text) => {
  const id = text.trim().replace(/\/+$/, '')
  if (id === '') return EMPTY
  if (partsOfStorageId(id)) return ok(id)
  const form = '/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/NAME'
  return /^[a-z0-9]{3,24}$/.test(id)
    ? bad(`is a name, and the resource id is needed: az storage account show --name ${id} --query id --output tsv`)
    : bad(`is not the resource id of a storage account: ${form}`)
}

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const parseContainer: Parser<string> = (text) => {
  const { min, max } = CAPTURE_LIMITS.container
  if (text === '') return EMPTY
  if (text.length < min || text.length > max)
    return bad(`has ${text.length} character${text.length === 1 ? '' : 's'}: a container name has ${min} to ${max}`)
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)
    ? ok(text)
    : bad('is not a container name: lower-case letters, digits and single -, with a letter or digit at both ends')
}

export const parseCaptureInterval: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const { min, max } = CAPTURE_LIMITS.intervalSeconds
  const seconds = (parseMs(text) ?? Number.NaN) / 1_000
  if (!Number.isInteger(seconds)) return bad('is not a time: seconds or minutes, such as 90s or 5m')
  return seconds < min || seconds > max ? bad('is out of range: the interval of Capture is 60s to 15m') : ok(seconds)
}

export const parseCaptureSize: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const { min, max } = CAPTURE_LIMITS.sizeMegabytes
  const match = /^(\d{1,6})\s*MB$/i.exec(text.trim())
  if (!match) return bad('is not a size: megabytes, such as 300MB')
  const megabytes = Number(match[1])
  return megabytes < min || megabytes > max
    ? bad(`is out of range: the size limit of Capture is ${min}MB to ${max}MB`)
    : ok(megabytes * BYTES_PER_MEGABYTE)
}

export const parseArchiveNameFormat: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  const gaps = CAPTURE_LIMITS.nameParts.filter((part) => !text.includes(part))
  return gaps.length === 0 ? ok(text) : bad(`has no ${gaps.join(' ')}, and Azure needs every part`)
}

const IDENTITY_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[\w-]{3,128}$/i
const IDENTITY_WORDS = ['SystemAssigned', 'None'] as const

export const parseCaptureIdentity: Parser<CaptureIdentity> = (text) => {
  const typed = text.trim()
  if (typed === '') return EMPTY
  const word = IDENTITY_WORDS.find((one) => sameName(one, typed))
  if (word) return ok(word)
  return IDENTITY_ID.test(typed)
    ? ok(typed)
    : bad('is neither SystemAssigned, None nor the resource id of a user-assigned identity')
}

/** `5m`, `90s`. */
export const formatInterval = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`)

/** `300MB` as it is typed; what no typed size gives, in bytes. */
export const formatSize = (bytes: number): string =>
  bytes % BYTES_PER_MEGABYTE === 0 ? `${bytes / BYTES_PER_MEGABYTE}MB` : `${bytes} bytes`
