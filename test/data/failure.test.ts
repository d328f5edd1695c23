import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Connection, StepOutcome } from '../../src/engine/connection.ts'
import { said } from '../../src/inputs/given.ts'
import { Failure } from '../../src/lib/errors.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Secret } from '../../src/lib/secret.ts'
import { proxyFor, targetOf } from '../../src/data/connection-target.ts'
import { type Attempt, dataError, noConsumerGroup, noSignIn } from '../../src/data/failure.ts'
import { verifyConnection } from '../../src/data/verify-connection.ts'
import { spellerFor } from '../support/speaking.ts'

const KEY = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0czE='

const speller = spellerFor('verify', { namespace: said('ns', 'ns') })

function connectionTo(host: string, more: Partial<Connection> = {}): Connection {
  const text = `Endpoint=sb://${host}/;SharedAccessKeyName=r;SharedAccessKey=${KEY};EntityPath=clicks`
  return {
    ...{ subscriptionId: 's', resourceGroup: 'rg', namespace: 'ns', namespaceId: '/ns', host },
    ...{ hub: 'clicks', hubStatus: 'Active' },
    ...{ consumerGroups: ['trainer'], kafka: undefined, tierHasKafka: true, conditions: [] },
    sign: {
      ...{ kind: 'sas', rule: 'r', scope: 'hub', rights: ['Send', 'Listen'], secondary: false },
      ...{ key: new Secret(KEY), connectionString: new Secret(text) },
    },
    ...more,
  }
}

async function outcomesOf(connection: Connection, more: { env?: Record<string, string>; webSockets?: boolean } = {}) {
  const outcomes: StepOutcome[] = []
  const target = targetOf(connection, { webSockets: false, env: {}, ...more })
  const options = {
    ...{ target, consumerGroup: 'trainer', userAgent: 'test', clock: realClock },
    signal: new AbortController().signal,
  }
  for await (const outcome of verifyConnection(connection, options)) outcomes.push(outcome)
  return outcomes
}

