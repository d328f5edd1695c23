import { bad, ok, type Parser } from '../lib/parser.ts'
import { suggest } from '../lib/suggest.ts'
import {
  CAPTURE_ENCODINGS,
  isStorageName,
  parseArchiveNameFormat,
  parseCaptureInterval,
  parseCaptureSize,
  parseContainer,
} from './capture.ts'

/** What a program says of a hub and of storage accounts. One in JavaScript may say anything. */
interface Said {
  readonly hubs: readonly (string | { readonly name: string; readonly capture?: unknown })[]
  readonly storage: Readonly<Record<string, unknown>>
}

const parseName: Parser<string> = (text) =>
  isStorageName(text) ? ok(text) : bad('is not the name of a storage account: 3 to 24 lower-case letters and digits')

const isEncoding = (value: unknown): boolean => CAPTURE_ENCODINGS.some((one) => one === value)

/** Why a value cannot be, as the end of a sentence; undefined if it can. */
type Check = (value: unknown) => string | undefined

const textBy =
  (parse: Parser<unknown>): Check =>
  (value) => {
    if (typeof value !== 'string') return 'is not a text'
    const read = parse(value)
    return read.ok ? undefined : read.message
  }
const numberBy =
  (parse: Parser<unknown>, unit: string): Check =>
  (value) => {
    if (typeof value !== 'number') return 'is not a number'
    const read = parse(`${value}${unit}`)
    return read.ok ? undefined : read.message
  }

const CHECKS: Readonly<Record<string, Check>> = {
  storageAccount: textBy(parseName),
  container: textBy(parseContainer),
  intervalSeconds: numberBy(parseCaptureInterval, 's'),
  sizeLimitBytes: numberBy(parseCaptureSize, ''),
  archiveNameFormat: textBy(parseArchiveNameFormat),
  skipEmptyArchives: (value) => (typeof value === 'boolean' ? undefined : 'is neither true nor false'),
  encoding: (value) => (isEncoding(value) ? undefined : `is neither ${CAPTURE_ENCODINGS.join(' nor ')}`),
}

/** Everything that is wrong with Capture of the hubs of a program, one sentence each. Repeats no connection string. */
export function captureMistakes({ hubs, storage }: Said): readonly string[] {
  const ofHubs = hubs.flatMap((hub) =>
    typeof hub === 'string' || hub.capture === undefined
      ? []
      : mistakesIn(hub.capture).map((mistake) => `Hub ${hub.name}: ${mistake}.`),
  )
  const accounts = Object.keys(storage).flatMap((account) => {
    const read = parseName(account)
    return read.ok ? [] : [`storage: "${account}" ${read.message}.`]
  })
  return [...ofHubs, ...accounts]
}

function mistakesIn(capture: unknown): readonly string[] {
  if (typeof capture !== 'object' || capture === null || Array.isArray(capture))
    return ['capture is not an object, such as {}']
  return Object.entries(capture).flatMap(([key, value]: [string, unknown]) => {
    if (!Object.hasOwn(CHECKS, key)) {
      const near = suggest(key, Object.keys(CHECKS))
      return [`capture has no setting ${key}${near === undefined ? '' : `, but ${near}`}`]
    }
    const mistake = value === undefined ? undefined : CHECKS[key]!(value)
    return mistake === undefined ? [] : [`capture.${key} ${JSON.stringify(value)} ${mistake}`]
  })
}
