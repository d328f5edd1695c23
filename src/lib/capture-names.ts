/**
 * The names of the files of Capture, which a hub's `archiveNameFormat` decides.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview
 */

/** Whose files they are. */
export interface CapturedHub {
  readonly namespace: string
  readonly hub: string
}

/** What a name tells of its file. */
export interface CapturedWindow {
  readonly partition: number
  /** When its window began, in whole seconds; milliseconds since the Unix epoch. */
  readonly timeMs: number
}

const EXTENSION = '.avro'
const PART = /\{(Namespace|EventHub|PartitionId|Year|Month|Day|Hour|Minute|Second)\}/

type Part = 'Namespace' | 'EventHub' | WindowPart
type WindowPart = 'PartitionId' | 'Year' | 'Month' | 'Day' | 'Hour' | 'Minute' | 'Second'

/** The name of the file of a window. */
export function blobNameOf(
  format: string,
  { namespace, hub, partition, timeMs }: CapturedHub & CapturedWindow,
): string {
  const [year, month, day, hour, minute, second] = new Date(timeMs).toISOString().split(/\D/)
  const values: Readonly<Record<Part, string | undefined>> = {
    ...{ Namespace: namespace, EventHub: hub, PartitionId: String(partition) },
    ...{ Year: year, Month: month, Day: day, Hour: hour, Minute: minute, Second: second },
  }
  return (
    piecesOf(format)
      .map(({ text, part }) => (part ? values[part] : text))
      .join('') + EXTENSION
  )
}

/** The longest text that all names of the files of a hub begin with. */
export function blobPrefixOf(format: string, hub: CapturedHub): string {
  const pieces = piecesOf(format).map((piece) => fixedTextOf(piece, hub))
  const first = pieces.indexOf(undefined)
  return first < 0 ? pieces.join('') + EXTENSION : pieces.slice(0, first).join('')
}

/** What reads the names of the files of a hub. It answers undefined for a name that the format does not make. */
export function blobNameReader(format: string, hub: CapturedHub): (name: string) => CapturedWindow | undefined {
  const pieces = piecesOf(format)
  const seen = new Set<WindowPart>()
  const pattern = pieces.map((piece) => {
    const fixed = fixedTextOf(piece, hub)
    if (fixed !== undefined) return fixed.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    const window = piece.part as WindowPart
    if (seen.has(window)) return `\\k<${window}>`
    seen.add(window)
    return `(?<${window}>${DIGITS[window]})`
  })
  const whole = new RegExp(`^${pattern.join('')}\\${EXTENSION}$`)
  return (name) => {
    const found = whole.exec(name)?.groups
    if (!found) return undefined
    const [year, month, day, hour, minute, second] = TIME_PARTS.map((part) => Number(found[part])) as Six
    const window = {
      partition: Number(found['PartitionId']),
      timeMs: Date.UTC(year, month - 1, day, hour, minute, second),
    }
    // There is no 31st of June, and a format that lacks a part tells no time.
    const isWindow = !Number.isNaN(window.timeMs) && blobNameOf(format, { ...hub, ...window }) === name
    return isWindow ? window : undefined
  }
}

type Six = [number, number, number, number, number, number]
const TIME_PARTS = ['Year', 'Month', 'Day', 'Hour', 'Minute', 'Second'] as const
const TWO = '\\d{2}'
const DIGITS: Readonly<Record<WindowPart, string>> = {
  ...{ PartitionId: '\\d+', Year: '\\d{4}', Month: TWO, Day: TWO, Hour: TWO, Minute: TWO, Second: TWO },
}

interface Piece {
  readonly text: string
  readonly part: Part | undefined
}

/** A format taken apart: what is between its parts, and the parts. */
const piecesOf = (format: string): readonly Piece[] =>
  format.split(PART).map((text, i) => ({ text, part: i % 2 === 1 ? (text as Part) : undefined }))

/** Undefined for a part that differs from file to file. */
function fixedTextOf({ text, part }: Piece, { namespace, hub }: CapturedHub): string | undefined {
  if (part === undefined) return text
  return part === 'Namespace' ? namespace : part === 'EventHub' ? hub : undefined
}
