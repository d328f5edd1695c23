import { suggest } from '../../../lib/suggest.ts'
import type { ArmReply } from './routes.ts'

/** What can be made to go wrong, and what it looks like. */
export const FAULT_KINDS = {
  '401': 'the token has expired',
  '403': 'the role is missing',
  '409': 'another operation runs on the resource',
  '429': 'too many requests, with Retry-After when `retry-after` is given',
  '500': 'Internal Server Error',
  '502': 'Bad Gateway without a JSON body',
  '503': 'Service Unavailable, with Retry-After when `retry-after` is given',
  'in-transition': '429 while a resource changes its state, without Retry-After',
  locked: '409 ScopeLocked',
  policy: '403 RequestDisallowedByPolicy: a policy requires the tag costCenter',
  mfa: '401 RequestDisallowedByAzure with a claims challenge: the sign-in has no second factor',
  'name-taken': 'the name belongs to somebody else in Azure',
  reset: 'the connection is cut before anything is done',
  'hang-up-after-write': 'the work is done, then the connection is cut',
  '404-after-create': 'a GET does not find what was just written',
  'provisioning-failed': 'the resource ends in provisioningState Failed',
  'principal-not-found':
    '400 PrincipalNotFound when a role is given; with `principal`, only when it is given to that one',
  'late-metrics': 'metrics have no values of the last three minutes yet',
  'metric-failed': 'one metric fails while the others are answered; with `metric`, that one',
} as const
export type FaultKind = keyof typeof FAULT_KINDS

export interface Fault {
  readonly kind: FaultKind
  readonly method?: string
  /** Part of the path, or a regular expression of it; case does not matter. */
  readonly path?: string | RegExp
  /** Object id of a principal, lower case. */
  readonly principal?: string
  /** Name of a metric. */
  readonly metric?: string
  /** How many matching requests pass first. */
  readonly skip?: number
  /** How many fail then. Without it, all. */
  readonly times?: number
  readonly retryAfterSeconds?: number
  /** Answered in place of the fault's own words. */
  readonly reply?: ArmReply
}

const isCount = (text: string): boolean => /^\d{1,6}$/.test(text)

const KEYS: Readonly<Record<string, { readonly form: string; readonly fits: (text: string) => boolean }>> = {
  method: {
    form: 'GET, HEAD, PUT, PATCH, POST or DELETE',
    fits: (text) => /^(GET|HEAD|PUT|PATCH|POST|DELETE)$/i.test(text),
  },
  path: { form: 'part of a path, or /a regular expression/', fits: isPath },
  principal: { form: 'an object id', fits: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) },
  metric: { form: 'the name of a metric', fits: (text) => /^\w+$/.test(text) },
  skip: { form: 'a whole number', fits: isCount },
  times: { form: 'a whole number', fits: isCount },
  'retry-after': { form: 'whole seconds', fits: isCount },
}

function isPath(text: string): boolean {
  const source = /^\/(.+)\/$/.exec(text)?.[1]
  if (source === undefined) return text !== ''
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

/** What is wrong with the text of a fault. */
export interface FaultMistake {
  readonly text: string
  readonly message: string
}

/** Reads faults such as `429,method=PUT,path=vaults,skip=1,times=2,retry-after=5`, and finds all mistakes at once. */
export function readFaults(texts: readonly string[]): {
  readonly faults: readonly Fault[]
  readonly mistakes: readonly FaultMistake[]
} {
  const read = texts.map(readFault)
  return { faults: read.map(({ fault }) => fault), mistakes: read.flatMap(({ mistakes }) => mistakes) }
}

function readFault(text: string): { readonly fault: Fault; readonly mistakes: readonly FaultMistake[] } {
  const [kind = '', ...pairs] = text.split(',').map((part) => part.trim())
  const values = new Map<string, string>()
  const messages = Object.hasOwn(FAULT_KINDS, kind) ? [] : [unknown('kind', kind, Object.keys(FAULT_KINDS))]
  for (const pair of pairs) {
    const [key = '', ...rest] = pair.split('=')
    const value = rest.join('=')
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (!known) messages.push(unknown('part', key, Object.keys(KEYS)))
    else if (!known.fits(value)) messages.push(`${key} must be ${known.form}, not "${value}"`)
    else values.set(key, value)
  }
  return { fault: faultOf(kind as FaultKind, values), mistakes: messages.map((message) => ({ text, message })) }
}

function unknown(what: string, word: string, known: readonly string[]): string {
  const near = suggest(word, known)
  return `unknown ${what} "${word}"${near === undefined ? `; one of ${known.join(', ')}` : `; did you mean ${near}?`}`
}

function faultOf(kind: FaultKind, values: ReadonlyMap<string, string>): Fault {
  const count = (key: string) => (values.has(key) ? Number(values.get(key)) : undefined)
  const path = values.get('path')
  const source = /^\/(.+)\/$/.exec(path ?? '')?.[1]
  const method = values.get('method')?.toUpperCase()
  const principal = values.get('principal')?.toLowerCase()
  const metric = values.get('metric')
  const [skip, times, retryAfterSeconds] = [count('skip'), count('times'), count('retry-after')]
  return {
    kind,
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path: source === undefined ? path : new RegExp(source, 'i') }),
    ...(principal !== undefined && { principal }),
    ...(metric !== undefined && { metric }),
    ...(skip !== undefined && { skip }),
    ...(times !== undefined && { times }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}
