import { command, input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { access, AGAIN, errorTable, failed, temporary, type Facts, type KnownError } from './known-error.ts'
import type { Proxy } from './endpoint.ts'
import { signInAdvice } from './sign-in-advice.ts'

const checkNetwork = ({ proxy }: Facts): string =>
  proxy
    ? `Check that the proxy runs, and correct or unset ${proxy.variable}.`
    : 'Check the network connection and the VPN. If a proxy is needed, set HTTPS_PROXY.'

const through = (proxy: Proxy | undefined): string => (proxy ? ` through the proxy ${proxy.address}` : '')

/** Conditions that end by themselves. https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
export const TEMPORARY_ERRORS = errorTable(temporary, [
  {
    code: 'NamespaceInTransition',
    why: 'Azure is still working on the namespace.',
    hint: AGAIN,
  },
  {
    code: [
      'SubscriptionRequestsThrottled',
      'ResourceRequestsThrottled',
      'TooManyRequests',
      'MessagingGatewayTooManyRequests',
    ],
    why: 'Azure limits the requests of this subscription at the moment.',
    hint: AGAIN,
  },
  {
    code: 'ResourceGroupBeingDeleted',
    why: 'The resource group is being deleted.',
    hint: say`Wait until it is gone, or choose another with ${input('resourceGroup')}.`,
  },
  {
    code: 'MessagingGatewayConflict',
    when: /another conflicting operation|in progress|retry|SubCode=40901/i,
    why: 'Azure is busy with another change of the same resource.',
    hint: AGAIN,
  },
  {
    code: ['Conflict', 'AnotherOperationInProgress'],
    why: 'Azure is busy with another change of the same resource.',
    hint: AGAIN,
  },
])

/** Network errors, by the codes of Node. https://nodejs.org/api/errors.html#common-system-errors */
export const NETWORK_ERRORS = errorTable(temporary, [
  {
    code: 'ENOTFOUND',
    why: ({ host, proxy }) =>
      proxy
        ? `The name of the proxy ${proxy.address} cannot be resolved. ${proxy.variable} names it for ${host}.`
        : `The name ${host} cannot be resolved.`,
    hint: checkNetwork,
    ...failed,
  },
  {
    code: 'ECONNREFUSED',
    why: ({ endpoint, host, proxy }) =>
      proxy
        ? `Nothing answers at the proxy ${proxy.address}. ${proxy.variable} names it for ${host}.`
        : `Nothing answers at ${endpoint}.`,
    hint: (facts) =>
      facts.run.target.loopback ? say`Start the embedded Azure with: ${command('local start')}` : checkNetwork(facts),
    ...failed,
  },
  {
    code: 'REQUEST_SEND_ERROR',
    when: /proxy connection ended/i,
    why: ({ host, proxy }) => `The connection to ${host}${through(proxy)} ended before it was made.`,
    hint: checkNetwork,
    ...failed,
  },
  {
    code: ['EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'],
    why: ({ host, proxy }) => `There is no network route to ${host}${through(proxy)} at the moment.`,
    hint: checkNetwork,
  },
  {
    code: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'PARSE_ERROR'],
    why: ({ host, proxy }) => `The connection to ${host}${through(proxy)} broke off.`,
    hint: AGAIN,
  },
  {
    code: ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'REQUEST_TIMEOUT'],
    why: ({ host, proxy }) => `${host} did not answer${through(proxy)} in time.`,
    hint: (facts) => `${checkNetwork(facts)} Then run the same command again.`,
  },
  {
    code: [
      ...['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED'],
      ...['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_NOT_YET_VALID'],
    ],
    why: ({ host }) => `The certificate of ${host} is not trusted: most likely a proxy opens the connection.`,
    hint: "Set NODE_EXTRA_CA_CERTS to a file with your organization's root certificate.",
    ...failed,
  },
  {
    code: 'EPROTO',
    why: ({ endpoint }) => `What answers at ${endpoint} does not speak TLS: most likely a proxy.`,
    hint: 'Check HTTPS_PROXY and ML_INGEST_ARM_ENDPOINT.',
    ...failed,
  },
])

/** For codes that are in no table. */
export const BY_STATUS: Readonly<Record<number, Pick<KnownError, 'failure' | 'retryable' | 'hint'>>> = {
  401: { ...access, hint: ({ run }) => signInAdvice(run) },
  403: {
    ...access,
    hint: 'Ask an owner of the subscription for the Contributor role, then run the same command again.',
  },
  407: { ...failed, hint: 'The proxy asks for a name and a password: put them into HTTPS_PROXY.' },
  ...Object.fromEntries([408, 429, 500, 502, 503, 504].map((status) => [status, { ...temporary, hint: AGAIN }])),
}
