import type { IncomingMessage, ServerResponse } from 'node:http'
import { contentTooLarge, invalidContent, unsupportedMediaType } from './errors.ts'
import { type JsonObject, isObject, toText } from './json.ts'

const MAX_BODY_BYTES = 4 * 1024 * 1024

export interface ArmReply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The Event Hubs provider leaves the charset out of its error answers. */
  readonly contentType?: 'application/json'
}

/** Reads a body of up to 4 MB, the limit of Resource Manager; more is read to its end and refused. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) throw contentTooLarge()
  return Buffer.concat(chunks)
}

/** The JSON object in a body; undefined where there is none. Throws ArmError 400 or 415. */
export function parseBody(raw: Buffer, contentType: string | undefined): JsonObject | undefined {
  if (raw.length === 0) return undefined
  const media = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  if (media !== 'application/json') throw unsupportedMediaType(media)
  let value: unknown
  try {
    value = JSON.parse(raw.toString('utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    throw invalidContent((error as Error).message)
  }
  if (!isObject(value)) throw invalidContent('The content is not a JSON object.')
  refuseHugeIntegers(raw.toString('utf8'))
  return value
}

/** Integers are read as Int64 by the service. 2^63 is what JavaScript makes of 2^63-1, so a client may well send it. */
function refuseHugeIntegers(text: string): void {
  for (const [, digits] of text.matchAll(/"messageRetentionInDays"\s*:\s*(\d{19,40})\s*[,}]/g)) {
    if (BigInt(digits!) > 2n ** 63n - 1n) throw invalidContent(`JSON integer ${digits} is too large for an Int64.`)
  }
}

/** Sends an answer. The text of a HEAD answer is left out, as HTTP wants it. */
export function send(response: ServerResponse, method: string, reply: ArmReply): void {
  const text = reply.body === undefined ? undefined : toText(reply.body)
  const type = reply.contentType ?? 'application/json; charset=utf-8'
  response.writeHead(reply.status, {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-content-type-options': 'nosniff',
    ...(text !== undefined && { 'content-type': type }),
    ...(reply.status !== 204 && { 'content-length': String(Buffer.byteLength(text ?? '')) }),
    ...reply.headers,
  })
  response.end(method === 'HEAD' ? undefined : text)
}