async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('on the way', () => {
  test('a name that nobody knows', async () => {
    const outcomes = await outcomesOf(connectionTo('ns-nowhere.invalid'))
    expect(outcomes).toMatchObject([{ step: 'dns', state: 'failed', reason: 'dns', error: { code: 'azure' } }])
    expect(outcomes[0]!.detail).toBe("Can't find ns-nowhere.invalid")
  })

  test('something that answers, but not with TLS', async () => {
    const port = await listening((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const outcomes = await outcomesOf(connectionTo(`localhost:${port}`))
    expect(outcomes.map(({ step, state }) => `${step} ${state}`)).toEqual(['dns passed', 'tcp passed', 'tls failed'])
    expect(outcomes.at(-1)).toMatchObject({
      reason: 'tls',
      error: { hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string },
    })
  })

  test('something that hangs up in the middle of TLS', async () => {
    const port = await listening((socket) => void socket.on('data', () => socket.destroy()))
    expect((await outcomesOf(connectionTo(`localhost:${port}`))).at(-1)).toMatchObject({ step: 'tls', reason: 'tls' })
  })

  test('with a proxy, the proxy is what has to be found', async () => {
    const env = { HTTPS_PROXY: 'http://proxy.invalid:3128' }
    const outcomes = await outcomesOf(connectionTo('ns.servicebus.windows.net'), { env, webSockets: true })
    expect(outcomes).toMatchObject([{ step: 'dns', detail: "Can't find proxy.invalid" }])
  })

  test('a proxy that refuses is told from one that is not there', async () => {
    const port = await listening(
      (socket) =>
        void socket.on('data', () => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')).on('error', () => undefined),
    )
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` }
    const outcomes = await outcomesOf(connectionTo('ns.servicebus.windows.net'), { env, webSockets: true })
    expect(outcomes.map(({ step, state }) => `${step} ${state}`)).toEqual([
      ...['dns passed', 'tcp passed', 'tls skipped', 'sign-in failed'],
    ])
    expect(outcomes.at(-1)).toMatchObject({ reason: 'web-sockets', error: { code: 'azure' } })
  })
})

describe('where a connection goes', () => {
  test.each([
    ['ns.servicebus.windows.net', false, { port: 5671, transport: 'tls' }],
    ['ns.servicebus.windows.net', true, { port: 443, transport: 'web-sockets', proxy: undefined }],
    ['localhost:1234', false, { hostname: 'localhost', port: 1234 }],
  ])('%s, WebSockets %s', (host, webSockets, target) => {
    expect(targetOf(connectionTo(host), { webSockets, env: {} })).toMatchObject(target)
  })

  test('the embedded Azure takes plain TCP', () => {
    const { sign, ...rest } = connectionTo('localhost')
    const string = new Secret(
      'Endpoint=sb://localhost;SharedAccessKeyName=r;SharedAccessKey=k;UseDevelopmentEmulator=true',
    )
    const connection = { ...rest, sign: { ...sign, connectionString: string } } as Connection
    expect(targetOf(connection, { webSockets: true, env: {} })).toMatchObject({ port: 5672, transport: 'tcp' })
  })

  test.each([
    [{ HTTPS_PROXY: 'http://p:1' }, 'p:1'],
    [{ https_proxy: 'http://p:1', NO_PROXY: 'other.net' }, 'p:1'],
    [{ ALL_PROXY: 'http://p:1', NO_PROXY: 'other.net, .windows.net' }, undefined],
    [{ HTTPS_PROXY: 'http://p:1', no_proxy: '*' }, undefined],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'dows.net' }, 'p:1'],
    [{}, undefined],
  ])('proxy of %j: %s', (env, host) => {
    expect(proxyFor('ns.servicebus.windows.net', env)?.host).toBe(host)
  })
})

const attempt = (doing: Attempt['doing'], connection = connectionTo('ns.servicebus.windows.net')): Attempt => ({
  ...{ connection, doing, consumerGroup: 'trainer' },
  target: targetOf(connection, { webSockets: false, env: {} }),
})
const coded = (code: string, message = 'm') => Object.assign(new Error(message), { code })

describe('what an error says', () => {
  test.each([
    [coded('EAI_AGAIN'), 'connect', 'dns', 'azure'],
    [coded('ETIMEDOUT'), 'connect', 'unreachable', 'azure'],
    [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'connect', 'refused', 'azure'],
    [coded('ECONNRESET'), 'connect', 'tls', 'azure'],
    [coded('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'), 'connect', 'tls', 'azure'],
    [coded('UnauthorizedError', 'InvalidSignature: The token has an invalid signature.'), 'sign-in', 'key', 'access'],
    [coded('UnauthorizedError', 'ExpiredToken: The token is expired.'), 'sign-in', 'expired', 'access'],
    [coded('UnauthorizedError', "Unauthorized access. 'Send' claim(s) are required"), 'send', 'right', 'access'],
    [coded('UnauthorizedError', 'Ip has been prevented to connect to the endpoint.'), 'sign-in', 'firewall', 'access'],
    [coded('MessagingEntityNotFoundError'), 'hub', 'no-hub', 'absent'],
    [coded('MessagingEntityNotFoundError'), 'read', 'no-consumer-group', 'absent'],
    [coded('MessagingEntityDisabledError'), 'send', 'disabled', 'azure'],
    [coded('ReceiverDisconnectedError'), 'read', 'group-taken', 'azure'],
    [coded('ServerBusyError'), 'send', 'busy', 'azure'],
    [coded('QuotaExceededError', 'The disk with /data/events is full.'), 'send', 'disk-full', 'failed'],
    [coded('OperationTimeoutError'), 'send', 'timeout', 'azure'],
    [new Error('WebSocket: Unexpected server response: 407'), 'sign-in', 'web-sockets', 'azure'],
    [new Error('what'), 'send', 'unknown', 'azure'],
  ] as const)('%s while %s: %s', (error, doing, reason, code) => {
    const made = dataError(error, attempt(doing))
    expect(made).toMatchObject({ reason, code })
    expect([made.message, ...made.why, made.hint].join(' ')).not.toContain('undefined')
  })

  test('commands are whole, about the target of the run', () => {
    const hintOf = (code: string, doing: Attempt['doing']) => speller.text(dataError(coded(code), attempt(doing)).hint!)
    expect(hintOf('ETIMEDOUT', 'connect')).toContain(': npx ml-ingest verify -n ns --web-sockets')
    expect(hintOf('UnauthorizedError', 'sign-in')).toContain(': npx ml-ingest show-connection -n ns')
    expect(hintOf('MessagingEntityNotFoundError', 'hub')).toContain(': npx ml-ingest create -n ns')
    expect(speller.text(noConsumerGroup(attempt('read')).hint!)).toContain(
      ': npx ml-ingest create -n ns --consumer-group clicks/trainer',
    )
  })

  test('of the embedded Azure without keys it is that nobody can sign in', () => {
    const made = noSignIn(attempt('sign-in'))
    expect(made).toMatchObject({ reason: 'no-sign-in', code: 'azure' })
    expect(made.why.join()).toContain('the embedded Azure has no Microsoft Entra ID')
  })

  test('without keys it is a role that is missing, and the sign-in speaks for itself', () => {
    const entra = connectionTo('ns', {
      sign: { kind: 'entra', roles: ['Azure Event Hubs Data Sender'], granted: false, embedded: false },
    })
    expect(dataError(coded('UnauthorizedError'), attempt('sign-in', entra))).toMatchObject({
      reason: 'right',
      hint: 'Ask an owner for the role Azure Event Hubs Data Sender on the hub.',
    })
    const notSignedIn = new Failure({
      ...{ message: 'Not signed in to Azure', azure: {}, why: ['Tried: Azure CLI.'], hint: 'az login' },
      code: 'access',
    })
    expect(dataError(notSignedIn, attempt('sign-in', entra))).toMatchObject({
      ...{ reason: 'sign-in', message: 'Not signed in to Azure', hint: 'az login' },
    })
  })
})

test('an error that is a bug is no failure of the hub', () => {
  const connection = connectionTo('localhost:1')
  const target = targetOf(connection, { webSockets: false, env: {} })
  const attempt = { connection, target, doing: 'send', consumerGroup: 'trainer' } as const
  const bug = new TypeError('x is not a function')
  expect(() => dataError(bug, attempt)).toThrow(bug)
  expect(dataError(new Error('strange'), attempt).message).toContain("Can't send to hub clicks")
})
