import { DEFAULTS } from './defaults.ts'
import { parseIdentity } from './identity.ts'
import { inputsOf, type Input } from './input.ts'
import { parseMs } from '../lib/duration.ts'
import { CAPTURE_LIMITS } from '../lib/limits.ts'
import { bad, EMPTY, lengthProblem, ok, oneOf, type Parser } from '../lib/parser.ts'

/**
 * What Azure signs in with to write the files. `None`: a key of the storage account. `SystemAssigned`: the identity of the
 * namespace. Otherwise the resource id of a user-assigned identity of the namespace.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-managed-identity
 */
export type CaptureIdentity = string

/** How the files are written: plain Avro, or Avro with compressed blocks. https://learn.microsoft.com/rest/api/eventhub/event-hubs/create-or-update */
export const CAPTURE_ENCODINGS = ['Avro', 'AvroDeflate'] as const
export type CaptureEncoding = (typeof CAPTURE_ENCODINGS)[number]

const BYTES_PER_MEGABYTE = 1_048_576

/** The defaults of the portal. */
export const CAPTURE_DEFAULTS = {
  intervalSeconds: CAPTURE_LIMITS.intervalSeconds.usual,
  sizeLimitBytes: CAPTURE_LIMITS.sizeMegabytes.usual * BYTES_PER_MEGABYTE,
  archiveNameFormat: CAPTURE_LIMITS.nameParts.join('/'),
  skipEmptyArchives: false,
  encoding: 'Avro',
  identity: 'None',
} as const

/** The parts of a resource group's id. */
export interface GroupPlace {
  readonly subscriptionId: string
  readonly resourceGroup: string
}

const STORAGE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\/storageAccounts\/([a-z0-9]{3,24})$/i

/** The parts of a storage account's resource id; undefined for any other id, such as of a Data Lake Storage Gen1. */
export function partsOfStorageId(id: string) {
  const [, subscription, resourceGroup, name] = STORAGE_ID.exec(id) ?? []
  return subscription && resourceGroup && name ? { subscription, resourceGroup, name } : undefined
}

/** The name in a storage account's resource id. */
export const storageNameOf = (id: string): string => partsOfStorageId(id)?.name ?? id

const STORAGE_NAME = /^[a-z0-9]{3,24}$/

/** Whether a storage account can have the name. */
export const isStorageName = (text: string): boolean => STORAGE_NAME.test(text)

/** The resource id of a storage account. A name is that of an account in a resource group. */
export const storageIdIn = ({ subscriptionId, resourceGroup }: GroupPlace, account: string): string =>
  STORAGE_NAME.test(account)
    ? `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/${account}`
    : account

/** A resource id, or a name. */
export const parseStorageAccount: Parser<string> = (text) => {
  const account = text.trim().replace(/\/+$/, '')
  if (account === '') return EMPTY
  if (partsOfStorageId(account) || STORAGE_NAME.test(account)) return ok(account)
  const form = '/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/NAME'
  return account.includes('/')
    ? bad(`is not the resource id of a storage account: ${form}`)
    : bad('is not the name of a storage account, which has 3 to 24 lower-case letters and digits, nor its resource id')
}

/** The files of a static website. Names of blobs in `$root` have no slash, and nobody writes to `$logs`. */
const WEBSITE_CONTAINER = '$web'

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const parseContainer: Parser<string> = (text) => {
  const { min, max } = CAPTURE_LIMITS.container
  const wrongLength = lengthProblem('a container name', text, max, min)
  if (wrongLength) return wrongLength
  return text === WEBSITE_CONTAINER || /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)
    ? ok(text)
    : bad('is not a container name: lower-case letters, digits and single -, with a letter or digit at both ends')
}

export const parseCaptureInterval: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const { localMin, max } = CAPTURE_LIMITS.intervalSeconds
  const seconds = (parseMs(text) ?? Number.NaN) / 1_000
  if (!Number.isInteger(seconds)) return bad('is not a time: seconds or minutes, such as 90s or 5m')
  return seconds < localMin || seconds > max
    ? bad('is out of range: the interval of Capture is 60s to 15m, and from 1s on the embedded Azure')
    : ok(seconds)
}

/** Megabytes or bytes, read as bytes. */
export const parseCaptureSize: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const { min, max } = CAPTURE_LIMITS.sizeMegabytes
  const [, digits, unit] = /^(\d{1,12})\s*(MB)?$/i.exec(text.trim()) ?? []
  const bytes = Number(digits) * (unit ? BYTES_PER_MEGABYTE : 1)
  const isTooSmall = bytes < min * BYTES_PER_MEGABYTE
  // A small number is more likely a size without its unit.
  if (!digits || (isTooSmall && !unit)) return bad('is not a size: megabytes or bytes, such as 300MB or 314572800')
  return isTooSmall || bytes > max * BYTES_PER_MEGABYTE
    ? bad(`is out of range: the size limit of Capture is ${min}MB to ${max}MB`)
    : ok(bytes)
}

