import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { foregroundRunner, type Ending, type EndSignal, type ForegroundOptions } from '../../src/run/foreground.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
let takers: ((signal: EndSignal) => void)[]
let givenBack: number
beforeEach(() => {
  folder = temporaryFolder()
  takers = []
  givenBack = 0
})

/** The signals of this process, as `src/cli.ts` hands them over. */
const runForeground = foregroundRunner((take) => {
  takers.push(take)
  return () => void givenBack++
})

const script = (text: string, options: Partial<ForegroundOptions> = {}): Promise<Ending> =>
  runForeground(process.execPath, ['-e', text], {
    ...{ env: { PATH: process.env['PATH'] }, cwd: folder, onSignal: () => undefined },
    ...options,
  })

describe('a command in the foreground', () => {
  it.each([0, 1, 7, 255])('ends with its exit code: %i', async (code) => {
    expect(await script(`process.exit(${code})`)).toEqual({ kind: 'code', code })
  })

  it.skipIf(process.platform === 'win32')('ends with the signal that ended it', async () => {
    const ended = await script("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)")
    expect(ended).toEqual({ kind: 'signal', signal: 'SIGKILL' })
  })

  it('runs in its folder, with its environment and no other', async () => {
    const text = `
      const { deepStrictEqual } = require('node:assert')
      deepStrictEqual(process.cwd(), ${JSON.stringify(folder)})
      deepStrictEqual(process.env.ONE, 'a b"c')
      deepStrictEqual(process.env.HOME, undefined)`
    expect(await script(text, { env: { ONE: 'a b"c' } })).toEqual({ kind: 'code', code: 0 })
  })

  it('gets its arguments as they are, whatever a shell would make of them', async () => {
    const words = ['a b', '$HOME', '"', "'", '*', '', '--', ';exit 3']
    const text = `require('node:assert').deepStrictEqual(process.argv.slice(1), ${JSON.stringify(words)})`
    const options = { env: { PATH: process.env['PATH'] }, cwd: folder, onSignal: () => undefined }
    expect(await runForeground(process.execPath, ['-e', text, '--', ...words], options)).toEqual({
      ...{ kind: 'code', code: 0 },
    })
  })
})

describe('a command that cannot be started', () => {
  const start = (command: string, cwd = folder): Promise<Ending> =>
    runForeground(command, [], { env: { PATH: process.env['PATH'] }, cwd, onSignal: () => undefined })

  it('is not there', async () => {
    expect(await start('ml-ingest-no-such-command')).toEqual({ kind: 'failed', reason: 'ENOENT' })
  })

  // cmd looks for one that opens it.
  it.skipIf(process.platform === 'win32')('is not a program', async () => {
    await writeFile(join(folder, 'notes.txt'), 'no program', { mode: 0o644 })
    expect(await start(join(folder, 'notes.txt'))).toEqual({ kind: 'failed', reason: 'EACCES' })
  })

  it('has no folder to run in', async () => {
    expect(await start(process.execPath, join(folder, 'none'))).toEqual({ kind: 'failed', reason: 'ENOENT' })
  })

  it('gives the signals back all the same', async () => {
    await start('ml-ingest-no-such-command')
    expect([takers.length, givenBack]).toEqual([1, 1])
  })
})

describe('signals', () => {
  it('come to the run while the command runs, with a way to end it, and go back afterwards', async () => {
    const seen: EndSignal[] = []
    const running = script('setInterval(() => {}, 1000)', {
      onSignal: (signal, child) => {
        seen.push(signal)
        child.kill('SIGTERM')
      },
    })
    while (seen.length === 0) {
      takers[0]?.('SIGINT')
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await running).toEqual({ kind: 'signal', signal: 'SIGTERM' })
    expect(seen[0]).toBe('SIGINT')
    expect(givenBack).toBe(1)
  })

  it('that come before the command has started reach nobody', async () => {
    const running = script('')
    takers[0]?.('SIGINT')
    expect(await running).toEqual({ kind: 'code', code: 0 })
  })
})
