import {
  CAPTURE_DEFAULTS,
  CAPTURE_ENCODINGS,
  storageIdIn,
  type CaptureEncoding,
  type CaptureIdentity,
  type GroupPlace,
} from '../../inputs/capture.ts'
import { DEFAULTS } from '../../inputs/defaults.ts'
import { INPUTS } from '../../inputs/table.ts'
import { edit } from '../../inputs/refer.ts'
import { say } from '../../lib/phrase.ts'
import type { Problem } from '../../lib/errors.ts'
import { CAPTURE_LIMITS } from '../../lib/limits.ts'
import { problemAt, isUnread, type Branch, type List, type Node } from '../../wanted/node.ts'
import { layOver } from '../../wanted/merge.ts'
import { choice, fromInput, object, toggle, type TreeOf } from '../../wanted/shape.ts'
import type { RuleInput, Rule } from '../judge.ts'
import { settingOf, type Setting } from '../setting.ts'

export const CAPTURE = object(
  'the stream lands as Avro files in a storage account; needs storageAccount and container, or enabled: false',
  {
    enabled: toggle('false: switched off; the files that it wrote stay'),
    storageAccount: fromInput(INPUTS.captureStorageAccount),
    container: fromInput(INPUTS.captureContainer),
    interval: fromInput(INPUTS.captureInterval),
    sizeLimit: fromInput(INPUTS.captureSize),
    archiveNameFormat: { ...fromInput(INPUTS.captureNameFormat), isCaseSensitive: true },
    skipEmptyArchives: toggle(INPUTS.captureSkipEmpty.help),
    encoding: choice(INPUTS.captureEncoding.help, INPUTS.captureEncoding.parse, CAPTURE_ENCODINGS),
    identity: fromInput(INPUTS.captureIdentity),
  },
)
export type WantedCapture = TreeOf<typeof CAPTURE>

/** The wanted Capture of a hub. Only the embedded Azure has a default destination. */
export type CaptureSpec =
  | { readonly enabled: false }
  | ({
      readonly enabled: true
      /** As it was given: a resource id, or a name. */
      readonly accountText: string
    } & { readonly [K in keyof CaptureActual]: Setting<CaptureActual[K]> })

export type CaptureOn = Extract<CaptureSpec, { readonly enabled: true }>

/** Where and how the events of a hub are stored as files. */
export interface CaptureActual {
  /** Resource id of a storage account; empty for another destination, such as Data Lake Storage Gen1. */
  readonly storageAccount: string
  readonly container: string
  readonly intervalSeconds: number
  readonly sizeLimitBytes: number
  readonly archiveNameFormat: string
  readonly skipEmptyArchives: boolean
  readonly encoding: CaptureEncoding
  readonly identity: CaptureIdentity
}
/** The settings with a default. */
export type CaptureSetting = keyof typeof CAPTURE_DEFAULTS

export interface StorageAccountActual {
  /** `Standard_LRS`, `Premium_LRS`; undefined without permission to read it, so that it may not exist. */
  readonly sku: string | undefined
  /** What passes its firewall besides listed networks, such as `AzureServices`; left out if everything does. */
  readonly exceptions?: readonly string[]
  /** Only Microsoft Entra identities can sign in. */
  readonly refusesKeys?: boolean
  /** Only the rules of a network security perimeter say what comes in. */
  readonly isInPerimeter?: boolean
}

/** A storage account in the flags switches Capture on, also if the manifest switches it off. */
export const switchedOnByName = (capture: WantedCapture): WantedCapture => {
  const { enabled, storageAccount } = capture
  return storageAccount && !enabled
    ? { ...capture, enabled: { origin: storageAccount.origin, text: storageAccount.text, value: true } }
    : capture
}

/** The Capture of one hub, merged with Capture for all hubs; undefined if neither was given. */
export function captureOf(
  own: WantedCapture | undefined,
  forAll: WantedCapture | undefined,
): WantedCapture | undefined {
  const isSaid = forAll && (forAll.enabled ?? firstKeyOf(forAll)) !== undefined
  return own && isSaid ? layOver(own, forAll, CAPTURE, 'extends') : (own ?? (isSaid ? forAll : undefined))
}

