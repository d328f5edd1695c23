import { CAPTURE_DEFAULTS } from '../../inputs/capture.ts'
import { nameOfIdentity } from '../../inputs/identity.ts'
import { sameName } from '../../lib/names.ts'
import type { ScalarShape } from '../../wanted/shape.ts'
import { needed, saved, valueAfter, type Saved, type Setting } from '../setting.ts'
import type { CAPTURE_KEYS } from './capture.ts'
import { CAPTURE, type CaptureActual, type CaptureOn, type CaptureSetting, type CaptureSpec } from './capture.ts'

type CaptureKey = keyof typeof CAPTURE_KEYS

/** Capture in a saved manifest. */
export type SavedCapture =
  { readonly enabled: false } | { readonly enabled: true; readonly keys: { readonly [K in CaptureKey]: Saved } }

/** The keys of a manifest, and what Capture has for each. */
const FIELDS = {
  storageAccount: 'storageAccount',
  container: 'container',
  interval: 'intervalSeconds',
  sizeLimit: 'sizeLimitBytes',
  archiveNameFormat: 'archiveNameFormat',
  skipEmptyArchives: 'skipEmptyArchives',
  encoding: 'encoding',
  identity: 'identity',
} as const satisfies Record<CaptureKey, keyof CaptureActual>

/** The keys whose live value a manifest cannot say. */
const unsayable = (live: CaptureActual): readonly CaptureKey[] =>
  (Object.keys(FIELDS) as CaptureKey[]).filter((key) => {
    const shape: ScalarShape = CAPTURE.keys[key]
    const value = live[FIELDS[key]]
    return !shape.parse(shape.format?.(value) ?? String(value)).ok
  })

/** Whether a manifest can say where the files go. Data Lake Storage Gen1 is one that it cannot. */
const isSayable = (live: CaptureActual): boolean =>
  !unsayable(live).some((key) => key === 'storageAccount' || key === 'container')

/**
 * Capture after a run; undefined if it is off, or goes to where a manifest cannot say. An identity that the namespace, with
 * its `identities`, has lost is left out: a file with it would be refused.
 */
export function savedCapture(
  wanted: CaptureSpec | undefined,
  live: CaptureActual | undefined,
  identities: readonly string[],
): SavedCapture | undefined {
  if (wanted?.enabled === false) return { enabled: false }
  const there = live && isSayable(live) ? live : undefined
  if (!there && !wanted) return undefined
  const setting = <K extends CaptureSetting>(key: K): Saved => {
    const usual = CAPTURE_DEFAULTS[key] as CaptureActual[K]
    const asked: Setting<unknown> = wanted?.[key] ?? { value: usual, given: false }
    return saved(asked, there?.[key], (value) => there !== undefined && value !== usual)
  }
  return {
    enabled: true,
    keys: {
      storageAccount: needed(wanted ? accountAfter(wanted, there) : there!.storageAccount),
      container: needed(wanted ? valueAfter(wanted.container, there?.container) : there!.container),
      interval: setting('intervalSeconds'),
      sizeLimit: setting('sizeLimitBytes'),
      archiveNameFormat: setting('archiveNameFormat'),
      skipEmptyArchives: setting('skipEmptyArchives'),
      encoding: setting('encoding'),
      identity:
        there && isLost(there, identities)
          ? { value: CAPTURE_DEFAULTS.identity, isNeeded: false }
          : setting('identity'),
    },
  }
}

/** As it was given: a name means another account in another resource group. */
function accountAfter({ storageAccount, accountText }: CaptureOn, live: CaptureActual | undefined): string {
  const id = valueAfter(storageAccount, live?.storageAccount)
  return sameName(id, storageAccount.value) ? accountText : id
}

const isLost = ({ identity }: CaptureActual, identities: readonly string[]): boolean =>
  identity !== CAPTURE_DEFAULTS.identity && !identities.some((one) => sameName(one, identity))

/** What a manifest does not say of the live Capture: `Capture archiveNameFormat {Year}`. */
export function captureNotSaved(live: CaptureActual | undefined, identities: readonly string[]): readonly string[] {
  if (!live) return []
  if (live.storageAccount === '') return ['Capture into Data Lake Storage Gen1']
  if (!isSayable(live)) return [`Capture into container ${live.container} of ${live.storageAccount}`]
  const lost = `Capture identity ${nameOfIdentity(live.identity)}, which the namespace does not have`
  return [
    ...unsayable(live).flatMap((key) => (live[FIELDS[key]] === '' ? [] : [`Capture ${key} ${live[FIELDS[key]]}`])),
    ...(isLost(live, identities) ? [lost] : []),
  ]
}
