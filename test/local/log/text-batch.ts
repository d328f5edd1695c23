import type { BatchToStore, EventToStore } from '../../../src/local/log/record.ts'

export const event = (text: string, fields: Partial<EventToStore> = {}): EventToStore => ({
  partitionKey: undefined,
  header: Buffer.alloc(0),
  annotations: [],
  bare: Buffer.from(text),
  ...fields,
})

/** A batch for tests of the log, which knows no format: texts, with its stamp in front. */
export function textBatch(texts: readonly string[]): BatchToStore {
  const stamp = '0'.repeat(30)
  const bytes = Buffer.from([stamp, ...texts].join('|'))
  return {
    bytes,
    events: texts.length,
    stamp: (first, timeMs) => {
      bytes.write(`${String(first).padStart(15, '0')}${String(timeMs).padStart(15, '0')}`)
    },
  }
}

export const unpack = (batch: Buffer): readonly EventToStore[] =>
  batch
    .toString()
    .split('|')
    .slice(1)
    .map((text) => event(text))
