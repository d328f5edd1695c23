import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { findManifestFile, writeManifestFile } from '../../src/manifest/manifest-file.ts'
import { modeHere, modeOf } from '../support/mode.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
const at = (...names: readonly string[]): string => join(folder, ...names)
beforeEach(() => {
  folder = temporaryFolder()
})

it('a new file has no text and no mode', async () => {
  expect(await findManifestFile(at('new.yaml'))).toEqual({ path: at('new.yaml'), text: undefined, mode: undefined })
})

it('an old one keeps its mode when it is written, and leaves no draft behind', async () => {
  await writeFile(at('old.yaml'), 'a: 1\n')
  await chmod(at('old.yaml'), 0o640)
  const found = await findManifestFile(at('old.yaml'))
  expect(found).toEqual({ path: at('old.yaml'), text: 'a: 1\n', mode: modeHere(0o640) })
  if (typeof found === 'string') throw new Error(found)
  await writeManifestFile(found, 'a: 2\n')
  expect(await readFile(at('old.yaml'), 'utf8')).toBe('a: 2\n')
  expect(await modeOf(at('old.yaml'))).toBe(modeHere(0o640))
  expect(await readdir(folder)).toEqual(['old.yaml'])
})

it.skipIf(process.platform === 'win32')('a link stays a link: the file behind it is written', async () => {
  await mkdir(at('real'))
  await writeFile(at('real', 'a.yaml'), 'a: 1\n')
  await symlink(at('real', 'a.yaml'), at('link.yaml'))
  expect(await findManifestFile(at('link.yaml'))).toMatchObject({ path: at('real', 'a.yaml'), text: 'a: 1\n' })
})

type Reason = [reason: string, name: string, prepare: () => Promise<unknown>]
const saysWhy = async (...[reason, name, prepare]: Reason) => {
  await prepare()
  expect(await findManifestFile(at(name))).toBe(reason)
}

it.each<Reason>([
  ['is in a folder that does not exist', join('none', 'a.yaml'), async () => undefined],
  ['is not a file', 'folder.yaml', () => mkdir(at('folder.yaml'))],
  ['cannot be written: a part of its path is a file', join('a.yaml', 'b.yaml'), () => writeFile(at('a.yaml'), '')],
])('says why it cannot be written: %s (%s)', saysWhy)

it.skipIf(process.platform === 'win32').each<Reason>([
  ['is a link to a file that does not exist', 'link.yaml', () => symlink(at('none'), at('link.yaml'))],
  ['cannot be written: its path has too many links', 'loop.yaml', () => symlink('loop.yaml', at('loop.yaml'))],
])('says why a link cannot be written: %s (%s)', saysWhy)

it('a write that fails leaves the old file and no draft', async () => {
  await mkdir(at('taken.yaml'))
  await writeFile(at('taken.yaml', 'full'), '')
  const file = { path: at('taken.yaml'), text: undefined, mode: 0o644 }
  await expect(writeManifestFile(file, 'a: 1\n')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/)
  expect(await readdir(folder)).toEqual(['taken.yaml'])
})
