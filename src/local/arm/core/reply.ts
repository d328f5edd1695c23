import type { ServerResponse } from 'node:http'
import { toText } from './body.ts'
import { ArmError, invalidUri } from './errors.ts'
import { type Operation, keyOf } from './model.ts'
import type { ArmReply, Call } from './routes.ts'

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

/** What the link to a next page carries: how many entries come before it, and how many may still follow. */
interface Token {
  readonly skip: number
  readonly left: number | null
}

/**
 * A page of a list. `$top` and `$skip` bound the whole list; `nextLink` is there while more follows.
 * Source: https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections
 */
export function page<T>(call: Call, entries: readonly T[], view: (entry: T) => unknown): ArmReply {
  const token = readToken(call)
  const left = Math.min(token.left ?? Infinity, entries.length - token.skip)
  const size = Math.min(left, call.context.pageSize)
  const value = entries.slice(token.skip, token.skip + size).map(view)
  if (left <= size) return { status: 200, body: { value } }
  const next: Token = { skip: token.skip + size, left: token.left === null ? null : token.left - size }
  return { status: 200, body: { value, nextLink: nextLink(call, next) } }
}

function readToken(call: Call): Token {
  const text = call.query.get('$skiptoken')
  if (text === undefined) return { skip: count(call, '$skip') ?? 0, left: count(call, '$top') ?? null }
  try {
    const { skip, left } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Token
    if (Number.isSafeInteger(skip) && (left === null || Number.isSafeInteger(left))) return { skip, left }
  } catch {
    // falls through to the refusal
  }
  throw invalidUri(`The skip token '${text}' is invalid.`)
}

function count(call: Call, name: '$top' | '$skip'): number | undefined {
  const text = call.query.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || (name === '$top' && value === 0)) {
    throw invalidUri(`The value '${text}' of the query parameter '${name}' is invalid.`)
  }
  return value
}

function nextLink(call: Call, token: Token): string {
  const query = [...call.query].filter(([key]) => !['$skip', '$top', '$skiptoken'].includes(key))
  query.push(['$skipToken', Buffer.from(JSON.stringify(token)).toString('base64url')])
  const text = query.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
  return `${urlOf(call)}?${text}`
}

/** Where the client called, without the query. */
export const urlOf = (call: Call): string => call.origin + encodeURI(call.path)

/** What Azure says to a client that waits for the deletion of a group. Source: recordings of azure-service-operator. */
const MOST_SECONDS = 15

/** How many seconds to wait before asking again: 15 as in Azure, or fewer when the end is nearer. */
export const retryAfter = (call: Call, until: number): string =>
  String(Math.min(MOST_SECONDS, Math.max(0, Math.ceil((until - call.now) / 1000))))

/** Answers a poll: `reply` gets the operation while it runs and undefined when it is over. Throws ArmError 404. */
export function operationReply(call: Call, id: string, reply: (running: Operation | undefined) => ArmReply): ArmReply {
  const operation = call.context.store.state.operations.get(keyOf(id))
  if (!operation) {
    throw new ArmError({ status: 404, code: 'OperationNotFound', message: `The operation '${id}' could not be found.` })
  }
  return reply(operation.until > call.now ? operation : undefined)
}
