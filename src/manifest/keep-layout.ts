import { isMap, parseDocument, visit, type Document } from 'yaml'

/** A common layout of a manifest. */
interface Style {
  readonly indent: number
  /** A list is indented more than its key. */
  readonly indentSeq: boolean
  /** `{ a: 1 }` rather than `{a: 1}`, and the same for lists. */
  readonly padsMaps: boolean
  readonly padsLists: boolean
}
const STYLES: readonly [Style, ...Style[]] = [
  { indent: 2, indentSeq: true, padsMaps: true, padsLists: false },
  ...[2, 4].flatMap((indent) =>
    [true, false].flatMap((indentSeq) =>
      [
        { padsMaps: true, padsLists: false },
        { padsMaps: false, padsLists: false },
        { padsMaps: true, padsLists: true },
      ].map((pads) => ({ indent, indentSeq, ...pads })),
    ),
  ),
]

/**
 * Prints an edited document in the layout of its original text. The library formats the whole document again, so lines that
 * did not change are taken from the original, with their alignment, blank lines and line ends.
 */
export function renderLike(document: Document, before: string | undefined): string {
  if (before === undefined) return print(document, STYLES[0])
  const original = linesOf(before)
  const { style, lines } = styleOf(original, before)
  const edited = linesOf(print(document, style))
  const kept = keepLines(original, lines, edited)
  const chosen = isSameContent(kept, edited) ? kept : edited
  const text = `${chosen.join('\n')}\n`
  return before.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text
}

/** The style that prints the most lines like the original, and the lines it prints. */
function styleOf(original: readonly string[], before: string) {
  const known = new Set(original)
  const document = parseDocument(before, { schema: 'core' })
  let best: { style: Style; lines: readonly string[]; score: number } | undefined
  for (const style of STYLES) {
    const lines = linesOf(print(document, style))
    const score = lines.filter((line) => known.has(line)).length
    if (!best || score > best.score) best = { style, lines, score }
    if (score === lines.length) break
  }
  return best!
}

/** The library has one padding for maps and lists. This prints each with its own. */
function print(document: Document, { indent, indentSeq, padsMaps, padsLists }: Style): string {
  visit(document, {
    Collection: (_, node) => {
      const { prototype } = node.constructor as { readonly prototype: typeof node }
      const padding = (isMap(node) ? padsMaps : padsLists) ? ' ' : ''
      node.toString = (context, ...rest) =>
        prototype.toString.call(node, context && { ...context, flowCollectionPadding: padding }, ...rest)
    },
  })
  return document.toString({ indent, indentSeq, lineWidth: 0 })
}

const linesOf = (text: string): readonly string[] => text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')

const isSameContent = (a: readonly string[], b: readonly string[]): boolean => contentOf(a) === contentOf(b)

function contentOf(lines: readonly string[]): string | undefined {
  const document = parseDocument(lines.join('\n'), { schema: 'core' })
  return document.errors.length > 0 ? undefined : JSON.stringify(document.toJS())
}

/** `edited`, with the original form of each line that is also in `printed`. */
function keepLines(
  original: readonly string[],
  printed: readonly string[],
  edited: readonly string[],
): readonly string[] {
  const originals = originalLines(original, printed)
  const at = new Map(matches(printed, edited).map(([i, j]) => [j, i]))
  return edited.flatMap((line, j) => (at.has(j) ? originals[at.get(j)!]! : [line]))
}

/** For each printed line, its original lines, including blank lines before it that were not printed. */
function originalLines(original: readonly string[], printed: readonly string[]): readonly (readonly string[])[] {
  const found: (readonly string[])[] = printed.map((line) => [line])
  const bare = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/\s+/g, ''))
  let [from, next] = [0, 0]
  for (const [i, j] of [...matches(bare(original), bare(printed)), [original.length, printed.length] as const]) {
    const between = original.slice(from, i)
    if (j - next === 1) found[next] = between
    if (j < printed.length) found[j] = [...(j === next ? between : []), original[i]!]
    ;[from, next] = [i + 1, j + 1]
  }
  return found
}

/** A limit for speed. A larger manifest loses its layout. */
const MOST_PAIRS = 9_000_000

/** Indexes of the longest common subsequence. */
function matches(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const width = b.length + 1
  if (a.length * width > MOST_PAIRS) return []
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j
      lengths[at] = a[i] === b[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  }
  const found: (readonly [number, number])[] = []
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) found.push([i++, j++])
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return found
}
