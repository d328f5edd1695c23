import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/lib/errors.ts'
import { writeSecretFile, type SecretFileOptions } from '../../src/ui/write-secret-file.ts'
import { modeHere, modeOf } from '../support/mode.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const runReally: SecretFileOptions['run'] = (program, args, cwd) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: 'ignore' })
    child.on('error', () => resolve(undefined))
    child.on('exit', (code) => resolve(code ?? 1))
  })

const write = (path: string, changes: Partial<SecretFileOptions> = {}) =>
  writeSecretFile(path, 'secret', {
    force: false,
    cwd: folder,
    platform: 'linux',
    run: async () => undefined,
    ...changes,
  })

async function refusal(writing: Promise<unknown>): Promise<Failure> {
  const error = await writing.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Failure)) throw new Error(`not refused: ${String(error)}`)
  return error
}
const files = () => readdirSync(folder)

/** Root may write everywhere. */
async function withoutRoot<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid!(65_534)
  try {
    return await work()
  } finally {
    process.seteuid!(0)
  }
}

describe('writeSecretFile', () => {
  it('writes a file that its owner alone can read, and leaves nothing else', async () => {
    expect(await write('.env')).toEqual(
      process.platform === 'win32' ? [expect.stringContaining('the permissions of its folder')] : [],
    )
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('secret\n')
    expect(await modeOf(join(folder, '.env'))).toBe(modeHere(0o600))
    expect(files()).toEqual(['.env'])
  })

  it('replaces a file only when forced, and then its permissions too', async () => {
    writeFileSync(join(folder, '.env'), 'before', { mode: 0o644 })
    const error = await refusal(write('.env'))
    expect(error).toMatchObject({ code: 'usage', hint: 'To replace it, add --force.' })
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('before')
    await write('.env', { force: true })
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('secret\n')
    expect(await modeOf(join(folder, '.env'))).toBe(modeHere(0o600))
    expect(files()).toEqual(['.env'])
  })

  it('does not replace a file that appears after the check', async () => {
    const run: SecretFileOptions['run'] = async () => {
      writeFileSync(join(folder, '.env'), 'other')
      return 1
    }
    expect((await refusal(write('.env', { run }))).message).toBe("Can't write to .env: it exists")
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('other')
    expect(files()).toEqual(['.env'])
  })

  it.skipIf(process.platform === 'win32')('does not write through a link, forced or not', async () => {
    writeFileSync(join(folder, 'victim'), 'before')
    symlinkSync(join(folder, 'victim'), join(folder, '.env'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
    for (const path of ['.env', 'dangling'])
      expect((await refusal(write(path, { force: true }))).message).toBe(`Can't write to ${path}: it is a link`)
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('before')
    expect(files()).toHaveLength(3)
  })

  it.each([
    ['sub', 'it is a folder', 'Name a file in it.'],
    ['.', 'it is a folder', 'Name a file in it.'],
    ['/', 'it is a folder', 'Name a file in it.'],
    ['-', 'it is not a file', 'To print to stdout, leave out --output.'],
    ['no/such/.env', 'its folder does not exist', 'Create the folder first, or name another file.'],
    ['file/.env', 'a part of its path is a file', 'Create the folder first, or name another file.'],
    // Windows says of both that there is no such folder.
    ...(process.platform === 'win32'
      ? []
      : [
          ['file/sub/.env', 'a part of its path is a file', 'Create the folder first, or name another file.'],
          ['x'.repeat(256), 'the name is too long', 'Name another file.'],
        ]),
  ])('says why %s cannot be written, forced or not', async (path, reason, hint) => {
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'file'), '')
    for (const force of [false, true]) {
      const error = await refusal(write(path, { force }))
      expect(error).toMatchObject({ code: 'usage', message: `Can't write to ${path}: ${reason}`, hint })
    }
    expect(files()).toEqual(['file', 'sub'])
  })

  it.skipIf(process.platform === 'win32').each([
    ['may be read but not written', 0o555],
    ['may not be entered', 0o000],
  ])('says that this user may not write to a folder that %s', async (_, mode) => {
    mkdirSync(join(folder, 'theirs'))
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'theirs'), mode)
    const error = await withoutRoot(() => refusal(write('theirs/.env')))
    expect(error).toMatchObject({
      code: 'usage',
      message: "Can't write to theirs/.env: this user may not write there",
      hint: 'Name another file.',
    })
  })

  it('says that Windows has no mode', async () => {
    expect(await write('.env', { platform: 'win32' })).toEqual([expect.stringContaining('Windows')])
  })

  it.each([
    ['NUL', 'is a device on Windows'],
    ['con.txt', 'is a device on Windows'],
    ['Com1', 'is a device on Windows'],
    ['lpt² .env', 'is a device on Windows'],
    ['.env.', 'ends in a dot or a space, which Windows leaves out'],
    ['.env::$DATA', 'is a stream of another file'],
  ])('on Windows does not take %s for a file', async (path, why) => {
    expect((await refusal(write(path, { platform: 'win32', force: true }))).message).toBe(
      `Can't write to ${path}: it ${why}`,
    )
    expect(files()).toEqual([])
    await write(path)
    expect(files()).toEqual([path])
  })

  it.each(['console', 'nullable.env', 'com10', 'aux-file'])('on Windows %s is a file', async (path) => {
    await write(path, { platform: 'win32' })
    expect(files()).toEqual([path])
  })
})

