import { EMPTY_MAP, encodeList, encodeSection, encodeString, encodeSymbol } from '../../encoding/writer.ts'
import type { AmqpError } from './link.ts'

const ERROR = 0x1d

/**
 * An error with all its three fields: the client in Python reads the third without checking that it is there. No more
 * of the description than fits into a frame of the client.
 */
export function encodeError({ condition, description }: AmqpError, mostBytes = Infinity): Buffer {
  const text = Buffer.from(description, 'utf8')
  const shown = text.length <= mostBytes ? description : text.toString('utf8', 0, mostBytes).replace(/\ufffd+$/, '')
  return encodeSection(ERROR, encodeList([encodeSymbol(condition), encodeString(shown), EMPTY_MAP]))
}
