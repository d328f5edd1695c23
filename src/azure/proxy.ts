import { Failure } from '../lib/errors.ts'
import type { Env } from './credentials.ts'

/** The variables that the SDK reads, in its order, each also in lower case. */
const VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [name, name.toLowerCase()])

/**
 * Refuses a proxy setting that the SDK would stumble over: it wants a URL, where other tools make do with host and port.
 * @throws Failure (exit 2) that names the variable, not its value, which may hold a password.
 */
export function checkProxy(env: Env): void {
  const variable = VARIABLES.find((name) => env[name])
  if (variable === undefined || isHttpUrl(env[variable] ?? '')) return
  const message = 'it has to be a URL that starts with http:// or https://'
  throw new Failure({
    code: 'usage',
    message: `Can't use the proxy of ${variable}`,
    why: [`${variable}: ${message}.`],
    hint: `Write it like this: ${variable}=http://proxy.example.com:8080`,
    problems: [{ kind: 'invalid', input: 'proxy', flag: variable, message, env: variable }],
  })
}

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