describe('a file that git tracks', () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })

  it('is not written, forced or not, even if it is deleted or asked for through a link', async () => {
    git('init', '-q')
    // Windows has no such names.
    const odd = (name: string) => (process.platform === 'win32' ? [] : [name])
    for (const name of ['tracked', 'deleted', ...odd(':(glob)*')]) writeFileSync(join(folder, name), 'x')
    git('add', '--all')
    rmSync(join(folder, 'deleted'))
    mkdirSync(join(folder, 'sub'))
    for (const path of ['tracked', 'deleted', 'sub/../tracked', ...odd(':(glob)*'), join(folder, 'tracked')]) {
      const error = await refusal(write(path, { force: true, run: runReally }))
      expect(error).toMatchObject({ code: 'usage', message: `Can't write to ${path}: it is tracked by git` })
    }
    if (process.platform !== 'win32') {
      symlinkSync(folder, join(folder, 'sub', 'up'))
      expect((await refusal(write('sub/up/tracked', { run: runReally }))).message).toContain('tracked by git')
    }
    for (const path of ['untracked', ...odd('track*')]) await write(path, { run: runReally })
    expect(files()).toEqual(expect.arrayContaining(['untracked', ...odd('track*')]))
  })

  it('is known by any spelling where case does not count in names, and nowhere else', async () => {
    git('init', '-q')
    mkdirSync(join(folder, 'Sub'))
    for (const name of ['.env', 'Keys[1].txt', 'Sub/Secret.txt']) writeFileSync(join(folder, name), 'x')
    git('add', '--all')
    git('config', 'core.ignorecase', 'false')
    // Else it is another name of the same file.
    if (!existsSync(join(folder, '.ENV'))) await write('.Env', { run: runReally })
    git('config', 'core.ignorecase', 'true')
    // As after the folder was given another case on the disk.
    renameSync(join(folder, 'Sub'), join(folder, 'sub'))
    for (const path of ['.ENV', '.env', 'KEYS[1].TXT', 'sub/secret.TXT'])
      expect((await refusal(write(path, { force: true, run: runReally }))).message).toContain('is tracked by git')
    await write('keys1.txt', { run: runReally })
  })

  it('without git, or outside of a repository, no file is tracked', async () => {
    await write('one', { run: (_program, args, cwd) => runReally('no-such-program-here', args, cwd) })
    await write('two', { run: runReally })
    expect(files()).toEqual(['one', 'two'])
  })
})
