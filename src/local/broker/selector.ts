import type { StartPosition } from './log/partition-log.ts'

const KINDS: Readonly<Record<string, 'offset' | 'sequenceNumber' | 'time'>> = {
  'x-opt-offset': 'offset',
  'x-opt-sequence-number': 'sequenceNumber',
  'x-opt-enqueued-time': 'time',
}

// The client in .NET leaves out the quotes.
const SELECTOR = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=|>)\s*(?:'([^']*)'|(\S+))\s*$/

/** Reads the text of a receiver's filter; undefined when it is none that the service knows. */
export function parseSelector(text: string): StartPosition | undefined {
  const match = SELECTOR.exec(text)
  const kind = match && KINDS[match[1]!]
  if (!kind) return undefined
  const value = match[3] ?? match[4]!
  if (kind === 'offset' && value === '@latest') return { kind: 'latest' }
  if (kind === 'offset' && value === '-1') return { kind: 'earliest' }
  if (!/^-?\d{1,18}$/.test(value)) return undefined
  return { kind, value: Number(value), inclusive: match[2] === '>=' }
}
