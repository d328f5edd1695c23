import { invalidUri } from './errors.ts'
import type { ArmReply } from './http.ts'
import type { Call } from './routes.ts'

/** Sent by the link to a next page: how many entries come before it, and how many may still follow. */
interface Token {
  readonly skip: number
  readonly left: number | null
}

/**
 * A page of a list. `$top` and `$skip` bound the whole list; `nextLink` is there while more follows.
 * Source: https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections
 */
export function page(call: Call, entries: readonly unknown[]): ArmReply {
  const token = readToken(call)
  const left = Math.min(token.left ?? Infinity, entries.length - token.skip)
  const size = Math.min(left, call.world.pageSize)
  const value = entries.slice(token.skip, token.skip + size)
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
  return `${call.origin}${call.path}?${text}`
}
