import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../src/azure/azure-answer.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { failureOf, FailureTranslator } from '../../src/azure/failures.ts'
import { createArmPipeline, rejectFailures } from '../../src/azure/pipeline.ts'
import type { RunContext } from '../../src/azure/sign-in-advice.ts'
import { SignIn } from '../../src/azure/sign-in.ts'
import { realClock } from '../../src/lib/clock.ts'
import type { Failure } from '../../src/lib/errors.ts'
import { exitCodeOf } from '../../src/ui/exit.ts'
import { plainSpeller, spelledFailure } from '../../src/ui/spell.ts'
import { viewOf } from '../../src/ui/error-view.ts'
import { call, failure } from './support.ts'

const TENANT = '72f988bf-0000-0000-0000-2d7cd011db47'
const MFA = '{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}'
/** A revoked session. Its base64 ends with two =. */
const REVOKED = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
const base64 = (claims: string): string => Buffer.from(claims).toString('base64')
const challengeOf = (claims: string): string =>
  `Bearer authorization_uri="https://login.microsoftonline.com/${TENANT}", error="insufficient_claims", claims="${base64(claims)}"`

const MESSAGE =
  "Resource 'rg-demo' was disallowed by Azure: You are receiving this error because you tried to create, update or delete Azure resources without authenticating through MFA. To resolve this error, go to https://aka.ms/MFAforAzure."

const runOf = (more: Partial<RunContext> = {}): RunContext => ({
  target: resolveTarget('AzureCloud', undefined),
  ...{ auth: 'cli', tenantId: undefined, ...more },
})

interface Sent {
  readonly status: number
  readonly code?: string
  readonly message?: string
  readonly challenge?: string
}

function told({ status, code, message, challenge }: Sent, run = runOf()): Failure {
  const bodyAsText = code === undefined ? '' : JSON.stringify({ error: { code, message } })
  const headers = { get: (name: string) => (name === 'www-authenticate' ? challenge : undefined) }
  const answer = readAnswer({ status, bodyAsText, headers }, 0)
  return spelledFailure(failureOf(answer, 'create resource group rg-demo', run), plainSpeller) as Failure
}

const WHY = 'Azure asks for multi-factor authentication, and this sign-in has none.'
const LOGIN = `az login --tenant ${TENANT} --scope https://management.azure.com/.default --claims-challenge ${base64(MFA)}`

describe('a demand for another factor', () => {
  it.each<[string, Sent]>([
    ['401 with a challenge', { status: 401, challenge: challengeOf(MFA) }],
    ['401 with a challenge and a code', { status: 401, code: 'RequestDisallowedByAzure', challenge: challengeOf(MFA) }],
    [
      '403 with a challenge',
      { status: 403, code: 'RequestDisallowedByPolicy', message: 'by policy', challenge: challengeOf(MFA) },
    ],
  ])('%s', (_, sent) => {
    const failed = told(sent)
    expect(failed).toMatchObject({ code: 'access', retryable: false, why: [WHY] })
    expect(failed.hint).toBe(`Sign in with another factor: ${LOGIN}`)
    expect(exitCodeOf(failed)).toBe(3)
  })

  it.each<[string, Sent]>([
    ['of Azure', { status: 403, code: 'RequestDisallowedByAzure', message: MESSAGE }],
    [
      'of a policy of the tenant',
      {
        ...{ status: 403, code: 'RequestDisallowedByPolicy' },
        message: `Resource 'rg' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Users must authenticate with multi-factor authentication to create or update resources","id":"i"}}]'.`,
      },
    ],
  ])('without a challenge, in the words %s', (_, sent) => {
    expect(told(sent)).toMatchObject({ code: 'access', why: [WHY], hint: 'Sign in with another factor: az login' })
  })

  it('is not any refusal of Azure', () => {
    const failed = told({ status: 403, code: 'RequestDisallowedByAzure', message: 'This region is not offered.' })
    expect(failed).toMatchObject({ code: 'refused', why: [expect.stringContaining('region')] })
  })

  it.each<[Partial<RunContext>, string]>([
    [{ auth: 'auto' }, LOGIN],
    [{ tenantId: 'contoso.com' }, LOGIN.replace(TENANT, 'contoso.com')],
    [{ auth: 'azd' }, `azd auth login --tenant-id ${TENANT}`],
    [{ auth: 'auto', via: () => 'Azure Developer CLI' }, `azd auth login --tenant-id ${TENANT}`],
    [
      { auth: 'auto', via: () => 'Azure PowerShell' },
      `Connect-AzAccount -Tenant ${TENANT} -ClaimsChallenge ${base64(MFA)}`,
    ],
    [
      { target: resolveTarget('AzureUSGovernment', undefined) },
      `az cloud set --name AzureUSGovernment, then ${LOGIN.replace('azure.com', 'usgovcloudapi.net')}`,
    ],
  ])('%o', (more, command) => {
    expect(told({ status: 401, challenge: challengeOf(MFA) }, runOf(more)).hint).toBe(
      `Sign in with another factor: ${command}`,
    )
  })

  it.each<Partial<RunContext>>([
    { auth: 'env' },
    { auth: 'workload' },
    { auth: 'managed-identity' },
    { auth: 'auto', via: () => 'environment' },
  ])('of an application: %o', (more) => {
    const { hint } = told({ status: 401, challenge: challengeOf(MFA) }, runOf(more))
    expect(hint).toContain('Conditional Access')
    expect(hint).not.toContain('az login')
  })

  it('is told apart from a sign-in that was revoked, whose claims are printed whole', () => {
    const failed = told({ status: 401, challenge: challengeOf(REVOKED) })
    expect(failed.why[0]).toContain('revoked')
    const about = { version: '1', node: 'v22', platform: 'linux', issuesUrl: 'u' }
    const claims = /--claims-challenge (\S+)$/.exec(viewOf(failed, about).hint!)?.[1]
    expect(Buffer.from(claims!, 'base64').toString().trim()).toBe(REVOKED)
    expect(claims).not.toContain('=')
  })
})