/** The spec of a checked Capture. An account that was given by its name is in `place`. */
export function captureSpec(capture: WantedCapture | undefined, place: GroupPlace): CaptureSpec | undefined {
  if (!capture) return undefined
  if (capture.enabled?.value === false) return { enabled: false }
  const { value: accountText, given } = settingOf(capture.storageAccount, DEFAULTS.captureStorageAccount)
  return {
    ...{ enabled: true, accountText, storageAccount: { value: storageIdIn(place, accountText), given } },
    container: settingOf(capture.container, DEFAULTS.captureContainer),
    intervalSeconds: settingOf(capture.interval, CAPTURE_DEFAULTS.intervalSeconds),
    sizeLimitBytes: settingOf(capture.sizeLimit, CAPTURE_DEFAULTS.sizeLimitBytes),
    archiveNameFormat: settingOf(capture.archiveNameFormat, CAPTURE_DEFAULTS.archiveNameFormat),
    skipEmptyArchives: settingOf(capture.skipEmptyArchives, CAPTURE_DEFAULTS.skipEmptyArchives),
    encoding: settingOf(capture.encoding, CAPTURE_DEFAULTS.encoding),
    identity: settingOf(capture.identity, CAPTURE_DEFAULTS.identity),
  }
}

interface WantedWithCapture extends Branch {
  readonly capture?: WantedCapture | undefined
  readonly hubs?: List<{ readonly capture?: WantedCapture | undefined } & Node> | undefined
}

/** Checks Capture of each hub. A problem with Capture for all hubs is reported once. */
export const captureRule: Rule<WantedWithCapture> = (given) => {
  const { wanted } = given
  const own = (wanted.hubs?.items ?? []).filter(({ capture }) => capture)
  const hasHubsWithout = own.length < (wanted.hubs?.items.length ?? 1)
  const found = [
    ...own.flatMap(({ capture }) => problemsOf(given, captureOf(capture, wanted.capture), capture)),
    ...(hasHubsWithout ? problemsOf(given, captureOf(undefined, wanted.capture), undefined) : []),
  ]
  const identities = found.map(({ origin, message }) => JSON.stringify([origin, message]))
  return found.filter((_, i) => identities.indexOf(identities[i]!) === i)
}

/** `own` is the Capture of one hub, if it has its own. */
function problemsOf(
  { limits, tierWords, wanted, isLocal }: RuleInput<WantedWithCapture>,
  capture: WantedCapture | undefined,
  own: WantedCapture | undefined,
): readonly Problem[] {
  if (!capture || capture.enabled?.value === false) return []
  const whole = own ?? wanted.capture ?? capture
  const isInFile = whole.origin.kind === 'file'
  if (!limits.capture) {
    const message = say`asks for Capture, which ${tierWords} does not have. ${edit({ tier: 'Standard' })} has it`
    const first = isInFile ? whole : firstLeafOf(whole)
    return [problemAt(isInFile ? 'hub' : keyOf(whole), first, message)]
  }
  const mayBeGiven = (key: string): boolean =>
    isUnread(wanted, 'capture') || isUnread(capture, key) || (capture.isBroken ?? false)
  const gap = (key: 'storageAccount' | 'container', input: 'captureStorageAccount' | 'captureContainer') => {
    if (isLocal || capture[key] || mayBeGiven(key)) return []
    const { help } = INPUTS[input]
    return isInFile
      ? [problemAt(own ? 'hub' : input, whole, `has no ${key}, and Capture needs it: ${help}`)]
      : [problemAt(input, undefined, `is missing, and Capture needs it: ${help}`)]
  }
  return [
    ...gap('storageAccount', 'captureStorageAccount'),
    ...gap('container', 'captureContainer'),
    ...(isLocal ? [] : tooShort(capture, own)),
  ]
}

function tooShort({ interval }: WantedCapture, own: WantedCapture | undefined): readonly Problem[] {
  const { min } = CAPTURE_LIMITS.intervalSeconds
  if (!interval || interval.value >= min) return []
  const message = say`is below ${min}s, the shortest interval of Azure. Only the embedded Azure takes it: ${edit({ local: true })}`
  return [problemAt(own?.interval ? 'hub' : 'captureInterval', interval, message)]
}

/** The keys of Capture and their inputs. */
export const CAPTURE_KEYS = {
  storageAccount: 'captureStorageAccount',
  container: 'captureContainer',
  interval: 'captureInterval',
  sizeLimit: 'captureSize',
  archiveNameFormat: 'captureNameFormat',
  skipEmptyArchives: 'captureSkipEmpty',
  encoding: 'captureEncoding',
  identity: 'captureIdentity',
} as const satisfies Partial<Record<keyof typeof CAPTURE.keys, keyof typeof INPUTS>>

const firstKeyOf = (capture: WantedCapture) =>
  (Object.keys(CAPTURE_KEYS) as (keyof typeof CAPTURE_KEYS)[]).find((key) => capture[key])
const keyOf = (capture: WantedCapture) => CAPTURE_KEYS[firstKeyOf(capture) ?? 'storageAccount']
const firstLeafOf = (capture: WantedCapture): Node => {
  const key = firstKeyOf(capture)
  return (key && capture[key]) ?? capture
}
