import type { CaptureDescription, Destination } from '@azure/arm-eventhub'
import type { CaptureActual } from '../resources/shapes.ts'
import { CAPTURE_DEFAULTS, type CaptureIdentity } from '../inputs/capture-parsers.ts'
import { asObject, without, type JsonObject } from './json-object.ts'

/** The destination that a storage account is. Left out, the PUT fails: https://github.com/Azure/azure-cli/issues/28347 */
const BLOB_DESTINATION = 'EventHubArchive.AzureBlockBlob'

/** What a new hub is made with, as the SDK takes it. */
export const newCaptureDescription = (capture: CaptureActual): CaptureDescription => ({
  enabled: true,
  encoding: 'Avro',
  intervalInSeconds: capture.intervalSeconds,
  sizeLimitInBytes: capture.sizeLimitBytes,
  skipEmptyArchives: capture.skipEmptyArchives,
  destination: {
    name: BLOB_DESTINATION,
    ...identityOf(capture.identity),
    storageAccountResourceId: capture.storageAccount,
    blobContainer: capture.container,
    archiveNameFormat: capture.archiveNameFormat,
  },
})

/**
 * The `captureDescription` after a change, from the one that stands there, if any. What is switched off keeps its
 * settings, as the portal does it, and gets them back when it is switched on. What is not known to us stays.
 */
export function mergeCapture(current: unknown, change: Partial<CaptureActual> | 'off'): JsonObject {
  const standing = asObject(current)
  if (change === 'off') return { ...standing, enabled: false }
  const { intervalSeconds, sizeLimitBytes, skipEmptyArchives } = change
  return {
    encoding: 'Avro',
    intervalInSeconds: CAPTURE_DEFAULTS.intervalSeconds,
    sizeLimitInBytes: CAPTURE_DEFAULTS.sizeLimitBytes,
    ...standing,
    enabled: true,
    ...(intervalSeconds === undefined ? {} : { intervalInSeconds: intervalSeconds }),
    ...(sizeLimitBytes === undefined ? {} : { sizeLimitInBytes: sizeLimitBytes }),
    ...(skipEmptyArchives === undefined ? {} : { skipEmptyArchives }),
    destination: mergeDestination(asObject(standing['destination']), change),
  }
}

/** A destination of another kind leaves nothing behind. */
function mergeDestination(current: JsonObject, change: Partial<CaptureActual>): JsonObject {
  const standing = current['name'] === BLOB_DESTINATION ? current : {}
  const { storageAccount, container, archiveNameFormat, identity } = change
  const kept = identity === undefined ? standing : without(standing, ['identity'])
  return {
    ...kept,
    name: BLOB_DESTINATION,
    ...(identity === undefined ? {} : identityOf(identity)),
    properties: {
      archiveNameFormat: CAPTURE_DEFAULTS.archiveNameFormat,
      ...asObject(standing['properties']),
      ...(storageAccount === undefined ? {} : { storageAccountResourceId: storageAccount }),
      ...(container === undefined ? {} : { blobContainer: container }),
      ...(archiveNameFormat === undefined ? {} : { archiveNameFormat }),
    },
  }
}

/** Without one, Azure takes a key of the storage account. */
function identityOf(identity: CaptureIdentity): Pick<Destination, 'identity'> {
  if (identity === CAPTURE_DEFAULTS.identity) return {}
  if (identity === 'SystemAssigned') return { identity: { type: identity } }
  return { identity: { type: 'UserAssigned', userAssignedIdentity: identity } }
}
