import { readdirSync, readFileSync } from 'node:fs'
import { partsOf } from './amqp-spec-session.ts'
import { sasToken, testDirectory } from './local.ts'

/**
 * What real clients sent, one connection a file, named after the client and its hub. `ML_INGEST_RECORD=folder` makes the
 * tests of the clients write such files.
 */
const FOLDER = new URL('../fixtures/', import.meta.url)
const TOKEN = 'SharedAccessSignature sr='

export interface RecordedSession {
  readonly name: string
  /** Headers and frames; tokens are signed anew, so that they are valid. */
  readonly parts: readonly Buffer[]
}

/** The hubs that the clients worked on. */
export const RECORDED_HUBS: readonly string[] = [
  ...['amqp10', 'blocking', 'erlang', 'go', 'java', 'pyamqp', 'uamqp', 'azure-uamqp'],
  ...['balance-5.12.0', 'balance-6.0.4'],
]

export function recordedSessions(): readonly RecordedSession[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.amqp'))
    .map((name) => ({
      name,
      parts: [...partsOf(readFileSync(new URL(name, FOLDER)))].map(({ bytes }) => signAnew(bytes)),
    }))
}

/** A token stands last in its frame, as a string of one or four bytes of length. */
function signAnew(frame: Buffer): Buffer {
  const at = frame.indexOf(TOKEN)
  if (at < 0) return frame
  const isShort = frame[at - 2] === 0xa1
  const rule = testDirectory().rules()[0]!
  const resource = decodeURIComponent(/sr=([^&]+)/.exec(frame.toString('latin1', at))![1]!)
  const token = Buffer.from(sasToken(resource, rule.name, rule.primaryKey, Date.now() + 3_600_000))
  const head = Buffer.from([0xb1, 0, 0, 0, 0])
  head.writeUInt32BE(token.length, 1)
  const signed = Buffer.concat([frame.subarray(0, at - (isShort ? 2 : 5)), head, token])
  signed.writeUInt32BE(signed.length)
  return signed
}
