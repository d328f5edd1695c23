import type { HttpClient } from '@azure/core-rest-pipeline'
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import { Failure, wordsOfError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { redact } from '../lib/secret.ts'
import { action, edit } from '../inputs/refer.ts'
import { say, type SignInTool, type Text } from '../lib/phrase.ts'
import { CLAIMS_CHALLENGE } from './access-errors.ts'
import { readAnswer, type AzureAnswer } from './azure-answer.ts'
import { loadIdentity, PROCESS_TIMEOUT_MS, type Candidate } from './credentials.ts'
import { answerOf, failureOf } from './failures.ts'
import { signInAdvice, signInCommands, stepUpAdvice, type RunContext } from './sign-in-advice.ts'

/** The SDK itself renews a token two minutes before its end. */
const RENEW_BEFORE_MS = 3 * 60_000

export interface SignInOptions {
  readonly candidates: readonly Candidate[]
  /** `https://management.azure.com` */
  readonly audience: () => Promise<string>
  readonly run: RunContext
  readonly clock: Clock
  /** For the requests to Entra ID. */
  readonly http: HttpClient
}

/** The sign-in of the run. It tries the candidates in order, keeps the first that works, and shares one token. */
export class SignIn implements TokenCredential {
  readonly #options: SignInOptions
  #token: AccessToken | undefined
  #fetching: Promise<AccessToken> | undefined
  #winner: { readonly via: string; readonly credential: TokenCredential } | undefined
  /** Why the last request to Entra ID did not get its answer. The SDK does not pass that on. */
  #unanswered: AzureAnswer | undefined
  readonly #http: HttpClient = {
    sendRequest: async (request) => {
      const { http, clock } = this.#options
      this.#unanswered = undefined
      try {
        const response = await http.sendRequest(request)
        const answer = readAnswer(response, clock.now())
        if (response.status >= 400 && answer.foreign) this.#unanswered = answer
        return response
      } catch (error) {
        this.#unanswered = answerOf(error, clock.now())
        throw error
      }
    },
  }

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /** How the run is signed in: `Azure CLI`. Undefined before the first token. */
  get via(): string | undefined {
    return this.#winner?.via
  }

  /** Of the last token. */
  get tenantId(): string | undefined {
    return readClaims(this.#token?.token ?? '').tenantId
  }

  /**
   * Ignores the scopes, because all requests of a run go to one Resource Manager.
   * @throws Failure (exit 3) with everything that was tried.
   */
  async getToken(_scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    if (options.claims !== undefined) return this.#fetch(options.claims)
    if (this.#token && this.#isFresh(this.#token)) return this.#token
    this.#fetching ??= this.#fetch(undefined).finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  #isFresh(token: AccessToken): boolean {
    return token.expiresOnTimestamp - RENEW_BEFORE_MS > this.#options.clock.now()
  }

  async #fetch(claims: string | undefined): Promise<AccessToken> {
    const scope = `${await this.#options.audience()}/.default`
    const tried: Tried[] = []
    const identity = this.#winner ? undefined : await loadIdentity()
    for (const candidate of this.#winner ? [this.#winner] : this.#options.candidates) {
      if ('unavailable' in candidate) {
        const { via, unavailable: reason, isBroken = false } = candidate
        tried.push({ via, reason, isBroken })
        continue
      }
      try {
        const credential = 'credential' in candidate ? candidate.credential : candidate.create(identity!, this.#http)
        this.#token = await this.#ask(credential, scope, claims)
        this.#winner = { via: candidate.via, credential }
        return this.#token
      } catch (error) {
        const { via } = candidate
        tried.push({ via, reason: this.#reasonOf(error, via), isBroken: FROM_VARIABLES.includes(via), error })
      }
    }
    throw claims === undefined ? notSignedIn(tried, this.#options.run) : this.#challenged(claims)
  }

  /** A tool that cannot ask for claims itself. What it was signed in to is known from the last token. */
  #challenged(claims: string): Failure {
    const { run } = this.#options
    const challenge = { claims, tenantId: this.tenantId }
    return failureOf({ status: 401, code: CLAIMS_CHALLENGE.code, challenge }, `sign in (${this.via})`, run)
  }

  /** The SDK's timeout kills the shell, but may then wait for its child processes. This timeout does not wait. */
  async #ask(credential: TokenCredential, scope: string, claims: string | undefined): Promise<AccessToken> {
    const done = new AbortController()
    const timeout = this.#options.clock.sleep(PROCESS_TIMEOUT_MS + 1_000, done.signal).then(() => {
      throw new SignInTimeout()
    })
    try {
      const token = await Promise.race([credential.getToken(scope, claims === undefined ? {} : { claims }), timeout])
      if (!token) throw new Error('no token')
      return token
    } finally {
      timeout.catch(() => undefined)
      done.abort(new Error('done'))
    }
  }

  /** @throws Failure when Entra ID or Azure refused this sign-in; no other one is tried then. */
  #reasonOf(error: unknown, via: string): string {
    if (error instanceof Error && error.name === 'CredentialUnavailableError') return shortReason(error.message)
    if (error instanceof SignInTimeout) return TIMED_OUT
    const { clock, run } = this.#options
    const answer = this.#unanswered ?? answerOf(error, clock.now())
    if (answer) throw failureOf(answer, `sign in (${via})`, run, error)
    return shortReason(wordsOfError(error))
  }
}

