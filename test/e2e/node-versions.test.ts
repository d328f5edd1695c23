import { inject, test } from 'vitest'
import { nodeBinary, npm, SUPPORTED, TOO_OLD } from './node-versions.ts'
import { newFolder } from '../support/folder.ts'
import { sandbox } from './sandbox.ts'

/** An empty folder with the tarball in it, and nothing else. */
async function installed(): Promise<string> {
  const folder = newFolder(inject('root'))
  await npm(['install', '--prefix', folder, '--no-package-lock', '--offline', inject('tarball')], { cwd: folder })
  return folder
}

test.concurrent.for(SUPPORTED)(
  'the whole job on Node %s',
  async (version, { skip, expect, onTestFinished: onFinished }) => {
    const node = await nodeBinary(version)
    if (node === undefined) return skip(`no Node ${version}`)
    const { run } = sandbox({ node, installed: await installed(), onFinished })
    const first = await run(['create', '--local', '--yes'])
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Endpoint=sb:.*\n$/) as string })
    const second = await run(['create', '--local', '--yes'])
    expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout })
    expect(second.stderr).toContain('No write was sent')
    expect(await run(['show-connection', '--local', '--format', 'raw'])).toMatchObject({
      exitCode: 0,
      stdout: first.stdout,
    })
    expect(await run(['plan', '--local', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(first.stderr + second.stderr).not.toMatch(/warning/i)
    expect((await run(['local', 'stop'])).exitCode).toBe(0)
  },
)

test.concurrent.for(TOO_OLD)(
  'Node %s is told in one sentence that it is too old',
  async (version, { skip, expect, onTestFinished: onFinished }) => {
    const node = await nodeBinary(version)
    if (node === undefined) return skip(`no Node ${version}`)
    const { run } = sandbox({ node, onFinished })
    const { exitCode, stdout, stderr } = await run(['create', '--local', '--yes'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(`ml-ingest needs Node.js 20.19, or 22.3 or newer; this is ${version}`)
    expect(stderr).not.toMatch(/ at .*\d+:\d+/)
  },
)
