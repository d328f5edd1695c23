import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import type { TestOptions } from '../support/test-deps.ts'
import { aFolder, NAMESPACE_PATH, TARGET, unwrapped } from './support.ts'

const TENANT = '72f988bf-0000-0000-0000-2d7cd011db47'
const NAMESPACE_PAGE = `https://portal.azure.com/#@${TENANT}/resource${NAMESPACE_PATH}/overview`

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const TOKEN = `${encode({ typ: 'JWT', alg: 'none' })}.${encode({ upn: 'dana@contoso.com', tid: TENANT })}.sig`

const SUBJECT = ['-subj', '/CN=management.azure.com', '-days', '2', '-nodes']
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** A certificate that nobody trusts; undefined without openssl. */
function certificate(): { readonly key: string; readonly cert: string } | undefined {
  try {
    const made = ['req', '-x509', ...CURVE, ...SUBJECT, '-keyout', '-', '-out', '-']
    const pem = execFileSync('openssl', made, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return { key: pem, cert: pem }
  } catch {
    return undefined
  }
}
const CERTIFICATE = process.platform === 'win32' ? undefined : certificate()

/**
 * An embedded Azure that stands behind the name of the real one: the program signs in with a tool on the PATH, and goes
 * through a proxy to TLS, which is not checked here.
 */
async function behindItsName(azure: TestAzure): Promise<void> {
  const secure = createSecureServer(CERTIFICATE!, (request, response) => {
    const { authorization = '' } = request.headers
    void fetch(`${azure.arm.endpoint}${request.url}`, { headers: { authorization } }).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(await answer.text())
    })
  })
  const proxy = createServer().on('connect', (_, socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    secure.emit('connection', socket)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const folder = await aFolder()
  const expiresOn = Math.round(Date.now() / 1_000) + 3_600
  const token = JSON.stringify({ accessToken: TOKEN, expires_on: expiresOn, tokenType: 'Bearer' })
  writeFileSync(`${folder}/az`, `#!/bin/sh\necho '${token}'\n`)
  chmodSync(`${folder}/az`, 0o755)
  vi.stubEnv('PATH', folder)
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    secure.closeAllConnections()
    proxy.close()
    proxy.closeAllConnections()
  })
}

const SEED = {
  namespaces: [{ group: 'rg-clicks', name: 'ns-clicks-test', hubs: [{ name: 'clicks' }, { name: 'views' }] }],
}

describe.skipIf(!CERTIFICATE)('the page', () => {
  /** Runs `open` in Azure, and answers which pages it opened too. */
  async function open(argv: readonly string[], options: TestOptions = {}, opens = true) {
    const azure = await startTestAzure({ seed: SEED })
    await behindItsName(azure)
    const pages: string[] = []
    const openPage = async (page: string) => (pages.push(page), opens)
    const env = { ML_INGEST_ARM_ENDPOINT: '', ...options.env }
    const ran = await azure.run(['open', ...argv, '--auth', 'cli'], { clock: realClock, openPage, ...options, env })
    return { ...ran, pages, requests: azure.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`) }
  }

  test('of the namespace is printed, after one request, and opened for a person', async () => {
    const { pages, requests, stderr, ...ran } = await open(TARGET, { tty: true })
    expect(ran, stderr).toEqual({ exitCode: 0, stdout: `${NAMESPACE_PAGE}\n` })
    expect(pages).toEqual([NAMESPACE_PAGE])
    expect(stderr).toContain('  Opening it in the browser.\n')
    expect(requests).toEqual([expect.stringMatching(/^GET .*\/namespaces\/ns-clicks-test$/)])
  })

  test('of a hub is opened where one is named', async () => {
    const page = NAMESPACE_PAGE.replace('/overview', '/eventhubs/views/overview')
    expect(await open(['views', ...TARGET], { tty: true })).toMatchObject({ stdout: `${page}\n`, pages: [page] })
  })

  test.each<[string, TestOptions]>([
    ['off a terminal', {}],
    ['in CI', { tty: true, env: { GITHUB_ACTIONS: 'true' } }],
  ])('is only printed %s', async (_, options) => {
    expect(await open(TARGET, options)).toMatchObject({ exitCode: 0, stdout: `${NAMESPACE_PAGE}\n`, pages: [] })
  })

  test('is for the person to open where nothing else can', async () => {
    const ran = await open(TARGET, { tty: true }, false)
    expect(ran).toMatchObject({ exitCode: 0, stdout: `${NAMESPACE_PAGE}\n` })
    expect(ran.stderr).toContain('No browser could be started here. Open the page yourself.')
  })

  test('of a namespace that is not there is an error, with how to see what is', async () => {
    const ran = await open(['-g', 'rg-clicks', '-n', 'ns-nowhere'], { tty: true })
    expect(ran).toMatchObject({ exitCode: 1, stdout: '', pages: [] })
    expect(unwrapped(ran.stderr)).toContain('there is no namespace ns-nowhere in resource group rg-clicks')
    expect(ran.stderr).toContain(`npx ml-ingest list -s ${LOCAL_SUBSCRIPTION.subscriptionId}`)
  })
})

describe('is refused', () => {
  test('for the embedded Azure, with what to do instead', async () => {
    const azure = await startTestAzure()
    const ran = await azure.run(['open', '--local'], { tty: true })
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain('the embedded Azure has no portal')
    expect(ran.stderr).toContain('npx ml-ingest local status')
  })

  test('for an endpoint that is not of Azure, before anything is asked', async () => {
    const azure = await startTestAzure()
    const ran = await azure.run(['open', ...TARGET], { tty: true })
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain(`${azure.arm.endpoint} is not an endpoint of Azure`)
    expect(azure.requests).toEqual([])
  })

  test.each(['$(reboot)', '"; calc', 'a&calc', '-rf'])('for a name that no hub can have: %s', async (name) => {
    const azure = await startTestAzure()
    const ran = await azure.run(['open', ...TARGET, '--', name], { tty: true })
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(azure.requests).toEqual([])
  })
})
