import { CAPTURE_DEFAULTS, formatInterval, formatSize, partsOfStorageId, storageNameOf } from '../../inputs/capture.ts'
import { action } from '../../inputs/refer.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { say } from '../../lib/phrase.ts'
import { MOVE_TO_STANDARD, type Change, type Refusal, type Shown, type WayOut } from '../step.ts'
import type { CaptureActual, CaptureSetting, CaptureSpec, StorageAccountActual } from './capture.ts'

interface CapturedHub {
  readonly name: string
  readonly capture: CaptureSpec | undefined
}
interface CaptureContext {
  readonly tier: LiveTier
  readonly storageAccounts: ReadonlyMap<string, StorageAccountActual>
}
/** What has to change for Capture of a hub. */
interface CaptureDelta {
  readonly changes: readonly Change[]
  readonly send: { readonly capture?: Partial<CaptureActual> | 'off' }
  readonly refusal: Refusal | undefined
}
const NO_DELTA: CaptureDelta = { changes: [], send: {}, refusal: undefined }

type CaptureOn = Extract<CaptureSpec, { readonly enabled: true }>

/** `Capture to lake/clicks-raw`, or nothing. */
export const captureWords = (capture: Destination | undefined): readonly string[] =>
  capture ? [`Capture to ${destinationOf(capture)}`] : []

/** Capture of a new hub; undefined if none is wanted. */
export function newCapture({ capture }: CapturedHub): CaptureActual | undefined {
  if (!capture?.enabled) return undefined
  const { storageAccount, container } = capture
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
  if (live && parts.length === 0) return NO_DELTA
  return {
    changes: [
      ...(live ? [] : [{ field: 'Capture', from: false, to: true }]),
      ...parts.map(({ field, from, to }) => ({ field, from, to })),
    ],
    send: { capture: parts.reduce<Partial<CaptureActual>>((all, { send }) => ({ ...all, ...send }), {}) },
    refusal: refuseCapture(hub, context),
  }
}

type Destination = Pick<CaptureActual, 'storageAccount' | 'container'>
const destinationOf = ({ storageAccount, container }: Destination): string =>
  storageAccount === '' ? 'a Data Lake Storage Gen1' : `${storageNameOf(storageAccount)}/${container}`

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
  { key: 'identity', field: 'Capture identity', isSame: sameName },
]

/** How the live Capture differs from the wanted one. Without a live one, all given values. */
function partsOf(wanted: CaptureOn, live: CaptureActual | undefined): readonly CapturePart[] {
  const { storageAccount, container } = wanted
  const hasDestination = live && sameName(live.storageAccount, storageAccount) && live.container === container
  const settings = SETTINGS.flatMap(({ key, field, show, isSame }): readonly CapturePart[] => {
    const { value, given } = wanted[key]
    const same = isSame ?? ((a: unknown, b: unknown) => a === b)
    if (!given || (live && same(live[key] as never, value as never))) return []
    const shown = (one: Shown): Shown => show?.(one as never) ?? one
    return [{ field, from: live ? shown(live[key]) : null, to: shown(value), send: { [key]: value } }]
  })
  if (hasDestination) return settings
  return [
    {
      field: 'Capture destination',
      from: live ? destinationOf(live) : null,
      to: destinationOf(wanted),
      send: { storageAccount, container },
    },
    ...settings,
  ]
}

const LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview'

/** Refuses Capture on a tier without it, or into a storage account that does not support it. */
export function refuseCapture(
  { name, capture }: CapturedHub,
  { tier, storageAccounts }: CaptureContext,
): Refusal | undefined {
  if (!capture?.enabled) return undefined
  if (LIMITS[tier].capture) return refuseAccount(capture, storageAccounts.get(nameKeyOf(capture.storageAccount)))
  return {
    what: `Can't capture the events of hub ${name}`,
    because: `The namespace is on ${tier}, which has no Capture.`,
    waysOut: [MOVE_TO_STANDARD, { text: 'leave Capture out' }],
    link: LINK,
  }
}

const OTHER_ACCOUNT: WayOut = { text: 'name another storage account' }

/** Does not mention the hub, so that it appears once for all hubs. */
function refuseAccount(
  { storageAccount }: Pick<CaptureOn, 'storageAccount'>,
  found: StorageAccountActual | undefined,
): Refusal | undefined {
  const account = storageNameOf(storageAccount)
  const what = `Can't capture into storage account ${account}`
  if (!found) {
    const { resourceGroup = '' } = partsOfStorageId(storageAccount) ?? {}
    const because = `Resource group ${resourceGroup} has no storage account of this name.`
    const make = { text: say`make it first: ${action({ do: 'make-storage-account', name: account, resourceGroup })}` }
    return { what, because, waysOut: [make, OTHER_ACCOUNT], link: LINK }
  }
  if (!/^Premium/i.test(found.sku ?? '')) return undefined
  const because = `Its SKU is ${found.sku}, and Capture does not write to premium storage.`
  return { what, because, waysOut: [OTHER_ACCOUNT], link: LINK }
}

/** Notes about the storage account of a hub. */
export function captureNotes(
  { capture }: CapturedHub,
  live: CaptureActual | undefined,
  { storageAccounts }: CaptureContext,
): readonly string[] {
  if (!capture?.enabled) return []
  const found = storageAccounts.get(nameKeyOf(capture.storageAccount))
  const isAsWanted = live !== undefined && partsOf(capture, live).length === 0
  const account = `storage account ${storageNameOf(capture.storageAccount)}`
  if (!found) return isAsWanted ? [`${account}, which hubs are captured into, does not exist any more`] : []
  return found.sku === undefined && !isAsWanted ? [`whether ${account} exists is not known: it may not be read`] : []
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-managed-identity */
export const identityNotes = (hubs: readonly CapturedHub[]): readonly string[] =>
  hubs.some(({ capture }) => capture?.enabled && capture.identity.value !== CAPTURE_DEFAULTS.identity)
    ? ['Capture would use a managed identity, but a new namespace has none: Azure may refuse Capture until it has one']
    : []
