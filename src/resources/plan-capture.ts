import {
  CAPTURE_DEFAULTS,
  formatInterval,
  formatSize,
  storageNameOf,
  type CaptureSpec,
} from '../inputs/capture-parsers.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { HubSpec } from './spec.ts'
import type { CaptureActual, HubActual, HubChanges } from './shapes.ts'
import type { Change, Refusal, Shown } from './step.ts'
import { refuseCapture } from './refuse-capture.ts'
import type { HubContext } from './refuse-hub.ts'

/** What Capture of a hub needs. */
interface CaptureDelta {
  readonly changes: readonly Change[]
  readonly send: Pick<HubChanges, 'capture'>
  readonly refusals: readonly Refusal[]
}
const NO_DELTA: CaptureDelta = { changes: [], send: {}, refusals: [] }

type CaptureOn = Extract<CaptureSpec, { readonly enabled: true }>

/** `Capture to lake/clicks-raw`, or nothing. */
export const captureWords = (capture: Destination | undefined): readonly string[] =>
  capture ? [`Capture to ${destinationOf(capture)}`] : []

/** All that a new Capture is made with; undefined where none is wanted. */
export function newCapture({ capture }: HubSpec): CaptureActual | undefined {
  if (!capture?.enabled) return undefined
  const { intervalSeconds, sizeLimitBytes, archiveNameFormat, skipEmptyArchives, identity } = capture
  return {
    storageAccount: capture.storageAccount,
    container: capture.container,
    intervalSeconds: intervalSeconds.value,
    sizeLimitBytes: sizeLimitBytes.value,
    archiveNameFormat: archiveNameFormat.value,
    skipEmptyArchives: skipEmptyArchives.value,
    identity: identity.value,
  }
}

/** On, off or elsewhere: what was given is compared, what was not stays. The files that were written always stay. */
export function planCapture(hub: HubSpec, live: HubActual, context: HubContext): CaptureDelta {
  const { capture: wanted } = hub
  if (!wanted) return NO_DELTA
  if (!wanted.enabled) {
    if (!live.capture) return NO_DELTA
    return { ...NO_DELTA, changes: [{ field: 'Capture', from: true, to: false }], send: { capture: 'off' } }
  }
  const parts = partsOf(wanted, live.capture)
  if (live.capture && parts.length === 0) return NO_DELTA
  return {
    changes: [
      ...(live.capture ? [] : [{ field: 'Capture', from: false, to: true }]),
      ...parts.map(({ field, from, to }) => ({ field, from, to })),
    ],
    send: { capture: parts.reduce<Partial<CaptureActual>>((all, { send }) => ({ ...all, ...send }), {}) },
    refusals: refuseCapture(hub, context),
  }
}

type Destination = Pick<CaptureActual, 'storageAccount' | 'container'>
const destinationOf = ({ storageAccount, container }: Destination): string =>
  storageAccount === '' ? 'a Data Lake of the first generation' : `${storageNameOf(storageAccount)}/${container}`

interface CapturePart extends Change {
  readonly send: Partial<CaptureActual>
}

/** The aspects in which the live Capture differs from what is wanted; all that is given where there is none. */
function partsOf(wanted: CaptureOn, live: CaptureActual | undefined): readonly CapturePart[] {
  const { storageAccount, container } = wanted
  const isThere = live && sameName(live.storageAccount, storageAccount) && live.container === container
  const setting = <K extends Exclude<keyof CaptureActual, keyof Destination>>(
    key: K,
    field: string,
    show: (value: CaptureActual[K]) => Shown,
    isSame: (a: CaptureActual[K], b: CaptureActual[K]) => boolean = (a, b) => a === b,
  ): readonly CapturePart[] => {
    const { value, given } = wanted[key] as { readonly value: CaptureActual[K]; readonly given: boolean }
    if (!given || (live && isSame(live[key], value))) return []
    return [{ field, from: live ? show(live[key]) : null, to: show(value), send: { [key]: value } }]
  }
  const asIs = (value: Shown): Shown => value
  return [
    ...(isThere
      ? []
      : [
          {
            field: 'Capture destination',
            from: live ? destinationOf(live) : null,
            to: destinationOf(wanted),
            send: { storageAccount, container },
          },
        ]),
    ...setting('intervalSeconds', 'Capture interval', formatInterval),
    ...setting('sizeLimitBytes', 'Capture size limit', formatSize),
    ...setting('archiveNameFormat', 'Capture name format', asIs),
    ...setting('skipEmptyArchives', 'Capture without empty files', asIs),
    ...setting('identity', 'Capture identity', asIs, sameName),
  ]
}

/** What is worth knowing of where a hub's events go. */
export function captureNotes(
  { capture }: HubSpec,
  live: HubActual | undefined,
  { storageAccounts }: HubContext,
): readonly string[] {
  if (!capture?.enabled) return []
  const found = storageAccounts.get(nameKeyOf(capture.storageAccount))
  const isAsWanted = live?.capture !== undefined && partsOf(capture, live.capture).length === 0
  const account = `storage account ${storageNameOf(capture.storageAccount)}`
  if (!found) return isAsWanted ? [`${account}, which hubs are captured into, does not exist any more`] : []
  return found.sku === undefined && !isAsWanted ? [`whether ${account} exists is not known: it may not be read`] : []
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-managed-identity */
export const identityNotes = (hubs: readonly HubSpec[]): readonly string[] =>
  hubs.some(({ capture }) => capture?.enabled && capture.identity.value !== CAPTURE_DEFAULTS.identity)
    ? [
        'Capture shall sign in with a managed identity, which a new namespace has not: Azure may refuse it until it has one',
      ]
    : []
