import { formatInterval, formatSize, partsOfStorageId, storageNameOf } from '../../inputs/capture.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import { valueAfter } from '../setting.ts'
import { MOVE_TO_STANDARD, type Change, type Refusal, type Shown } from '../step.ts'
import {
  identityNotes,
  obstacleNotes,
  openNotes,
  refuseDestination,
  refuseIdentity,
  type CaptureSurroundings,
  type Destination,
} from './account.ts'
import type { CaptureActual, CaptureOn, CaptureSetting, CaptureSpec } from './capture.ts'

export interface CapturedHub {
  readonly name: string
  readonly capture: CaptureSpec | undefined
}
interface CaptureContext extends CaptureSurroundings {
  readonly tier: LiveTier
}
/** What has to change for Capture of a hub. */
interface CaptureDelta {
  readonly changes: readonly Change[]
  readonly send: { readonly capture?: Partial<CaptureActual> | 'off' }
  readonly refusals: readonly Refusal[]
}
const NO_DELTA: CaptureDelta = { changes: [], send: {}, refusals: [] }

/** `Capture to lake/clicks-raw`, or nothing. */
export const captureWords = (capture: Place | undefined): readonly string[] =>
  capture ? [`Capture to ${placeOf(capture)}`] : []

/** Capture of a new hub; undefined if none is wanted. */
export function newCapture({ capture }: CapturedHub): CaptureActual | undefined {
  if (!capture?.enabled) return undefined
  const { storageAccount, container } = placeAfter(capture, undefined)
  const settings = SETTINGS.map(({ key }) => [key, capture[key].value] as const)
  return { storageAccount, container, ...Object.fromEntries(settings) } as unknown as CaptureActual
}

/** Plans Capture of an existing hub. Only given values are compared. Azure keeps the files that were written. */
export function planCapture(hub: CapturedHub, live: CaptureActual | undefined, context: CaptureContext): CaptureDelta {
  const { capture: wanted } = hub
  if (!wanted) return NO_DELTA
  if (!wanted.enabled) {
    if (!live) return NO_DELTA
    return { ...NO_DELTA, changes: [{ field: 'Capture', from: true, to: false }], send: { capture: 'off' } }
  }
  const parts = partsOf(wanted, live)
  if (live && parts.length === 0)
    return wanted.identity.given ? { ...NO_DELTA, refusals: refuseIdentity(live, context) } : NO_DELTA
  return {
    changes: [
      ...(live ? [] : [{ field: 'Capture', from: false, to: true }]),
      ...parts.map(({ field, from, to }) => ({ field, from, to })),
    ],
    send: { capture: parts.reduce<Partial<CaptureActual>>((all, { send }) => ({ ...all, ...send }), {}) },
    refusals: refuseCapture(hub, live, context),
  }
}

type Place = Pick<CaptureActual, 'storageAccount' | 'container'>
const placeOf = ({ storageAccount, container }: Place): string =>
  storageAccount === '' ? 'a Data Lake Storage Gen1' : `${storageNameOf(storageAccount)}/${container}`

/** Where an account is, as far as another one of the same name is elsewhere: ` in resource group rg-lake`. */
function whereabouts({ storageAccount }: Place, other: Place | undefined): string {
  const [one, another] = [partsOfStorageId(storageAccount), partsOfStorageId(other?.storageAccount ?? '')]
  if (!one || !another || !sameName(one.name, another.name)) return ''
  return [
    ...(sameName(one.resourceGroup, another.resourceGroup) ? [] : [` in resource group ${one.resourceGroup}`]),
    ...(sameName(one.subscription, another.subscription) ? [] : [` in subscription ${one.subscription}`]),
  ].join('')
}

interface CapturePart extends Change {
  readonly send: Partial<CaptureActual>
}

const showSize = (bytes: number): string => {
  const size = formatSize(bytes)
  return size === String(bytes) ? `${size} bytes` : size
}

/** The settings with a default, in the order of the plan. */
const SETTINGS: readonly {
  readonly key: CaptureSetting
  readonly field: string
  readonly show?: (value: never) => Shown
  readonly isSame?: (a: never, b: never) => boolean
}[] = [
  { key: 'intervalSeconds', field: 'Capture interval', show: formatInterval },
  { key: 'sizeLimitBytes', field: 'Capture size limit', show: showSize },
  { key: 'archiveNameFormat', field: 'Capture name format' },
  { key: 'skipEmptyArchives', field: 'Capture without empty files' },
  { key: 'encoding', field: 'Capture encoding' },
  { key: 'identity', field: 'Capture identity', isSame: sameName },
]

/** How the live Capture differs from the wanted one. Without a live one, all given values. */
function partsOf(wanted: CaptureOn, live: CaptureActual | undefined): readonly CapturePart[] {
  const place = placeAfter(wanted, live)
  const isInPlace = live && sameName(live.storageAccount, place.storageAccount) && live.container === place.container
  const settings = SETTINGS.flatMap(({ key, field, show, isSame }): readonly CapturePart[] => {
    const { value, given } = wanted[key]
    const same = isSame ?? ((a: unknown, b: unknown) => a === b)
    if (!given || (live && same(live[key] as never, value as never))) return []
    const shown = (one: Shown): Shown => show?.(one as never) ?? one
    return [{ field, from: live ? shown(live[key]) : null, to: shown(value), send: { [key]: value } }]
  })
  if (isInPlace) return settings
  return [
    {
      field: 'Capture destination',
      from: live ? placeOf(live) + whereabouts(live, place) : null,
      to: placeOf(place) + whereabouts(place, live),
      send: place,
    },
    ...settings,
  ]
}

/** Refuses Capture on a tier without it, or into a storage account that cannot be written to. */
export function refuseCapture(
  { name, capture }: CapturedHub,
  live: CaptureActual | undefined,
  context: CaptureContext,
): readonly Refusal[] {
  if (!capture?.enabled) return []
  if (LIMITS[context.tier].capture) return refuseDestination(destinationAfter(capture, live), context)
  return [
    {
      what: `Can't capture the events of hub ${name}`,
      because: `The namespace is on ${context.tier}, which has no Capture.`,
      waysOut: [MOVE_TO_STANDARD, { text: 'leave Capture out' }],
      link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview',
    },
  ]
}

export const destinationAfter = (wanted: CaptureOn, live: CaptureActual | undefined): Destination => ({
  storageAccount: valueAfter(wanted.storageAccount, live?.storageAccount),
  identity: valueAfter(wanted.identity, live?.identity),
})

const placeAfter = (wanted: CaptureOn, live: CaptureActual | undefined): Place => ({
  storageAccount: valueAfter(wanted.storageAccount, live?.storageAccount),
  container: valueAfter(wanted.container, live?.container),
})

/** Notes about the storage account of a hub. */
export function captureNotes(
  { capture }: CapturedHub,
  live: CaptureActual | undefined,
  context: CaptureContext,
): readonly string[] {
  if (!capture) return live ? identityNotes(live, context) : []
  if (!capture.enabled) return []
  const destination = destinationAfter(capture, live)
  const parts = partsOf(capture, live)
  if (live && parts.some(({ send }) => 'container' in send || 'archiveNameFormat' in send))
    return [...openNotes(destination, live, context), movedNote(live)]
  if (!live || parts.length > 0) return openNotes(destination, live, context)
  return [...obstacleNotes(destination, context), ...(capture.identity.given ? [] : identityNotes(live, context))]
}

const movedNote = (live: CaptureActual): string =>
  `files captured so far stay in ${placeOf(live)} under the names they have; capture ls and capture cat read by the new settings alone`
