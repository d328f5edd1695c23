import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Holder, lastHolder, takeLock } from '../../../src/local/process/lock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const holder = (id: string): Holder => ({ id, pid: 1, since: 0 })
const living =
  (...ids: string[]) =>
  async ({ id }: Holder) =>
    ids.includes(id)

test('the second one is told who the first one is', async () => {
  const first = await takeLock(folder, holder('a'), living())
  expect('release' in first).toBe(true)
  expect(await takeLock(folder, holder('b'), living('a'))).toEqual({ heldBy: holder('a') })
  if ('release' in first) await first.release()
  expect(await readdir(folder)).toEqual([])
  expect('release' in (await takeLock(folder, holder('b'), living('a')))).toBe(true)
})

test('a dead holder is followed by the next number, and then cleared away', async () => {
  await takeLock(folder, holder('dead'), living())
  await takeLock(folder, holder('b'), living('b'))
  expect(await readdir(folder)).toEqual(['lock-2'])
  expect(await lastHolder(folder)).toEqual({ number: 2, holder: holder('b') })
})

test('of many that find the same dead holder one wins', async () => {
  await takeLock(folder, holder('dead'), living())
  const ids = Array.from({ length: 12 }, (_, i) => `racer-${i}`)
  const results = await Promise.all(ids.map((id) => takeLock(folder, holder(id), living(...ids))))
  expect(results.filter((result) => 'release' in result)).toHaveLength(1)
  const { holder: winner } = await lastHolder(folder)
  for (const result of results) if ('heldBy' in result) expect(result.heldBy).toEqual(winner)
  expect(await readdir(folder)).toHaveLength(1)
})

test('one that slept between looking and taking gives way to who came meanwhile', async () => {
  await takeLock(folder, holder('dead'), living())
  let slept = false
  const late = await takeLock(folder, holder('late'), async ({ id }) => {
    if (id === 'dead' && !slept) {
      slept = true
      // Meanwhile somebody takes number 2, dies, and is followed by number 3, which clears the others away.
      await takeLock(folder, holder('short'), living())
      await takeLock(folder, holder('third'), living('third'))
      return false
    }
    return id === 'third'
  })
  expect(late).toEqual({ heldBy: holder('third') })
  expect(await readdir(folder)).toEqual(['lock-3'])
})

test('a lock file without sense, left by a crash, is followed', async () => {
  await writeFile(join(folder, 'lock-7'), '')
  expect('release' in (await takeLock(folder, holder('a'), living('a')))).toBe(true)
  expect(await readdir(folder)).toEqual(['lock-8'])
})
