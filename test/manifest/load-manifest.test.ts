import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { said, type Given } from '../../src/inputs/given.ts'
import { editProblems } from '../../src/manifest/write-manifest.ts'
import { loadManifest } from '../../src/manifest/load-manifest.ts'
import { isUnread } from '../../src/wanted/node.ts'
import { tell, toldOf } from '../support/told.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let cwd = ''
beforeEach(() => {
  cwd = temporaryFolder()
})

const put = (name: string, text: string) => writeFile(join(cwd, name), text)
const asked = (file?: string, env?: string): Given => ({
  ...(file === undefined ? {} : { file: said(file, file) }),
  ...(env === undefined ? {} : { env: said(env, env) }),
})
const toldIn = async (given: Given) => (await loadManifest(given, cwd)).problems.map(toldOf)

const TWO = 'version: 1\npartitions: 2\nenvironments:\n  dev: { namespace: ns-dev }\n  prod: { namespace: ns-prod }\n'

describe('the manifest of a run', () => {
  it('is none where there is none and none was named', async () => {
    expect(await loadManifest({}, cwd)).toEqual({ problems: [], isAbsent: true })
  })

  it.each(['ml-ingest.yaml', 'ml-ingest.yml'])('is %s of the folder', async (name) => {
    await put(name, 'version: 1\ntier: Premium\n')
    const { manifest, problems } = await loadManifest({}, cwd)
    expect(problems).toEqual([])
    expect(manifest).toMatchObject({ file: name, environments: [] })
    expect(manifest!.wantedIn(undefined).tier).toEqual({
      ...{ value: 'Premium', text: 'Premium' },
      origin: { kind: 'file', file: name, line: 2, column: 7, path: 'tier' },
    })
  })

  it('is the one that was named, wherever it is', async () => {
    await put('ml-ingest.yaml', 'version: 1\n')
    await mkdir(join(cwd, 'fleet'))
    await put('fleet/one.yaml', TWO)
    const { manifest } = await loadManifest(asked('fleet/one.yaml', 'dev'), cwd)
    expect(manifest).toMatchObject({ file: 'fleet/one.yaml', environments: ['dev', 'prod'] })
    expect(manifest!.wantedIn('prod')).toMatchObject({ namespace: { text: 'ns-prod' }, partitions: { text: '2' } })
  })

  it('is told where it cannot be read', async () => {
    expect(await toldIn(asked('gone.yaml'))).toEqual(['--file gone.yaml does not exist'])
    await mkdir(join(cwd, 'folder'))
    expect(await toldIn(asked('folder'))).toEqual(['--file folder is a folder'])
    await put('ml-ingest.yaml', 'version: 1\n')
    await put('ml-ingest.yml', 'version: 1\n')
    expect(await toldIn({})).toEqual([
      '--file ml-ingest.yaml is there, and ml-ingest.yml too: remove one, or name one with --file',
    ])
  })

  it('is told with each mistake at its place, and what could be read of it counts', async () => {
    await put('ml-ingest.yaml', 'version: 1\ntier: Gold\npartitions: 64\n')
    const { manifest, problems } = await loadManifest({}, cwd)
    expect(problems).toMatchObject([
      { kind: 'invalid', origin: { kind: 'file', file: 'ml-ingest.yaml', line: 2, column: 7, path: 'tier' } },
    ])
    const wanted = manifest!.wantedIn(undefined)
    expect(wanted.partitions).toMatchObject({ value: 64 })
    expect(isUnread(wanted, 'tier')).toBe(true)
  })
})

describe('an environment', () => {
  it.each([
    [undefined, '--env is needed: the manifest has dev, prod'],
    ['prd', '--env prd is not an environment. Did you mean prod? The manifest has dev, prod'],
    ['x', '--env x is not an environment. The manifest has dev, prod'],
  ])('%s is told', async (env, told) => {
    await put('ml-ingest.yaml', TWO)
    expect(await toldIn(asked(undefined, env))).toEqual([told])
  })

  it('is not asked for where all of them are meant', async () => {
    await put('ml-ingest.yaml', TWO)
    expect(await toldIn({ allEnvs: said(true) })).toEqual([])
  })

  it('is told where the manifest has none', async () => {
    await put('ml-ingest.yaml', 'version: 1\n')
    expect(await toldIn(asked(undefined, 'dev'))).toEqual(['--env dev is not an environment. The manifest has none'])
  })

  it('that was not named leaves what the rest says, of which nothing is missing', async () => {
    await put('ml-ingest.yaml', TWO)
    const { manifest } = await loadManifest({}, cwd)
    for (const environment of [undefined, 'nowhere']) {
      const wanted = manifest!.wantedIn(environment)
      expect(wanted).toMatchObject({ partitions: { value: 2 } })
      expect(isUnread(wanted, 'subscription') && isUnread(wanted, 'tier')).toBe(true)
    }
  })
})

describe('a manifest that is written to', () => {
  const problemsOf = (text: string, env?: string) =>
    editProblems(text, 'm.yaml', { save: said('m.yaml', 'm.yaml'), ...asked(undefined, env) }).map(tell)

  it('is one that can be read, whose environment is known, and that says each thing once', () => {
    expect(problemsOf('version: 1\n')).toEqual([])
    expect(problemsOf(TWO, 'prod')).toEqual([])
    expect(problemsOf(TWO, 'new-one')).toEqual([])
    expect(problemsOf('version: 2\n')).toMatchObject([{ flag: 'm.yaml:1:10' }])
    expect(problemsOf(TWO)).toMatchObject([{ flag: '--save m.yaml', message: 'has dev, prod: choose one with --env' }])
    expect(
      problemsOf('version: 1\nhubs: [&a { name: clicks }]\nenvironments: { dev: { hubs: [*a] } }\n', 'dev'),
    ).toMatchObject([
      { flag: 'm.yaml:3:31', message: '*a repeats another place, and --save cannot write to one of them alone' },
    ])
  })
})
