import type { Status } from '../../engine/status/status.ts'
import { canvasOf, columnsOf, type Canvas, truncate } from '../text.ts'
import { MAX_WIDTH, MIN_WIDTH, type Io, type OutStream } from '../io.ts'
import { renderStatus, type StatusOptions } from './render.ts'
import { formatAgo, formatTimeOfDay } from './words.ts'

/** What a frame shows, for a canvas as wide as the terminal is now. `isLast`: it stays on the terminal. */
export type Frame = (canvas: Canvas, isLast: boolean) => readonly string[]

export interface WatchScreen {
  /** Shows a frame, and again each time the terminal is resized. */
  readonly draw: (frame: Frame) => void
  /** Gives the terminal back as it was, and prints the last frame there. */
  readonly close: () => void
}

/**
 * The codes of xterm, which the terminals of today understand or skip.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
const OPEN = '\x1b[?1049h\x1b[?25l'
const CLOSE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const ERASE_REST_OF_LINE = '\x1b[K'
const ERASE_BELOW = '\x1b[J'
/** The terminal shows what is between them at once. https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036 */
const BEGIN_UPDATE = '\x1b[?2026h'
const END_UPDATE = '\x1b[?2026l'

const USUAL_ROWS = 24

/**
 * A second screen of the terminal, redrawn in place. It is given back when `signal` aborts, at once: what the run still waits
 * for may take its time. A frame is one write, over the last one and without erasing it first, so that nothing flickers.
 * log-update 8 has no second screen, wraps wide lines, and keeps the lower end of a frame that is too high.
 */
export function watchScreen(io: Io, signal: AbortSignal): WatchScreen {
  const { stdout } = io
  let shown: Frame | undefined
  let isOpen = true
  const canvas = (): Canvas => ({
    ...canvasOf(io, 'stdout'),
    width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stdout.columns || MIN_WIDTH)),
  })
  const redraw = (): void => void (isOpen && shown && stdout.write(frameText(shown(canvas(), false), io)))
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    stdout.removeListener('resize', redraw)
    signal.removeEventListener('abort', close)
    stdout.write(CLOSE + (shown ? `${shown(canvas(), true).join('\n')}\n` : ''))
  }
  stdout.write(OPEN)
  stdout.on('resize', redraw)
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  return {
    draw: (frame) => {
      shown = frame
      redraw()
    },
    close,
  }
}

/** The lines as one write, cut to the terminal. A line as wide as the terminal has no rest to erase. */
function frameText(lines: readonly string[], { stdout, unicode }: Pick<Io, 'stdout' | 'unicode'>): string {
  const { rows, columns } = sizeOf(stdout)
  const more = unicode.stdout ? '…' : '...'
  const hidden = lines.length - rows + 1
  const kept = hidden > 1 ? [...lines.slice(0, rows - 1), `${hidden} more lines: enlarge the terminal`] : lines
  const text = kept
    .map((line) => truncate(line, columns, more))
    .map((line) => (columnsOf(line) < columns ? line + ERASE_REST_OF_LINE : line))
    .join('\r\n')
  return BEGIN_UPDATE + HOME + text + (kept.length < rows ? `\r\n${ERASE_BELOW}` : '') + END_UPDATE
}

const sizeOf = ({ rows, columns }: OutStream) => ({ rows: rows || USUAL_ROWS, columns: columns || MIN_WIDTH })

interface WatchOptions extends StatusOptions {
  /** Why it could not be read again, in a line; undefined while it can. */
  readonly failing: string | undefined
}

/** The last status that could be read. */
export const watchFrame =
  (status: Status, { failing, ...options }: WatchOptions): Frame =>
  (canvas, isLast) => {
    const { paint } = canvas.style
    const { nowMs } = options
    const head = `ml-ingest status at ${formatTimeOfDay(status.atMs)} UTC. Ctrl-C ends.`
    const shown = isLast ? status : { ...status, namespace: { ...status.namespace, portal: undefined } }
    return [
      ...(isLast ? [] : [paint('faint', head)]),
      ...(failing === undefined
        ? []
        : [paint('warn', `Read ${formatAgo(status.atMs, nowMs)}; since then it cannot be read: ${failing}`)]),
      ...renderStatus(shown, canvas, options).split('\n'),
    ]
  }
