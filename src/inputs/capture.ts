import {
  CAPTURE_DEFAULTS,
  formatInterval,
  formatSize,
  parseArchiveNameFormat,
  parseCaptureIdentity,
  parseCaptureInterval,
  parseCaptureSize,
  parseContainer,
  parseStorageAccount,
} from './capture-parsers.ts'
import { CHANGING, toggle, value, type Field } from './input.ts'

const common = { section: 'Capture', commands: CHANGING } as const

/** Capture of all hubs: the stream lands as Avro files in a storage account that exists. */
export const CAPTURE_FIELDS = {
  captureStorageAccount: value({
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
    ...common,
    flags: '--capture-container <name>',
    env: ['ML_INGEST_CAPTURE_CONTAINER'],
    label: 'Capture container',
    help: 'blob container of that storage account',
    example: 'clicks-raw',
    parse: parseContainer,
  }),
  captureInterval: value({
    ...common,
    flags: '--capture-interval <time>',
    env: ['ML_INGEST_CAPTURE_INTERVAL'],
    label: 'Capture interval',
    help: 'a new file begins after this time, 60s to 15m',
    example: '5m',
    default: CAPTURE_DEFAULTS.intervalSeconds,
    defaultText: formatInterval(CAPTURE_DEFAULTS.intervalSeconds),
    parse: parseCaptureInterval,
  }),
  captureSize: value({
    ...common,
    flags: '--capture-size <size>',
    env: ['ML_INGEST_CAPTURE_SIZE'],
    label: 'Capture size limit',
    help: 'a new file begins at this size too, 10MB to 500MB',
    example: '100MB',
    default: CAPTURE_DEFAULTS.sizeLimitBytes,
    defaultText: formatSize(CAPTURE_DEFAULTS.sizeLimitBytes),
    parse: parseCaptureSize,
  }),
  captureNameFormat: value({
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
    ...common,
    flags: '--capture-skip-empty',
    env: ['ML_INGEST_CAPTURE_SKIP_EMPTY'],
    label: 'Capture without empty files',
    help: 'write no file for a time without events',
  }),
  captureIdentity: value({
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
    ...common,
    flags: '--no-capture',
    env: ['ML_INGEST_NO_CAPTURE'],
    label: 'no Capture',
    help: 'switch Capture off; the files that it wrote stay',
  }),
} satisfies Record<string, Field>
