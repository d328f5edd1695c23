import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ended, sandbox, type Sandbox } from './sandbox.ts'

interface Status {
  readonly running: boolean
  readonly armEndpoint: string | null
  readonly dataFolder: string
  readonly pid: number | null
}

async function statusOf({ run }: Sandbox, ...args: readonly string[]): Promise<Status> {
  const { exitCode, stdout } = await run(['local', 'status', '--json', ...args])
  expect(exitCode).toBe(0)
  return JSON.parse(stdout) as Status
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Waits until the process says this on stderr. */
async function says(child: ChildProcess, text: string): Promise<void> {
  let said = ''
  while (!said.includes(text)) said += String((await once(child.stderr!, 'data'))[0])
}

const CREATE = ['create', '--local', '--yes']

/** The port is another one after a restart where the usual one is taken, as it is beside other tests. */
const withoutPort = (connection: string): string => connection.replace(/localhost:\d+/, 'localhost')

test('start --detach, status, stop, status', async () => {
  const user = sandbox()
  expect(await statusOf(user)).toMatchObject({ running: false, armEndpoint: null, pid: null })
  expect((await user.run(['local', 'start', '--detach'])).exitCode).toBe(0)
  const running = await statusOf(user)
  expect(running).toMatchObject({
    running: true,
    armEndpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
    dataFolder: user.dataFolder,
  })
  expect(isAlive(running.pid ?? 0)).toBe(true)
  expect(await user.run(['local', 'start', '--detach'])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('It is already running') as string,
  })
  expect((await statusOf(user)).pid).toBe(running.pid)
  expect((await user.run(['local', 'stop'])).exitCode).toBe(0)
  await vi.waitUntil(() => !isAlive(running.pid ?? 0), { timeout: 10_000 })
  expect(await statusOf(user)).toMatchObject({ running: false })
  expect(await user.run(['local', 'stop'])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('is not running') as string,
  })
})

test('commands that start at the same moment share one embedded Azure', async () => {
  const user = sandbox()
  const groups = ['a', 'b', 'c'].map((name) => `rg-${name}`)
  const runs = await Promise.all(groups.map((group) => user.run([...CREATE, '-g', group])))
  expect(runs.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual([0, 0, 0])
  expect(runs.filter(({ stderr }) => stderr.includes('Started the embedded Azure'))).toHaveLength(1)
  for (const group of groups) {
    const { exitCode, stderr } = await user.run([...CREATE, '-g', group])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Nothing to do')
  }
})

test.skipIf(process.platform === 'win32')('after kill -9 the next command finds everything again', async () => {
  const user = sandbox()
  const first = await user.run(CREATE)
  const { pid } = await statusOf(user)
  process.kill(pid ?? 0, 'SIGKILL')
  const second = await user.run(CREATE)
  expect(second.exitCode).toBe(0)
  expect(withoutPort(second.stdout)).toBe(withoutPort(first.stdout))
  expect(second.stderr).toContain('Nothing to do')
  expect((await statusOf(user)).pid).not.toBe(pid)
})

test('what it holds survives stop and start, and not a reset', async () => {
  const user = sandbox()
  const first = await user.run(CREATE)
  await user.run(['local', 'stop'])
  expect(withoutPort((await user.run(CREATE)).stdout)).toBe(withoutPort(first.stdout))
  expect((await user.run(['local', 'reset'])).exitCode).toBe(0)
  expect(await statusOf(user)).toMatchObject({ running: false })
  const anew = await user.run(CREATE)
  expect(anew.stderr).toContain('5 created')
  expect(withoutPort(anew.stdout)).not.toBe(withoutPort(first.stdout))
})

test.skipIf(process.platform === 'win32')('its folder and files are for this user alone', async () => {
  const user = sandbox()
  await user.run(CREATE)
  expect(statSync(user.dataFolder).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(user.dataFolder, { recursive: true }) as string[]) {
    expect([name, statSync(join(user.dataFolder, name)).mode & 0o077]).toEqual([name, 0])
  }
})

test('in the foreground it refuses a folder in use, and ends in order', async () => {
  const user = sandbox()
  const child = user.spawn(['local', 'start'])
  const run = ended(child)
  await says(child, 'Serving until Ctrl-C')
  expect(await user.run(['local', 'start'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('already runs') as string,
  })
  if (process.platform === 'win32') return void child.kill()
  child.kill('SIGINT')
  expect((await run).exitCode).toBe(0)
  const kept = ['state.json', 'events', 'ports.json']
  expect(readdirSync(user.dataFolder).filter((name) => !kept.includes(name))).toEqual([])
})

test('--data has an embedded Azure of its own', async () => {
  const user = sandbox()
  const folder = join(user.folder, 'other place')
  const [here, there] = await Promise.all([user.run(CREATE), user.run([...CREATE, '--data', folder])])
  expect([here.exitCode, there.exitCode]).toEqual([0, 0])
  expect(there.stdout).not.toBe(here.stdout)
  const status = await statusOf(user, '--data', folder)
  expect((await user.run(['local', 'stop', '--data', folder])).exitCode).toBe(0)
  expect(status).toMatchObject({ running: true, dataFolder: folder })
  expect(await statusOf(user)).toMatchObject({ running: true })
})

test('--memory keeps no resource on disk', async () => {
  const user = sandbox()
  await user.run(['local', 'start', '--detach', '--memory'])
  const { stdout } = await user.run(CREATE)
  const key = /SharedAccessKey=([^;]+)/.exec(stdout)?.[1]
  expect(key).toMatch(/=$/)
  const files = (readdirSync(user.dataFolder, { recursive: true }) as string[]).map((name) =>
    join(user.dataFolder, name),
  )
  expect(files.filter((file) => statSync(file).isFile() && readFileSync(file, 'utf8').includes(key!))).toEqual([])
  await user.run(['local', 'stop'])
  expect((await user.run(CREATE)).stderr).toContain('5 created')
})

test('a failure on purpose is met, waited for, and told', async () => {
  const user = sandbox()
  await user.run(['local', 'start', '--detach', '--fault', '429,method=PUT,times=2,retry-after=1'])
  expect((await user.run(CREATE)).exitCode).toBe(0)
  await user.run(['local', 'stop'])
  await user.run(['local', 'reset'])
  await user.run(['local', 'start', '--detach', '--fault', '403,method=PUT,path=eventhubs/'])
  const { exitCode, stdout, stderr } = await user.run(CREATE)
  expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: '' })
  expect(stderr).toContain('hub ml-data-stream')
})
