import { describe, expect, it } from 'vitest'
import { readAnswer, tidy } from '../../src/azure/azure-answer.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { answerOf, explain, failureOf, KNOWN_ERRORS } from '../../src/azure/failures.ts'
import type { RunContext } from '../../src/azure/sign-in-advice.ts'
import type { Failure } from '../../src/lib/errors.ts'
import { exitCodeOf } from '../../src/ui/exit.ts'
import { plainSpeller, spelledFailure } from '../../src/ui/spell.ts'
import { spellerFor } from '../support/speaking.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const TENANT = '72f988bf-0000-0000-0000-2d7cd011db47'
const run: RunContext = {
  target: resolveTarget('AzureCloud', undefined),
  auth: 'auto',
  tenantId: TENANT,
  subscriptionId: '8c1d2e3f-0000-0000-0000-000000000000',
}

interface Sent {
  readonly status: number
  readonly code?: string
  readonly message?: string
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

function answered({ status, code, message, text, headers = {} }: Sent): Failure {
  const bodyAsText = text ?? (code === undefined ? '' : JSON.stringify({ error: { code, message } }))
  const answer = readAnswer({ status, bodyAsText, headers: { get: (name) => headers[name] } }, NOW)
  return spelledFailure(failureOf(answer, 'create namespace ns-demo', run), plainSpeller) as Failure
}

const SCOPE = '/subscriptions/s/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-demo'

/** Wordings as the service gave them, or as its documentation has them. */
const CASES: readonly (Sent & { exit: number; retry: boolean; why: string; hint?: string })[] = [
  {
    status: 403,
    code: 'AuthorizationFailed',
    message: `The client 'dana@contoso.com' with object id 'o' does not have authorization to perform action 'Microsoft.EventHub/namespaces/write' over scope '${SCOPE}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    exit: 3,
    retry: false,
    why: 'Your account has no right to do Microsoft.EventHub/namespaces/write on namespace ns-demo.',
    hint: 'owner of resource group rg-demo',
  },
  {
    status: 403,
    code: 'AuthorizationFailed',
    message:
      "does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/read' over scope '/subscriptions/s' or",
    exit: 3,
    retry: false,
    why: 'Your account has no right to do Microsoft.Resources/subscriptions/resourcegroups/read on the subscription.',
  },
  {
    status: 403,
    code: 'AuthorizationFailed',
    message: 'no.',
    exit: 3,
    retry: false,
    why: 'Your account has no right to do this on this scope.',
  },
  {
    status: 403,
    code: 'LinkedAuthorizationFailed',
    message:
      "The client has permission to perform action 'a' on scope 's', however the current tenant 't' is not authorized to access linked subscription 'other'.",
    exit: 3,
    retry: false,
    why: 'none on what this refers to',
  },
  {
    status: 404,
    code: 'SubscriptionNotFound',
    message: "The subscription 'abc' could not be found.",
    exit: 3,
    retry: false,
    why: 'Your account sees no subscription abc',
  },
  {
    status: 401,
    code: 'InvalidAuthenticationTokenTenant',
    message:
      "The access token is from the wrong issuer 'https://sts.windows.net/1111/'. It must match the tenant 'https://sts.windows.net/2222-33/' associated with this subscription.",
    exit: 3,
    retry: false,
    why: 'another tenant',
    hint: 'az login --tenant 2222-33',
  },
  {
    status: 401,
    code: 'ExpiredAuthenticationToken',
    message: 'The access token expiry UTC time ...',
    exit: 3,
    retry: false,
    why: 'expired',
    hint: `Sign in with: az login --tenant ${TENANT}`,
  },
  { status: 401, exit: 3, retry: false, why: 'HTTP 401', hint: 'az login' },
  {
    status: 403,
    code: 'RequestDisallowedByPolicy',
    message: `Resource 'ns-demo' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Allowed locations","id":"i"}}]'.`,
    exit: 4,
    retry: false,
    why: 'Azure Policy forbids it: Allowed locations.',
  },
  {
    status: 403,
    code: 'RequestDisallowedByPolicy',
    message: 'by policy',
    exit: 4,
    retry: false,
    why: 'a rule of your organization.',
  },
  {
    status: 409,
    code: 'ScopeLocked',
    message: `The scope 's' cannot perform write operation because following scope(s) are locked: '/subscriptions/s/resourcegroups/rg-demo'. Please remove the lock and try again.`,
    exit: 4,
    retry: false,
    why: 'A lock on resource group rg-demo forbids it.',
    hint: '/subscriptions/s/resourcegroups/rg-demo/providers/Microsoft.Authorization/locks/NAME',
  },
  {
    status: 409,
    code: 'MissingSubscriptionRegistration',
    message: 'The subscription is not registered to use namespace',
    exit: 4,
    retry: false,
    why: 'not registered',
    hint: 'az provider register --namespace Microsoft.EventHub',
  },
  {
    status: 409,
    code: 'InvalidResourceGroupLocation',
    message: "Invalid resource group location 'eastus'. The Resource group already exists in location 'westeurope'.",
    exit: 4,
    retry: false,
    why: 'already exists in westeurope',
  },
  {
    status: 409,
    code: 'InvalidResourceLocation',
    message: "The resource 'ns' already exists in location 'westeurope' in resource group 'rg'.",
    exit: 4,
    retry: false,
    why: 'already exists in westeurope',
  },
  {
    status: 400,
    code: 'LocationNotAvailableForResourceType',
    message: "The provided location 'moon' is not available for resource type",
    exit: 4,
    retry: false,
    why: 'The region moon',
  },
  {
    status: 400,
    code: 'BadRequest',
    message:
      'The specified name is not available. For more information visit https://aka.ms/eventhubsarmexceptions. CorrelationId: 0d0cbd36-1ba1-4c5c-a1cf-30b3b2fd3ea4',
    exit: 4,
    retry: false,
    why: 'name is taken',
  },
  {
    status: 400,
    code: 'BadRequest',
    message: 'The specified subscription has reached its quota of namespaces.',
    exit: 4,
    retry: false,
    why: 'as many namespaces',
  },
  {
    status: 400,
    code: 'MessagingGatewayBadRequest',
    message: 'SubCode=40000. PartitionCount can only be changed on a Dedicated Event Hub cluster or Premium namespace.',
    exit: 4,
    retry: false,
    why: 'partitions of an existing hub',
  },
  {
    status: 400,
    code: 'MessagingGatewayBadRequest',
    message: "SubCode=40000. The value '7' for MessageRetentionInDays is not valid for the Basic tier",
    exit: 4,
    retry: false,
    why: 'keep events that long',
  },
  {
    status: 400,
    code: 'InvalidMaxThroughputValue',
    message: 'Auto inflate',
    exit: 4,
    retry: false,
    why: 'auto-inflate',
  },
  {
    status: 409,
    code: 'Conflict',
    message:
      'SubCode=40300. The maximum number of resources of type EventHub has been reached or exceeded. Actual: 10, Max allowed: 10',
    exit: 4,
    retry: false,
    why: 'it may hold 10 of these',
  },
  {
    status: 409,
    code: 'Conflict',
    message: 'Namespace update failed with conflict in backend.',
    exit: 1,
    retry: true,
    why: 'busy',
  },
  {
    status: 409,
    code: 'MessagingGatewayConflict',
    message: 'SubCode=40901. Another conflicting operation is in progress.',
    exit: 1,
    retry: true,
    why: 'busy',
  },
  {
    status: 409,
    code: 'MessagingGatewayConflict',
    message: 'Namespace cannot be downgraded because ...',
    exit: 1,
    retry: false,
    why: 'Azure says: Namespace cannot be downgraded',
  },
  {
    status: 409,
    code: 'ResourceGroupBeingDeleted',
    message: 'The resource group is in deprovisioning state',
    exit: 1,
    retry: true,
    why: 'being deleted',
  },
  {
    status: 429,
    code: 'NamespaceInTransition',
    message: 'The namespace ns in subscription s is in transitioning state',
    exit: 1,
    retry: true,
    why: 'still working',
  },
  { status: 429, code: 'Unheard', message: 'of', exit: 1, retry: true, why: 'Azure says: of' },
  { status: 429, code: 'QuotaExceeded', message: 'm', exit: 4, retry: true, why: 'used up' },
  {
    status: 500,
    code: 'InternalServerError',
    message: 'Internal Server Error.',
    exit: 1,
    retry: true,
    why: 'Internal Server Error',
  },
  { status: 502, exit: 1, retry: true, why: 'HTTP 502' },
  {
    status: 503,
    text: '<html><title>Service Unavailable</title></html>',
    exit: 1,
    retry: true,
    why: 'not Azure: Service Unavailable',
  },
  {
    status: 400,
    code: 'BrandNew',
    message: 'one\ntwo\nthree\nfour',
    exit: 1,
    retry: false,
    why: 'Azure says: one\ntwo\nthree',
  },
  {
    status: 409,
    text: '{"Error":{"Code":"ScopeLocked","Target":null,"Message":"locked: \'x\'"}}',
    exit: 4,
    retry: false,
    why: 'A lock',
  },
  {
    status: 400,
    text: '{"code":"InvalidSubscriptionId","message":"m"}',
    exit: 3,
    retry: false,
    why: 'subscription id',
  },
]

describe('answers of Azure', () => {
  it.each(CASES)('$status $code: $why', ({ exit, retry, why, hint, ...sent }) => {
    const error = answered(sent)
    expect(error.message).toBe('Failed to create namespace ns-demo')
    expect({ exit: exitCodeOf(error), retry: error.retryable }).toEqual({ exit, retry })
    expect(error.why.join('\n')).toContain(why)
    if (hint !== undefined) expect(error.hint).toContain(hint)
    expect(`${error.why.join()}${String(error.hint ?? '')}`).not.toMatch(/[{}|]|undefined/)
  })

  it('keeps what support asks for', () => {
    const headers = { 'x-ms-request-id': 'r', 'x-ms-correlation-request-id': 'c' }
    expect(answered({ status: 400, code: 'X', message: 'm', headers }).azure).toEqual({
      status: 400,
      code: 'X',
      message: 'm',
      requestId: 'r',
      correlationId: 'c',
    })
  })

  it.each([
    [{ 'retry-after': '15' }, undefined, 15_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, undefined, 30_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, undefined, 0],
    [{ 'x-ms-retry-after-ms': '1500' }, undefined, 1500],
    [{ 'retry-after': 'soon' }, undefined, undefined],
    [{}, "Please try again after '6' seconds.", 6000],
    [{}, 'no', undefined],
  ])('reads how long to wait: %j %s', (headers, message, retryAfterMs) => {
    const error = answered({ status: 429, code: 'TooManyRequests', message: message ?? 'm', headers })
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })

  it('shows no key that Azure repeats', () => {
    const key = 'aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd28='
    const error = answered({
      status: 400,
      code: 'Strange',
      message: `Endpoint=sb://ns/;SharedAccessKeyName=r;SharedAccessKey=${key} and "primaryKey":"${key}" and ${key}`,
    })
    expect(JSON.stringify({ ...error, message: error.message, why: error.why })).not.toContain(key)
  })

  it('cuts long sentences', () => {
    expect(tidy('x'.repeat(1000)).length).toBeLessThanOrEqual(600)
  })
})

describe('errors without an answer', () => {
  const rest = (code: string, message = code) => Object.assign(new Error(message), { name: 'RestError', code })

  it.each([
    ['ENOTFOUND', 1, false, 'management.azure.com cannot be resolved'],
    ['ECONNREFUSED', 1, false, 'Nothing answers'],
    ['EAI_AGAIN', 1, true, 'no network route'],
    ['ECONNRESET', 1, true, 'broke off'],
    ['ETIMEDOUT', 1, true, 'in time'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 1, false, 'not trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 1, false, 'not trusted'],
    ['REQUEST_SEND_ERROR', 1, false, 'The request failed: REQUEST_SEND_ERROR'],
  ])('%s', (code, exit, retry, why) => {
    const answer = answerOf(rest(code), NOW)
    const error = failureOf(answer!, 'read', run, rest(code))
    expect({ exit: exitCodeOf(error), retry: error.retryable }).toEqual({ exit, retry })
    expect(error.why.join()).toContain(why)
  })

  it.each(['AADSTS50076', 'AADSTS700082', 'AADSTS50020', 'AADSTS90002', 'AADSTS7000215', 'AADSTS9999999'])(
    '%s',
    (code) => {
      const thrown = Object.assign(new Error(`${code}: something. Trace ID: x`), { name: 'AuthenticationError' })
      const error = failureOf(answerOf(thrown, NOW)!, 'sign in', run)
      expect(error).toMatchObject({ code: 'access', retryable: false, azure: { code } })
      expect(error.hint).toBeDefined()
    },
  )

  it('leaves a bug what it is', () => {
    expect(answerOf(new TypeError('x is not a function'), NOW)).toBeUndefined()
    expect(answerOf('text', NOW)).toBeUndefined()
  })

  it('hands on no request and no header with the cause', () => {
    const thrown = Object.assign(rest('ECONNRESET', 'Authorization: Bearer abc'), { request: { headers: 'secret' } })
    const { cause } = failureOf(answerOf(thrown, NOW)!, 'read', run, thrown)
    expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toMatch(/abc|secret/)
  })
})

describe('a lock', () => {
  const HUB = '/subscriptions/s/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns/eventhubs/clicks'
  const locked = (scopes: string) =>
    `The scope '${HUB}' cannot perform write operation because following scope(s) are locked: '${scopes}'. Please remove the lock and try again.`
  const known = KNOWN_ERRORS.find(({ code }) => code === 'ScopeLocked')!
  const windows = spellerFor('create', {}, 'windows')
  const hintAt = (url: string | undefined, scopes: string) =>
    windows
      .text(explain(known, locked(scopes), { ...run, target: resolveTarget('AzureCloud', url) }).hint)
      .split('\n')
      .slice(1)

  it('is found and removed with the command line of Azure, in Azure', () => {
    expect(hintAt(undefined, HUB)).toEqual([
      'az lock list --output table',
      `az lock delete --ids ${HUB}/providers/Microsoft.Authorization/locks/NAME`,
    ])
  })

  it('is found and removed with curl in the embedded Azure, which that command line does not know', () => {
    const locks = `http://127.0.0.1:1${HUB}/providers/Microsoft.Authorization/locks`
    const expected = [
      `curl.exe -H "Authorization: Bearer x" "${locks}?api-version=2016-09-01"`,
      `curl.exe -X DELETE -H "Authorization: Bearer x" "${locks}/NAME?api-version=2016-09-01"`,
    ]
    expect(hintAt('http://127.0.0.1:1', HUB)).toEqual(expected)
    expect(hintAt('http://127.0.0.1:1', `${HUB},/subscriptions/s`)).toEqual(expected)
  })
})

describe('the tables', () => {
  it('have no entry that an earlier one hides', () => {
    const seen = new Set<string>()
    for (const { code, when } of KNOWN_ERRORS) {
      expect(seen.has(code), `${code} comes after an entry for the same code without a condition`).toBe(false)
      if (!when) seen.add(code)
    }
  })

  it.each(KNOWN_ERRORS)('$code: sentences without holes, and commands that can be typed', (known) => {
    const local: RunContext = { ...run, tenantId: undefined, target: resolveTarget('AzureCloud', 'http://127.0.0.1:1') }
    for (const context of [run, local]) {
      const told = explain(known, 'm', context)
      const [why, hint] = [told.why.map(plainSpeller.text).join('\n'), plainSpeller.text(told.hint)]
      const text = `${why}\n${hint}`
      expect(text).not.toMatch(/\{|\}(?!")|undefined|\(\)|<|>| {2}/)
      const [line = '', ...commands] = hint.split('\n')
      for (const one of commands) expect(one).toMatch(/^az [\w -]+$/)
      const command = /: ((?:az|azd|npx) .*)$/.exec(line)?.[1]
      if (/\b(az|azd|npx) /.test(line)) expect(command).toMatch(/^(az|azd|npx ml-ingest) [\w "$[\].-]+$/)
      else expect(line).toMatch(/[.]$/)
    }
  })
})
