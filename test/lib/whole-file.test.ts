import { readdir, readFile, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Failure } from '../../src/lib/errors.ts'
import { patiently, renameAnew, syncFolder, writeWhole } from '../../src/lib/whole-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const systemError = (code: string): Error => Object.assign(new Error(`${code}: operation not permitted`), { code })

/** Counts its pauses. */
function countingClock() {
  const pauses: number[] = []
  return { pauses, clock: { now: () => 0, sleep: async (ms: number) => void pauses.push(ms) } }
}

test.each(['EPERM', 'EACCES', 'EBUSY'])('a file that another program holds for a moment (%s) is done', async (code) => {
  const { pauses, clock } = countingClock()
  let held = 3
  const work = async () => {
    if (held-- > 0) throw systemError(code)
    return 'done'
  }
  expect(await patiently('local.json', work, clock)).toBe('done')
  expect(pauses).toEqual([10, 20, 30])
})

test('one that stays held is named, with who may hold it, and is no bug', async () => {
  const { pauses, clock } = countingClock()
  const error = await patiently('/data/local.json', () => Promise.reject(systemError('EPERM')), clock).catch(
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Failure)
  expect(error).toMatchObject({
    code: 'failed',
    message: "Can't change /data/local.json: another program may have it open, or this user may not change it (EPERM)",
    hint: expect.stringContaining('virus scanner') as string,
  })
  expect(pauses.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(500)
})

test('what is not held fails at once, as it was', async () => {
  const { pauses, clock } = countingClock()
  await expect(patiently('a', () => Promise.reject(systemError('ENOSPC')), clock)).rejects.toThrow('ENOSPC')
  expect(pauses).toEqual([])
})

test('a file is replaced whole; if that fails, it stays and no draft does', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'state.json')
  await writeFile(`${file}.new`, 'what a crash left, and longer than the next one')
  await writeWhole(file, 'one', { synced: true })
  await writeWhole(file, 'two')
  expect(await readFile(file, 'utf8')).toBe('two')
  expect(await readdir(folder)).toEqual(['state.json'])
  await expect(writeWhole(join(folder), 'x', { draft: join(folder, 'draft') })).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['state.json'])
})

test('a name that is taken is left alone', async () => {
  const folder = temporaryFolder()
  for (const name of ['draft', 'taken']) await writeFile(join(folder, name), name)
  await expect(renameAnew(join(folder, 'draft'), join(folder, 'taken'))).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('taken')
  await renameAnew(join(folder, 'draft'), join(folder, 'free'))
  expect(await readdir(folder)).toEqual(['free', 'taken'])
})

// A folder of /proc cannot be synced, as no folder can on Windows.
test.skipIf(process.platform !== 'linux')('a folder that cannot be synced is not held open', () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let i = 0; i < 20; i++) syncFolder('/proc/self')
  expect(open()).toBeLessThanOrEqual(before)
})
