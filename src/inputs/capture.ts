import { toggle, value, type Input } from './input.ts'
import { parseMs } from '../lib/duration.ts'
import { CAPTURE_LIMITS } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import { bad, EMPTY, ok, type Parser } from '../lib/parser.ts'

const common = { section: 'Capture' } as const

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

/** Capture of all hubs: the stream lands as Avro files in a storage account that exists. */
export const CAPTURE_INPUTS = {
  captureStorageAccount: value({
    at: 'capture.storageAccount',
    ...common,
    flags: '--capture-storage-account <id>',
    env: ['ML_INGEST_CAPTURE_STORAGE_ACCOUNT'],
    label: 'Capture storage account',
    help: 'resource id of the storage account that events land in as Avro files (Standard and Premium)',
    example:
      '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake',
    parse: parseStorageAccount,
  }),
  captureContainer: value({
    at: 'capture.container',
    ...common,
    flags: '--capture-container <name>',
    env: ['ML_INGEST_CAPTURE_CONTAINER'],
    label: 'Capture container',
    help: 'blob container of that storage account',
    example: 'clicks-raw',
    parse: parseContainer,
  }),
  captureInterval: value({
    at: 'capture.interval',
    ...common,
    flags: '--capture-interval <time>',
    env: ['ML_INGEST_CAPTURE_INTERVAL'],
    label: 'Capture interval',
    help: 'a new file begins after this time, 60s to 15m',
    example: '5m',
    default: CAPTURE_DEFAULTS.intervalSeconds,
    defaultText: formatInterval(CAPTURE_DEFAULTS.intervalSeconds),
    parse: parseCaptureInterval,
    format: formatInterval,
  }),
  captureSize: value({
    at: 'capture.sizeLimit',
    ...common,
    flags: '--capture-size <size>',
    env: ['ML_INGEST_CAPTURE_SIZE'],
    label: 'Capture size limit',
    help: 'a new file begins at this size too, 10MB to 500MB',
    example: '100MB',
    default: CAPTURE_DEFAULTS.sizeLimitBytes,
    defaultText: formatSize(CAPTURE_DEFAULTS.sizeLimitBytes),
    parse: parseCaptureSize,
    format: formatSize,
  }),
  captureNameFormat: value({
    at: 'capture.archiveNameFormat',
    ...common,
    flags: '--capture-name-format <format>',
    env: ['ML_INGEST_CAPTURE_NAME_FORMAT'],
    label: 'Capture name format',
    help: 'names of the files, with every part of the default in any order',
    example: 'raw/{EventHub}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}/{Namespace}-{PartitionId}',
    default: CAPTURE_DEFAULTS.archiveNameFormat,
    parse: parseArchiveNameFormat,
  }),
  captureSkipEmpty: toggle({
    at: 'capture.skipEmptyArchives',
    ...common,
    flags: '--capture-skip-empty',
    env: ['ML_INGEST_CAPTURE_SKIP_EMPTY'],
    label: 'Capture without empty files',
    help: 'write no file for a time without events',
  }),
  captureIdentity: value({
    at: 'capture.identity',
    ...common,
    flags: '--capture-identity <identity>',
    env: ['ML_INGEST_CAPTURE_IDENTITY'],
    label: 'Capture identity',
    help: 'write with a managed identity of the namespace: SystemAssigned, or the resource id of a user-assigned one',
    example: 'SystemAssigned',
    defaultText: 'None: a key of the storage account, which has to be in the same subscription',
    parse: parseCaptureIdentity,
  }),
  noCapture: toggle({
    at: 'capture.enabled',
    off: true,
    ...common,
    flags: '--no-capture',
    env: ['ML_INGEST_NO_CAPTURE'],
    label: 'no Capture',
    help: 'switch Capture off; the files that it wrote stay',
  }),
} satisfies Record<string, Input>