interface Tried {
  readonly via: string
  readonly reason: string
  /** Its variables are set, but not right. */
  readonly isBroken: boolean
  readonly error?: unknown
}

/** Ways to sign in that variables of the environment describe. */
const FROM_VARIABLES = ['environment', 'workload identity']

const NOT_INSTALLED = 'not installed'
const TIMED_OUT = 'timed out'

class SignInTimeout extends Error {}

/** The reason in the long output of a tool. */
function shortReason(message: string): string {
  const entra = /\b(AADSTS\d+)\b/.exec(message)?.[1]
  if (entra) return `sign-in refused, ${entra}`
  // PowerShell says it in the language of the system, with the name of the module that it lacks.
  if (
    /could not be found|couldn't be found|not installed|Unable to execute PowerShell|ENOENT|Az\.Accounts/i.test(message)
  )
    return NOT_INSTALLED
  if (/claims challenge|--claims-challenge/i.test(message)) return 'has to be signed in again'
  if (/az login|azd auth login|Connect-AzAccount/i.test(message)) return 'not signed in'
  if (/ManagedIdentityCredential.*(?:unreachable|network|Error\(s\): Not Available)|IMDS endpoint/is.test(message))
    return 'none on this machine'
  if (/Unexpected end of JSON input|timed out|ETIMEDOUT/i.test(message)) return TIMED_OUT
  const line = message.replace(/^ERROR:\s*/i, '').split(/\r?\n/)[0] ?? ''
  return redact(line).slice(0, 120)
}

const WITHOUT_ACCOUNT = say`Without an account, ${edit({ local: true })} does the same on an embedded Azure on this machine.`

function notSignedIn(tried: readonly Tried[], run: RunContext): Failure {
  const messages = tried.map(({ error }) => (error instanceof Error ? error.message : '')).join('\n')
  const claims = /--claims-challenge "?([\w+/=-]+)/.exec(messages)?.[1]
  const slow = tried.some(({ reason }) => reason === TIMED_OUT)
  const code = /\b(AADSTS\d+)\b/.exec(messages)?.[1]
  return new Failure({
    code: 'access',
    message: slow ? 'Sign-in did not answer in time' : 'Not signed in to Azure',
    azure: code === undefined ? {} : { code },
    why: [
      `Tried: ${tried.map(({ via, reason }) => `${via} (${reason})`).join(', ')}.`,
      ...(slow || code !== undefined ? [] : [WITHOUT_ACCOUNT]),
    ],
    hint:
      claims === undefined
        ? adviceFor(tried, run)
        : stepUpAdvice(run, { claims: Buffer.from(claims, 'base64').toString('utf8') }),
    cause: new Error(redact(messages)),
  })
}

function adviceFor(tried: readonly Tried[], run: RunContext): Text {
  const slow = tried.find(({ reason }) => reason === TIMED_OUT)
  if (slow) {
    const tool = SLOW_TOOLS.find((one) => one === slow.via)
    return say`See why it hangs with: ${tool ? action({ do: 'show-token', tool }) : signInCommands(run)}`
  }
  if (run.auth === 'auto' && tried.some(({ isBroken }) => isBroken))
    return say`Correct these variables, or unset them and sign in with: ${signInCommands(run)}`
  const missing = tried.filter(({ reason }) => reason === NOT_INSTALLED).map(({ via }) => via)
  return signInAdvice(run, (tool) => !missing.includes(tool))
}

/** Tools whose token command shows where it hangs. */
const SLOW_TOOLS: readonly SignInTool[] = ['Azure CLI', 'Azure Developer CLI']

/** The owner of a token. Azure verifies tokens, not we. */
export interface TokenClaims {
  readonly name: string | undefined
  readonly tenantId: string | undefined
  /** Object id of the user, service principal or managed identity. */
  readonly objectId: string | undefined
}

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function readClaims(token: string): TokenClaims {
  const claims = decode(token.split('.')[1] ?? '')
  const claim = (name: string): string | undefined => {
    const value = claims[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    name: claim('upn') ?? claim('unique_name') ?? claim('preferred_username') ?? claim('email') ?? claim('appid'),
    tenantId: claim('tid'),
    objectId: claim('oid'),
  }
}

function decode(payload: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