/** The SDK's own policy for challenges, and a sign-in whose tool has a token. */
function pipelineWith(getToken: (claims: string | undefined) => Promise<string>, status: number) {
  const run = runOf()
  const signIn = new SignIn({
    candidates: [
      {
        via: 'Azure CLI',
        create: () => ({
          getToken: async (_, options) => ({
            token: await getToken(options?.claims),
            expiresOnTimestamp: Date.now() + 3_600_000,
          }),
        }),
      },
    ],
    audience: async () => 'https://management.azure.com',
    ...{ run, clock: realClock, http: { sendRequest: () => Promise.reject(new Error('not used')) } },
  })
  const sent: (string | undefined)[] = []
  const http: HttpClient = {
    sendRequest: async (request) => {
      const authorization = request.headers.get('authorization')
      sent.push(authorization)
      const headers = createHttpHeaders()
      if (authorization === 'Bearer strong') return { request, headers, status: 200, bodyAsText: '{}' }
      headers.set('www-authenticate', challengeOf(MFA))
      const bodyAsText = JSON.stringify({ error: { code: 'RequestDisallowedByAzure', message: MESSAGE } })
      return { request, headers, status, bodyAsText }
    },
  }
  const pipeline = rejectFailures(createArmPipeline(run.target, signIn, { correlationId: 'c', userAgent: 'u' }))
  const send = () =>
    new FailureTranslator(run, realClock).run('create resource group rg-demo', call, () =>
      pipeline.sendRequest(http, createPipelineRequest({ url: 'https://management.azure.com/x', method: 'PUT' })),
    )
  return { send, sent }
}

describe('a challenge on the wire', () => {
  it('is answered by a sign-in that can get such a token', async () => {
    const asked: (string | undefined)[] = []
    const { send, sent } = pipelineWith(async (claims) => {
      asked.push(claims)
      return claims === undefined ? 'weak' : 'strong'
    }, 401)
    expect(await send()).toMatchObject({ status: 200 })
    expect(asked).toEqual([undefined, MFA])
    expect(sent).toEqual(['Bearer weak', 'Bearer strong'])
  })

  it.each([401, 403])('%i: a tool that cannot get one has to be signed in to again', async (status) => {
    const token = `h.${Buffer.from(JSON.stringify({ tid: TENANT })).toString('base64url')}.s`
    const { send } = pipelineWith(async (claims) => {
      if (claims === undefined) return token
      const unavailable = new Error(`run: az login --claims-challenge ${base64(claims)} --scope s`)
      throw Object.assign(unavailable, { name: 'CredentialUnavailableError' })
    }, status)
    const failed = (await failure(send())) as Failure
    expect(failed).toMatchObject({ code: 'access', retryable: false, why: [WHY] })
    expect(failed.hint).toBe(`Sign in with another factor: ${LOGIN}`)
    expect(JSON.stringify(failed)).not.toContain(token)
  })
})
