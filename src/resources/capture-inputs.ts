import { CAPTURE_DEFAULTS, type CaptureInput, type CaptureSpec } from '../inputs/capture-parsers.ts'
import type { FieldKey } from '../inputs/table.ts'
import type { Inputs } from '../inputs/given.ts'
import type { HubInput } from '../inputs/parsers.ts'
import type { Setting } from './spec.ts'

/** The fields that say something about Capture, with what they say in the words of a hub. */
export const CAPTURE_KEYS = {
  captureStorageAccount: 'storageAccount',
  captureContainer: 'container',
  captureInterval: 'intervalSeconds',
  captureSize: 'sizeLimitBytes',
  captureNameFormat: 'archiveNameFormat',
  captureSkipEmpty: 'skipEmptyArchives',
  captureIdentity: 'identity',
} as const satisfies { readonly [K in FieldKey]?: keyof CaptureInput }
export type CaptureKey = keyof typeof CAPTURE_KEYS

/** The fields of Capture that somebody gave, `--no-capture` left out. */
export const captureKeysIn = (inputs: Inputs): readonly CaptureKey[] =>
  (Object.keys(CAPTURE_KEYS) as CaptureKey[]).filter((key) => inputs[key] !== undefined)

/** What is said about Capture of a hub: its own words, then those for all hubs; undefined where nobody says anything. */
export function captureInputOf(hub: HubInput, inputs: Inputs): CaptureInput | undefined {
  const forAll = captureKeysIn(inputs).map((key): [string, unknown] => [CAPTURE_KEYS[key], inputs[key]!.value])
  // A variable that says 0 says nothing; a manifest that says enabled: true does.
  const off = inputs.noCapture?.value || inputs.noCapture?.source === 'manifest' ? inputs.noCapture : undefined
  if (forAll.length === 0 && !off && !hub.capture) return undefined
  return { ...(off ? { enabled: !off.value } : {}), ...Object.fromEntries(forAll), ...hub.capture }
}

/** The spec of what is said, whose destination is known to be there. */
export function captureSpecOf(input: CaptureInput | undefined): CaptureSpec | undefined {
  if (!input) return undefined
  const { storageAccount = '', container = '' } = input
  if (input.enabled === false) return { enabled: false }
  const setting = <K extends keyof typeof CAPTURE_DEFAULTS>(key: K): Setting<NonNullable<CaptureInput[K]>> => {
    const value = input[key] as NonNullable<CaptureInput[K]> | undefined
    const usual = CAPTURE_DEFAULTS[key] as NonNullable<CaptureInput[K]>
    return { value: value ?? usual, given: value !== undefined }
  }
  return {
    enabled: true,
    storageAccount,
    container,
    intervalSeconds: setting('intervalSeconds'),
    sizeLimitBytes: setting('sizeLimitBytes'),
    archiveNameFormat: setting('archiveNameFormat'),
    skipEmptyArchives: setting('skipEmptyArchives'),
    identity: setting('identity'),
  }
}
