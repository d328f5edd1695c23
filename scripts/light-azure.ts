import type { Plugin } from 'rolldown'
import { lighter, without } from './lighter.ts'

/** The SDK's agents for proxies are set up only where there is a proxy. */
const lightProxies = lighter({
  name: 'proxies',
  files: /\/ts-http-runtime\/dist\/esm\/policies\/proxyPolicy\.js$/,
  change: (code) => {
    const light = code
      .replace(/^import \{ \w+ \} from "https?-proxy-agent";$/gm, '')
      .replace(/new (Https?)ProxyAgent\(/g, (_, scheme: string) => {
        return `new (require('${scheme.toLowerCase()}-proxy-agent').${scheme}ProxyAgent)(`
      })
    return light.match(/require\(/g)?.length === 2 ? light : code
  },
})

/** Applications sign in here, with a secret, a certificate or a token of theirs. People sign in with their tools. */
const lightSignIn = lighter({
  name: 'sign-in',
  files: /\/identity\/dist\/esm\/msal\/nodeFlows\/msalClient\.js$/,
  change: (code) => {
    const offered = ['getActiveAccount', 'getBrokeredToken', 'getTokenByDeviceCode', 'getTokenByUsernamePassword']
    const others = ['getTokenByAuthorizationCode', 'getTokenOnBehalfOf', 'getTokenByInteractiveRequest']
    const needed = ['getPublicApp', 'getTokenSilent', 'withSilentAuthentication', 'createBaseInteractiveRequest']
    const gone = [...offered, ...others, ...needed, 'getBrokeredTokenInternal']
    const light = without(code, gone).replace(new RegExp(`^ {8}(${gone.join('|')}),\n`, 'gm'), '')
    return gone.some((name) => light.includes(name)) ? code : light
  },
})
const lightApplications = lighter({
  name: 'applications',
  files: /\/msal-node\/dist\/client\/ClientApplication\.mjs$/,
  change: (code) =>
    without(code, [
      ...['getAuthCodeUrl', 'acquireTokenByCode', 'acquireTokenByRefreshToken', 'acquireTokenByUsernamePassword'],
      ...['acquireTokenSilent', 'acquireTokenSilentAsync', 'acquireCachedTokenSilent', 'validateState'],
    ]),
})
const lightConfidentialApplications = lighter({
  name: 'confidential-applications',
  files: /\/msal-node\/dist\/client\/ConfidentialClientApplication\.mjs$/,
  change: (code) =>
    without(code, [
      ...['getAuthCodeUrl', 'acquireTokenByCode', 'acquireTokenOnBehalfOf'],
      'acquireTokenByUserFederatedIdentityCredential',
    ]),
})

/** Of this client the sign-in sends plain requests. It describes no operations, whose bodies would be put together and read. */
const lightServiceClient = lighter({
  name: 'service-client',
  files: /\/core-client\/dist\/esm\/serviceClient\.js$/,
  change: (code) => without(code, ['sendOperationRequest']),
})
const lightSerialization = lighter({
  name: 'serialization',
  files: /\/core-client\/dist\/esm\/pipeline\.js$/,
  change: (code) => code.replace(/^ *pipeline\.addPolicy\(serializationPolicy\(.*\n/m, ''),
})
const lightDeserialization = lighter({
  name: 'deserialization',
  files: /\/core-client\/dist\/esm\/deserializationPolicy\.js$/,
  change: (code) => {
    const handled = ['deserializeResponseBody', 'getOperationResponseMap', 'handleErrorResponse']
    const light = without(code, [...handled, 'shouldDeserializeResponse', 'isOperationSpecEmpty'])
    const parsed = light.replace('return deserializeResponseBody(', 'return parse(')
    return parsed.includes('deserializeResponseBody') ? code : parsed
  },
})

/** We read single partitions, without an owner: nobody shares them out, and no checkpoints are kept. */
const lightConsumer = lighter({
  name: 'consumer',
  files: /\/event-hubs\/dist\/esm\/eventHubConsumerClient\.js$/,
  change: (code) => without(code, ['_getLoadBalancingStrategy', 'createEventProcessorForAllPartitions']),
})
const lightProcessor = lighter({
  name: 'processor',
  files: /\/event-hubs\/dist\/esm\/eventProcessor\.js$/,
  change: (code) =>
    without(code, [
      ...['_createPartitionOwnershipRequest', '_claimOwnership', '_runLoopWithLoadBalancing'],
      ...['_performLoadBalancing', 'abandonPartitionOwnerships'],
    ]),
})

/** What the SDK of Azure brings along. */
export const lightAzure: readonly Plugin[] = [
  lightProxies,
  lightSignIn,
  lightApplications,
  lightConfidentialApplications,
  lightServiceClient,
  lightSerialization,
  lightDeserialization,
  lightConsumer,
  lightProcessor,
]
