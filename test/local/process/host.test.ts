import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataPaths, defaultDataFolder } from '../../../src/local/process/host.ts'

test.each([
  ['linux', {}, '/home/u', '/home/u/.local/share/ml-ingest'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/home/u', '/data/ml-ingest'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/u', '/home/u/.local/share/ml-ingest'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/u', '/home/u/.local/share/ml-ingest'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/Users/u', '/Users/u/Library/Application Support/ml-ingest'],
  ['win32', { LOCALAPPDATA: 'D:\\Local' }, 'C:\\Users\\u', 'D:\\Local\\ml-ingest'],
  ['win32', {}, 'C:\\Users\\u', 'C:\\Users\\u\\AppData\\Local\\ml-ingest'],
] as const)('%s with %j: %s -> %s', (platform, env, homedir, expected) => {
  expect(defaultDataFolder({ platform, env, homedir })).toBe(expected)
})

test('everything lies in the folder', () => {
  const { folder, ...files } = dataPaths(join('a', 'b'))
  for (const file of Object.values(files)) expect(file.startsWith(join(folder, '/'))).toBe(true)
})
