import { badRequest, invalidContent, messagingBadRequest, requiredPropertyMissing } from '../errors.ts'
import { type Json, type JsonObject, isObject } from '../json.ts'
import { CAPTURE, type TierLimits } from '../limits.ts'
import type { HubStatus } from '../model.ts'
import type { Call } from '../routes.ts'

interface HubAround {
  readonly status: HubStatus
  readonly limits: TierLimits
  readonly call: Call
}

/**
 * The Capture of a hub after a PUT, with the defaults filled in; undefined where it shall have none. It is kept and told,
 * and nothing is captured: the storage account is not looked for. Throws ArmError 400.
 */
export function readCapture(sent: Json | undefined, { status, limits, call }: HubAround): JsonObject | undefined {
  if (!isObject(sent)) return undefined
  const isOn = sent['enabled'] === true
  if (isOn && !limits.capture) throw messagingBadRequest('Capture is not available in the Basic tier.')
  if (isOn && status === 'Disabled') {
    throw badRequest('Event Hub Entity cannot be disabled. (subcode 40000)', call.correlationId)
  }
  const { encoding, destination } = sent
  if (encoding !== undefined && !CAPTURE.encodings.some((one) => one === encoding)) {
    throw invalidContent(`Error converting value. Path 'properties.captureDescription.encoding'.`)
  }
  if (isObject(destination)) checkDestination(destination)
  return {
    ...sent,
    intervalInSeconds: readBounded(sent, 'intervalInSeconds', CAPTURE.seconds),
    sizeLimitInBytes: readBounded(sent, 'sizeLimitInBytes', CAPTURE.bytes),
  }
}

function checkDestination({ name, properties }: JsonObject): void {
  if (name === undefined) throw requiredPropertyMissing('name', 'properties.captureDescription.destination')
  const format = isObject(properties) ? properties['archiveNameFormat'] : undefined
  if (typeof format !== 'string' || CAPTURE.nameParts.every((part) => format.includes(part))) return
  throw messagingBadRequest(`ArchiveNameFormat has to contain ${CAPTURE.nameParts.join(', ')}.`)
}

type Bounds = { readonly least: number; readonly most: number; readonly usual: number }

function readBounded(capture: JsonObject, key: string, { least, most, usual }: Bounds): number {
  const value = capture[key] ?? usual
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw messagingBadRequest(
    `The value '${JSON.stringify(value)}' of ${key} is out of range. Valid range is ${least}-${most}.`,
  )
}
