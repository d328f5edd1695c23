import { type DamageKeeper, type LostEvents, lossText } from './damage.ts'
import type { Folder } from './files.ts'
import type { GivenOut } from './ledger.ts'
import { isTorn } from './find-record.ts'
import { mostEventsIn } from './record-head.ts'
import type { Damage } from './scan.ts'
import { parseSegmentName, type Segment } from './segment.ts'

/** Where a partition goes on after its newest segment. */
export interface Next {
  readonly sequenceNumber: number
  readonly offset: number
}

export interface Recovered {
  /** Where to go on, so that no number is given out twice; undefined where that is the end of the newest segment. */
  readonly next: Next | undefined
  /** Events of files before the first one that are gone. */
  readonly lostBefore: LostEvents | undefined
}

export interface Recovery {
  readonly folder: Folder
  /** In the order of their numbers. */
  readonly segments: readonly Segment[]
  /** What the partition had given out at least. */
  readonly given: GivenOut | undefined
  /** No segment holds more, but for a single publication that is larger. */
  readonly maxSegmentBytes: number
  readonly keeper: DamageKeeper
  readonly log: (line: string) => void
}

/**
 * Looks at the segments of a partition as they were left, and says what is lost. Cuts off a publication that was not
 * complete, and nothing else.
 */
export function recover(recovery: Recovery): Recovered {
  const { segments, log } = recovery
  const before = lostBefore(recovery)
  if (before) log(lossText(before))
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1]
    if (next && segment.nextOffset !== next.baseOffset) tellHole(recovery, segment, next)
  }
  const newest = segments.at(-1)
  const end = newest ? checkNewest(recovery, newest) : { sequenceNumber: 0, offset: 0 }
  const next = leastNext(recovery, newest, end)
  if (newest) tellLost(recovery, newest, end, next)
  return { next: next === end ? undefined : next, lostBefore: before }
}

/** Files, in the order of their numbers, whose events were dropped; they could not be deleted then. */
export const droppedFiles = (names: readonly string[], given: GivenOut | undefined): readonly string[] =>
  names.filter((_, i) => {
    const next = parseSegmentName(names[i + 1] ?? '')
    return given !== undefined && next !== undefined && next.baseSequenceNumber <= given.firstSequenceNumber
  })

/** The events of the oldest files, where those are gone. */
function lostBefore({ folder, segments, given }: Recovery): LostEvents | undefined {
  if (!given) return undefined
  const next = segments[0]?.baseSequenceNumber ?? given.nextSequenceNumber
  if (given.firstSequenceNumber >= next) return undefined
  return {
    ...{ file: folder.pathOf('.'), position: 0, what: 'files gone' },
    ...{ firstSequenceNumber: given.firstSequenceNumber, nextSequenceNumber: next },
  }
}

/** A file that is too short for what follows, or too long, or the one behind it is gone. */
function tellHole({ keeper }: Recovery, segment: Segment, next: Segment): void {
  for (const damage of segment.check()) tellDamage(keeper, segment, damage, next.baseSequenceNumber)
  if (segment.endsDamaged) return
  const position = segment.file.size
  keeper.keep(segment, { position, end: position }, segment.nextSequenceNumber, next.baseSequenceNumber)
}

/** `next` is the number that follows the segment. */
export function tellDamage(keeper: DamageKeeper, segment: Segment, damage: Damage, next: number): void {
  keeper.keep(segment, damage, damage.firstSequenceNumber, Math.min(damage.nextSequenceNumber, next))
}

/**
 * The process may have died while it wrote there, so all of it is checked, and what it left of a last publication is cut
 * off. Returns the end.
 */
function checkNewest({ keeper, given }: Recovery, segment: Segment): Next {
  const damages = segment.check()
  const torn = damages.findLast((one) => isTornTail(segment, one))
  const end = torn?.position ?? segment.file.size
  const isInOneBefore = damages.some((one) => one !== torn && one.end > segment.publicationEnd)
  const cut = isInOneBefore ? end : segment.publicationEnd
  const wasWhole = given !== undefined && given.nextSequenceNumber >= segment.nextSequenceNumber + (torn ? 1 : 0)
  const isCut = cut < segment.file.size && !wasWhole && (torn !== undefined || !segment.endsDamaged)
  if (isCut) keeper.cut(segment, cut)
  return { sequenceNumber: segment.nextSequenceNumber, offset: segment.nextOffset }
}

const isTornTail = ({ file }: Segment, { position, end, firstSequenceNumber, nextSequenceNumber }: Damage): boolean =>
  nextSequenceNumber === Infinity && isTorn(file.read(position, end - position), firstSequenceNumber)

/** The first number and offset that were certainly not given out. */
function leastNext({ given, maxSegmentBytes }: Recovery, newest: Segment | undefined, end: Next): Next {
  let { sequenceNumber, offset } = end
  const unread = newest?.endsDamaged ? newest.damages.at(-1)! : undefined
  // What was appended since the ledger was written is not in it.
  const isExact = given?.isExact === true && given.nextSequenceNumber >= end.sequenceNumber
  if (unread && !isExact && given?.nextOffset !== end.offset)
    sequenceNumber += mostEventsIn(unread.end - unread.position)
  if (given) {
    const isOlder = given.newestSegment > (newest?.baseSequenceNumber ?? -1)
    const isGone = !isExact && (isOlder || given.nextSequenceNumber > end.sequenceNumber)
    sequenceNumber = Math.max(sequenceNumber, given.nextSequenceNumber + (isGone ? mostEventsIn(maxSegmentBytes) : 0))
    offset = Math.max(offset, given.nextOffset + (isGone ? maxSegmentBytes : 0))
  }
  return unread || sequenceNumber > end.sequenceNumber ? { sequenceNumber, offset } : end
}

function tellLost({ keeper }: Recovery, newest: Segment, end: Next, next: Next): void {
  for (const damage of newest.damages) tellDamage(keeper, newest, damage, next.sequenceNumber)
  if (newest.endsDamaged || next.sequenceNumber === end.sequenceNumber) return
  const position = newest.file.size
  keeper.keep(newest, { position, end: position }, end.sequenceNumber, next.sequenceNumber)
}
