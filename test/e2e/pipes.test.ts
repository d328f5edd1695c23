import { spawn } from 'node:child_process'
import { describe, expect, inject, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { ended, sandbox, watchAzure, type WatchedAzure } from './sandbox.ts'

const CONNECTION =
  /^Endpoint=sb:\/\/localhost(:\d+)?;SharedAccessKeyName=ml-ingest-send-listen;SharedAccessKey=[A-Za-z0-9+/]{43}=;UseDevelopmentEmulator=true;EntityPath=ml-data-stream$/
const ESCAPE = '\x1b'
const CREATE = ['create', '--yes', '-l', 'westeurope']

describe.skipIf(process.platform === 'win32')('in a shell', () => {
  test('CONN="$(…)" holds exactly the connection string, and again', async () => {
    const { shell } = sandbox()
    const line = 'CONN="$(npx ml-ingest create --local --yes)"; printf "<%s>" "$CONN"'
    const first = await shell(line)
    expect(first.exitCode).toBe(0)
    expect(first.stdout.slice(1, -1)).toMatch(CONNECTION)
    expect(first.stderr).toContain('5 created')
    const second = await shell(line)
    expect(second.exitCode).toBe(0)
    expect(second.stdout).toBe(first.stdout)
    expect(second.stderr).toContain('Nothing to do')
    const shown = await shell('npx ml-ingest show-connection --local --format raw')
    expect(`<${shown.stdout.trimEnd()}>`).toBe(first.stdout)
  })

  test('a reader that has seen enough is no reason to fail', async () => {
    const { shell } = sandbox()
    const { stdout, stderr } = await shell('npx ml-ingest --help | head -1; echo "${PIPESTATUS[0]}"')
    expect(stdout).toMatch(/^Usage: ml-ingest.*\n0\n$/)
    expect(stderr).toBe('')
  })

  test('so is one of events, each time, while all partitions are being opened', async () => {
    const { shell } = sandbox()
    await shell('npx ml-ingest create --local --yes --no-connection --hub clicks:32')
    const { stdout, exitCode } = await shell(
      `seq 3000 | npx ml-ingest send clicks --local --quiet && for i in 1 2 3 4 5; do npx ml-ingest local tail clicks | head -1 | grep -c sequenceNumber; echo "\${PIPESTATUS[0]}"; done`,
    )
    expect({ stdout, exitCode }).toEqual({ stdout: '1\n0\n'.repeat(5), exitCode: 0 })
  })

  test.skipIf(process.platform !== 'linux').each([
    ['--help', 1],
    ['completion bash', 1],
    ['local status --json', 1],
    ['vrify --json', 2],
  ])('a full disk under stdout ends %s with one line', async (line, exitCode) => {
    const { shell } = sandbox()
    const { stdout, stderr } = await shell(`npx ml-ingest ${line} > /dev/full; echo $?`)
    expect(stdout).toBe(`${exitCode}\n`)
    expect(stderr).toMatch(/^Can't write to stdout: ENOSPC: .*\n$/)
  })

  test.each([
    ['stdout closed', '>&-'],
    ['stderr closed', '2>&-'],
    ['both closed', '>&- 2>&-'],
    ['all three closed', '<&- >&- 2>&-'],
    ['stdout read by nobody', '| true'],
    ['stderr read by nobody', '2> >(true)'],
  ])('%s: the work is done', async (_, redirection) => {
    const { shell } = sandbox()
    const azure = await watchAzure()
    const { stdout, stderr } = await shell(
      `npx ml-ingest ${CREATE.join(' ')} ${redirection}; echo "\${PIPESTATUS[0]}"; exit 0`,
      { env: azure.env },
    )
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0')
    expect(stderr).not.toMatch(/EPIPE|EBADF|at .*\.js:/)
    expect(azure.writes()).toHaveLength(5)
  })
})

test('the second run writes nothing and prints the same', async () => {
  const { run } = sandbox()
  const azure = await watchAzure()
  const first = await run(CREATE, { env: azure.env })
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Endpoint=.*\n$/) as string })
  const written = azure.writes().length
  expect(written).toBe(5)
  const second = await run(CREATE, { env: azure.env })
  expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout })
  expect(second.stderr).toContain('No write was sent')
  expect(azure.writes()).toHaveLength(written)
})

test.each([
  ['of a terminal in the environment', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }],
  ['in Azure Pipelines', { TF_BUILD: 'True', AGENT_NAME: 'agent', TERM: 'xterm-256color' }],
  ['in GitHub Actions', { CI: 'true', GITHUB_ACTIONS: 'true', TERM: 'xterm-256color' }],
  ['with NO_COLOR', { NO_COLOR: '1', TERM: 'xterm-256color' }],
])('no escape byte in a pipe %s', async (_, env) => {
  const { run } = sandbox()
  const azure = await watchAzure()
  for (const args of [
    CREATE,
    ['plan'],
    ['show-connection', '--format', 'env'],
    ['create', '--tier', 'Gold'],
    ['--help'],
  ]) {
    const { stdout, stderr } = await run(args, { env: { ...azure.env, ...env } })
    expect(stdout + stderr, args.join(' ')).not.toContain(ESCAPE)
    expect(stdout + stderr, args.join(' ')).not.toBe('')
  }
})

test('nobody is asked in a pipe: what is missing is listed, and nothing is sent', async () => {
  const { run } = sandbox()
  const azure = await watchAzure()
  const { exitCode, stdout, stderr } = await run(['create', '--hub', 'clicks:64'], { env: azure.env })
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('--yes')
  expect(stderr).toContain('clicks:64')
  expect(azure.requests).toEqual([])
})

test('--json is one document, also for a failure', async () => {
  const { run } = sandbox()
  const azure = await watchAzure()
  for (const [args, exitCode] of [
    [[...CREATE, '--json'], 0],
    [['plan', '--json'], 0],
    [['create', '--json'], 2],
    [['create', '--json', '--no-such-flag'], 2],
    [['local', 'status', '--json'], 0],
  ] as const) {
    const ran = await run(args, { env: azure.env })
    expect(ran.exitCode, args.join(' ')).toBe(exitCode)
    expect(JSON.parse(ran.stdout), args.join(' ')).toMatchObject({ schemaVersion: 1 })
  }
})

test('an Azure that goes away ends the run, at once and with the reason', async () => {
  const { spawn } = sandbox()
  const azure: WatchedAzure = await watchAzure({
    provisioningMs: 60_000,
    onRequest: (record) => {
      if (record.method === 'PUT' && record.path.includes('/namespaces/')) void azure.arm.close()
    },
  })
  const startedAt = performance.now()
  const { exitCode, stdout, stderr } = await ended(spawn(CREATE, { env: azure.env }))
  expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: '' })
  expect(stderr).toContain('Failed to create namespace')
  expect(performance.now() - startedAt).toBeLessThan(20_000)
})

test.skipIf(process.platform === 'win32')('npx finds the installed bin', async () => {
  const { env } = sandbox()
  const child = spawn('npx', ['--offline', 'ml-ingest', '--version'], { cwd: inject('installed'), env })
  expect(await ended(child)).toMatchObject({ exitCode: 0, stdout: `${manifest.version}\n` })
})
