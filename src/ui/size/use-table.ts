import { formatCapacity } from '../../lib/limits.ts'
import { formatByteCount } from '../../lib/quantity.ts'
import type { LoadAnswer } from '../../resources/load/answer.ts'
import { isAbove } from '../../sizing/use.ts'
import { type Canvas, columnsOf, pad, paragraph, plain } from '../text.ts'
import { GAP, isNarrow } from './grid.ts'
import { formatAmount, formatPercent } from '../../sizing/reasons.ts'

/** How much of what there is the load takes. */
interface UseRow {
  readonly what: string
  readonly needs: string
  readonly carries: string
  /** Undefined if nobody can tell. */
  readonly percent: number | undefined
  readonly note: string
  /** What is above is not refused: it is charged, or the units are raised. */
  readonly isAllowed?: boolean
}

/** On average and at the busiest, or once for a steady load; then each hub against its partitions, and what is kept. */
export function useTables(answer: LoadAnswer, canvas: Canvas): readonly string[] {
  const { choice, uses, raised } = answer
  const shared = sharedBy(answer)
  return uses.flatMap(({ at, units, uses: ways }) => {
    const title = uses.length === 1 ? 'Load' : at === 'mean' ? 'On average' : 'At the busiest'
    const rows = ways.map(({ way, needs, carries, percent }): UseRow => ({
      ...{ what: way, needs: formatAmount(way, needs), carries: formatAmount(way, carries), percent },
      ...(raised && at === 'mean' && isAbove({ percent })
        ? { note: 'raised by auto-inflate', isAllowed: true }
        : { note: way.endsWith('out') ? shared : '' }),
    }))
    const all = at === 'peak' ? [...rows, ...partitionRows(answer), ...storageRow(answer)] : rows
    return ['', ...table(all, { title, units: formatCapacity(choice.tier, units) }, canvas)]
  })
}

function sharedBy({ hubs }: LoadAnswer): string {
  const readers = hubs.map(({ load }) => load?.readers ?? 0)
  const [only = 0, ...others] = readers
  if (others.length > 0) return 'shared by all readers'
  return only > 1 ? `shared by ${only} readers` : ''
}

const partitionRows = ({ hubs, partitionUses }: LoadAnswer): readonly UseRow[] =>
  partitionUses.map(({ hub, partitions, needs, carries, percent }) => ({
    what: hubs.length === 1 ? 'partitions' : `partitions of ${plain(hub)}`,
    ...{ needs: formatAmount('bytes in', needs), carries: formatAmount('bytes in', carries), percent },
    note: `1 MB/s in each of ${partitions}`,
  }))

function storageRow({ storage }: LoadAnswer): readonly UseRow[] {
  if (!storage) return []
  const { needs, included, percent } = storage
  const note =
    percent === undefined
      ? 'by the number of keys'
      : isAbove({ percent })
        ? 'the rest is charged'
        : 'included in the units'
  return [
    {
      ...{ what: 'kept', needs: needs === undefined ? 'unknown' : formatByteCount(needs) },
      ...{ carries: formatByteCount(included), percent, note, isAllowed: true },
    },
  ]
}

const NUMBER = 13
const PERCENT = 8
const LEAST_LABEL = 14
const MOST_LABEL = 20

interface Head {
  readonly title: string
  readonly units: string
}

function table(rows: readonly UseRow[], { title, units }: Head, { style, width }: Canvas): readonly string[] {
  const used = (row: UseRow): string => {
    const text = (row.percent === undefined ? '-' : formatPercent(row.percent)).padStart(PERCENT)
    return isTooMuch(row) ? style.paint(row.isAllowed ? 'warn' : 'bad', text) : text
  }
  const noteOf = (row: UseRow): string => (isTooMuch(row) && !row.isAllowed ? 'too much' : row.note)
  if (isNarrow(width))
    return [
      style.paint('strong', `${title}, of ${units}`),
      ...rows.flatMap((row) => [
        `${used(row)}  ${row.what}`,
        ...paragraph([`${row.needs} of ${row.carries}`, noteOf(row)].filter(Boolean).join(', '), width, PERCENT + GAP),
      ]),
    ]
  const label = Math.min(MOST_LABEL, Math.max(LEAST_LABEL, ...rows.map(({ what }) => columnsOf(what) + GAP)))
  const cells = (needs: string, carries: string): string => pad(needs, NUMBER) + pad(carries, NUMBER)
  return [
    style.paint('strong', `${pad(title, label + GAP)}${cells('needs', 'of')}${'used'.padStart(PERCENT)}  ${units}`),
    ...rows.flatMap((row) => {
      const isLong = columnsOf(row.what) + GAP > label
      const start = `  ${pad(isLong ? '' : row.what, label)}`
      const line = `${start}${cells(row.needs, row.carries)}${used(row)}  ${noteOf(row)}`.trimEnd()
      return isLong ? [`  ${row.what}`, line] : [line]
    }),
  ]
}

const isTooMuch = ({ percent }: UseRow): boolean => percent !== undefined && isAbove({ percent })
