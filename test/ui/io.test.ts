import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { makeIo, type InStream, type Io, type TalkFlags } from '../../src/ui/io.ts'
import type { Env } from '../../src/inputs/given.ts'
import { asOut, FakeStream } from './fake-stream.ts'

interface Setup {
  readonly env?: Env
  readonly flags?: TalkFlags
  readonly stdin?: boolean
  readonly stdout?: FakeStream
  readonly stderr?: FakeStream
  readonly platform?: NodeJS.Platform
}
const terminal = (columns = 80) => new FakeStream({ columns })
const pipe = () => new FakeStream()

function ioOf(setup: Setup): Io {
  const stdin = Object.assign(Readable.from([]), { isTTY: setup.stdin ?? true }) as unknown as InStream
  return makeIo({
    stdin,
    stdout: asOut(setup.stdout ?? terminal()),
    stderr: asOut(setup.stderr ?? terminal()),
    env: setup.env ?? { TERM: 'xterm-256color' },
    platform: setup.platform ?? 'linux',
    flags: setup.flags ?? {},
  })
}

describe('who can be asked', () => {
  it.each<[string, Setup, string | undefined]>([
    ['a terminal', {}, undefined],
    ['stdout piped', { stdout: pipe() }, undefined],
    ['--json', { flags: { json: true } }, undefined],
    ['stdin piped', { stdin: false }, 'stdin is not a terminal'],
    ['stderr piped', { stderr: pipe() }, 'stderr is not a terminal'],
    ['TERM=dumb', { env: { TERM: 'dumb' } }, 'TERM is dumb'],
    ['--no-input', { flags: { noInput: true } }, '--no-input is given'],
    ['CI=true', { env: { CI: 'true' } }, 'CI is set'],
    ['CI=false', { env: { CI: 'false' } }, undefined],
    ['CI=0', { env: { CI: '0' } }, undefined],
    ['CI empty', { env: { CI: '' } }, undefined],
    ['Azure Pipelines', { env: { TF_BUILD: 'True' } }, 'TF_BUILD is set'],
    ['GitHub', { env: { CI: 'true', GITHUB_ACTIONS: 'true' } }, 'GITHUB_ACTIONS is set'],
  ])('%s', (_name, setup, why) => {
    expect(ioOf(setup)).toMatchObject({ canPrompt: why === undefined, whyNoPrompt: why })
  })
})

describe('what may move', () => {
  it.each<[string, Setup, boolean]>([
    ['a terminal', {}, true],
    ['0 columns', { stderr: terminal(0) }, false],
    ['piped', { stderr: pipe() }, false],
    ['TERM=dumb', { env: { TERM: 'dumb' } }, false],
    ['CI', { env: { CI: '1' } }, false],
    ['--progress plain', { flags: { progress: 'plain' } }, false],
    ['--progress none', { flags: { progress: 'none' } }, false],
    ['--quiet', { flags: { quiet: true } }, false],
    ['--debug', { flags: { debug: true } }, false],
    ['--json, stdin piped', { flags: { json: true }, stdin: false }, true],
  ])('%s', (_name, setup, moves) => expect(ioOf(setup).canAnimate).toBe(moves))
})

describe('colour of stderr', () => {
  it.each<[string, Setup, number]>([
    ['a terminal', {}, 1],
    ['a pipe', { stderr: pipe() }, 0],
    ['NO_COLOR', { env: { NO_COLOR: '1' } }, 0],
    ['NO_COLOR empty', { env: { NO_COLOR: '' } }, 1],
    ['NO_COLOR before FORCE_COLOR', { env: { NO_COLOR: '1', FORCE_COLOR: '3' } }, 0],
    ['--no-color before FORCE_COLOR', { env: { FORCE_COLOR: '3' }, flags: { color: false } }, 0],
    ['FORCE_COLOR=2 into a pipe', { env: { FORCE_COLOR: '2' }, stderr: pipe() }, 2],
    ['FORCE_COLOR=0', { env: { FORCE_COLOR: '0' } }, 0],
    ['FORCE_COLOR=false', { env: { FORCE_COLOR: 'false' } }, 0],
    ['FORCE_COLOR=true', { env: { FORCE_COLOR: 'true' }, stderr: pipe() }, 1],
    ['--color into a pipe', { flags: { color: true }, stderr: pipe() }, 1],
    ['--color loses to NO_COLOR', { env: { NO_COLOR: '1' }, flags: { color: true } }, 0],
    ['TERM=dumb', { env: { TERM: 'dumb' } }, 0],
    ['TF_BUILD and a pipe', { env: { TF_BUILD: 'True', AGENT_NAME: 'x' }, stderr: pipe() }, 0],
  ])('%s', (_name, setup, level) => expect(ioOf(setup).color.stderr).toBe(level))

  it('each stream decides for itself', () => {
    expect(ioOf({ stdout: pipe() }).color).toEqual({ stdout: 0, stderr: 1 })
  })
})

describe('width and glyphs', () => {
  it.each([
    [0, 80],
    [20, 40],
    [100, 100],
    [300, 120],
  ])('%i columns: %i to write in', (columns, width) => {
    expect(ioOf({ stderr: terminal(columns) }).width).toBe(width)
  })
  it.each<[string, NodeJS.Platform, Env, boolean]>([
    ['Linux', 'linux', { TERM: 'xterm' }, true],
    ['the Linux console', 'linux', { TERM: 'linux' }, false],
    ['old Windows console', 'win32', {}, false],
    ['Windows Terminal', 'win32', { WT_SESSION: 'x' }, true],
    ['VS Code', 'win32', { TERM_PROGRAM: 'vscode' }, true],
  ])('%s', (_name, platform, env, unicode) => {
    expect(ioOf({ platform, env }).unicode).toEqual({ stdout: unicode, stderr: unicode })
    // PowerShell reads a pipe in its code page.
    const stdout = platform !== 'win32' && unicode
    expect(ioOf({ platform, env, stdout: pipe() }).unicode).toEqual({ stdout, stderr: unicode })
  })
})

describe('writers', () => {
  it('ends each text with one line break, answer and conversation apart', () => {
    const [stdout, stderr] = [pipe(), pipe()]
    const io = ioOf({ stdout, stderr })
    io.out('answer')
    io.note('talk\n')
    io.err('')
    expect([stdout.text, stderr.text]).toEqual(['answer\n', 'talk\n\n'])
  })
  it('parts blocks by one blank line, before none', () => {
    const stderr = pipe()
    const io = ioOf({ stderr })
    io.gap()
    io.note('one')
    io.gap()
    io.err('two')
    expect(stderr.text).toBe('one\n\ntwo\n')
  })
  it('parts a block from a question that somebody else wrote', () => {
    const stderr = pipe()
    const io = ioOf({ stderr })
    io.touch()
    io.gap()
    expect(stderr.text).toBe('\n')
  })
  it('is quiet about conversation, never about errors', () => {
    const stderr = pipe()
    const io = ioOf({ stderr, flags: { quiet: true } })
    io.note('talk')
    io.err('error')
    io.gap()
    expect(stderr.text).toBe('error\n')
  })
})