export const parseArchiveNameFormat: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  const gaps = CAPTURE_LIMITS.nameParts.filter((part) => !text.includes(part))
  return gaps.length === 0 ? ok(text) : bad(`has no ${gaps.join(' ')}, and Azure needs every part`)
}

/** `5m`, `90s`. */
export const formatInterval = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`)

/** `300MB`, or the number of bytes if these are not whole megabytes. */
export const formatSize = (bytes: number): string =>
  bytes % BYTES_PER_MEGABYTE === 0 ? `${bytes / BYTES_PER_MEGABYTE}MB` : String(bytes)

const capture = inputsOf('Capture')

/** Capture of all hubs: Azure stores the events as Avro files in an existing storage account. */
export const CAPTURE_INPUTS = {
  captureStorageAccount: capture.value({
    at: 'capture.storageAccount',
    flags: '--capture-storage-account <name>',
    label: 'Capture storage account',
    help: 'storage account for the Avro files: its name if it is in the resource group of the run, else its resource id (Standard and Premium)',
    example:
      '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake',
    defaultText: `with --local: ${DEFAULTS.captureStorageAccount}, if anything else about Capture is given`,
    parse: parseStorageAccount,
  }),
  captureContainer: capture.value({
    at: 'capture.container',
    flags: '--capture-container <name>',
    label: 'Capture container',
    help: 'blob container of that storage account',
    example: 'clicks-raw',
    defaultText: `with --local: ${DEFAULTS.captureContainer}, if anything else about Capture is given`,
    parse: parseContainer,
  }),
  captureInterval: capture.value({
    at: 'capture.interval',
    flags: '--capture-interval <time>',
    rare: true,
    label: 'Capture interval',
    help: 'a new file begins after this time, 60s to 15m, from 1s with --local',
    example: '5m',
    default: CAPTURE_DEFAULTS.intervalSeconds,
    defaultText: formatInterval(CAPTURE_DEFAULTS.intervalSeconds),
    parse: parseCaptureInterval,
    format: formatInterval,
  }),
  captureSize: capture.value({
    at: 'capture.sizeLimit',
    flags: '--capture-size <size>',
    rare: true,
    label: 'Capture size limit',
    help: 'a new file begins at this size too, 10MB to 500MB, or as a number of bytes',
    example: '100MB',
    default: CAPTURE_DEFAULTS.sizeLimitBytes,
    defaultText: formatSize(CAPTURE_DEFAULTS.sizeLimitBytes),
    parse: parseCaptureSize,
    format: formatSize,
  }),
  captureNameFormat: capture.value({
    at: 'capture.archiveNameFormat',
    flags: '--capture-name-format <format>',
    rare: true,
    label: 'Capture name format',
    help: 'format of the file names; needs every part of the default, in any order',
    example: 'raw/{EventHub}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}/{Namespace}-{PartitionId}',
    default: CAPTURE_DEFAULTS.archiveNameFormat,
    parse: parseArchiveNameFormat,
  }),
  captureSkipEmpty: capture.toggle({
    at: 'capture.skipEmptyArchives',
    flags: '--capture-skip-empty',
    rare: true,
    label: 'Capture without empty files',
    help: 'write no file for an interval without events',
  }),
  captureEncoding: capture.value<CaptureEncoding>({
    at: 'capture.encoding',
    flags: '--capture-encoding <encoding>',
    rare: true,
    label: 'Capture encoding',
    help: 'Avro, or AvroDeflate for files with compressed blocks',
    example: 'AvroDeflate',
    default: CAPTURE_DEFAULTS.encoding,
    choices: CAPTURE_ENCODINGS,
    parse: oneOf('an encoding of Capture', CAPTURE_ENCODINGS),
  }),
  captureIdentity: capture.value({
    at: 'capture.identity',
    flags: '--capture-identity <identity>',
    rare: true,
    label: 'Capture identity',
    help: 'write with a managed identity of the namespace: SystemAssigned, or the resource id of a user-assigned one',
    example: 'SystemAssigned',
    defaultText: 'None: a key of the storage account, which has to be in the same subscription',
    parse: parseIdentity,
  }),
  noCapture: capture.toggle({
    at: 'capture.enabled',
    off: true,
    flags: '--no-capture',
    rare: true,
    label: 'no Capture',
    help: 'switch Capture off; the files that it wrote stay',
  }),
} satisfies Record<string, Input>
