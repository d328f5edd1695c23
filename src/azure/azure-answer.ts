import { redact } from '../lib/secret.ts'
import { list, record, text } from './json.ts'
import { readViolations, type PolicyViolation } from './policies/violations.ts'

/** Details of a failed request. */
export interface AzureAnswer {
  readonly status?: number | undefined
  /** From Azure, Entra ID or Node. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly requestId?: string | undefined
  readonly correlationId?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** The policies that refused the request. */
  readonly violations?: readonly PolicyViolation[] | undefined
  /** The api-versions that the cloud has instead of an unknown one. */
  readonly versions?: readonly string[] | undefined
  readonly challenge?: ClaimsChallenge | undefined
  /** The address that gave no answer. */
  readonly url?: string
  /** The answer is not from Azure, but from a proxy, a login page or a wrong address. */
  readonly foreign?: boolean
}

/** What a token needs that this one does not have. https://learn.microsoft.com/entra/identity-platform/claims-challenge */
export interface ClaimsChallenge {
  /** JSON. */
  readonly claims: string
  readonly tenantId?: string | undefined
}

interface ResponseLike {
  readonly status: number
  readonly bodyAsText?: string | null
  readonly headers: { get(name: string): string | undefined }
}

const MAX_LINES = 3
const MAX_LINE_LENGTH = 600
/** Of errors within errors. */
const MAX_DEPTH = 4

/** Reads the status, the headers and any form of error body that Azure uses, or the HTML of a proxy. */
export function readAnswer(response: ResponseLike, nowMs: number): AzureAnswer {
  const { headers, status } = response
  const body = response.bodyAsText ?? ''
  const parsed = parseEnvelope(body)
  const isAzure =
    headers.get('x-ms-request-id') !== undefined || headers.get('x-ms-correlation-request-id') !== undefined
  const message = parsed?.message ?? headlineOf(body)
  return {
    status,
    code: parsed?.code,
    message: message === undefined ? undefined : tidy(message),
    requestId: headers.get('x-ms-request-id'),
    correlationId: headers.get('x-ms-correlation-request-id'),
    retryAfterMs: retryAfter(headers, parsed?.message, nowMs),
    violations: parsed?.violations,
    versions: versionsIn(parsed?.message),
    challenge: challengeIn(headers.get('www-authenticate')),
    foreign: !parsed && body !== '' && !isAzure,
  }
}

/** Redacts keys, removes the correlation id, which is shown separately, and keeps the first lines. */
export function tidy(message: string): string {
  const text = redact(message).replace(/\s*CorrelationId: [0-9a-f-]{36}\.?/gi, '')
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .slice(0, MAX_LINES)
    .map(shortened)
    .join('\n')
}

export const shortened = (line: string): string =>
  line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH - 1)}…` : line

type Envelope = Pick<AzureAnswer, 'code' | 'message' | 'violations'>

function parseEnvelope(body: string): Envelope | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  const outer = record(json)
  if (!outer) return undefined
  const inner = record(outer['error']) ?? record(outer['Error']) ?? outer
  const code = text(inner['code'] ?? inner['Code'] ?? inner['error'])
  const message = text(inner['message'] ?? inner['Message'] ?? inner['error_description'])
  const refusals = policyRefusalsIn(inner)
  const [first] = refusals
  if (!first) return { code, message }
  return { code: POLICY_CODE, message: text(first['message']) ?? message, violations: refusals.flatMap(readViolations) }
}

const POLICY_CODE = 'RequestDisallowedByPolicy'

/** The error itself, or those in its details: a policy may refuse a part of what was asked for. */
function policyRefusalsIn(error: Readonly<Record<string, unknown>>, depth = 0): readonly (typeof error)[] {
  if (error['code'] === POLICY_CODE) return [error]
  if (depth === MAX_DEPTH) return []
  return list(error['details']).flatMap((one) => policyRefusalsIn(record(one) ?? {}, depth + 1))
}

/** `… The supported api-versions are '2024-01-01, 2021-11-01'. …`; an unknown api-version of any type lists `versions`. */
const versionsIn = (message: string | undefined): readonly string[] | undefined =>
  /supported (?:api-)?versions are '([^']*)'/i.exec(message ?? '')?.[1]?.split(/,\s*/)

/** `Bearer authorization_uri="https://…/TENANT", error="insufficient_claims", claims="BASE64"`. */
function challengeIn(header: string | undefined): ClaimsChallenge | undefined {
  const encoded = /\bclaims="([\w+/=-]+)"/.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const tenantId = /\bauthorization_uri="https:\/\/[^/"]+\/([\w-]{36})\b/.exec(header ?? '')?.[1]
  return { claims: Buffer.from(encoded, 'base64').toString('utf8'), tenantId }
}

const headlineOf = (body: string): string | undefined =>
  /<title>\s*([^<]+?)\s*<\/title>/i.exec(body)?.[1] ?? (body.startsWith('<') ? undefined : text(body.trim()))

/** From Azure's header in milliseconds, from seconds or a date (RFC 9110), or from the message. */
function retryAfter(headers: ResponseLike['headers'], message: string | undefined, nowMs: number): number | undefined {
  const ownMs = Number(headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms') ?? Number.NaN)
  if (ownMs >= 0) return ownMs
  const header = headers.get('retry-after')
  if (header !== undefined) {
    const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs
    if (!Number.isNaN(ms)) return Math.max(0, ms)
  }
  const seconds = /try again after '?(\d+)'? seconds/i.exec(message ?? '')?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
