import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FORMATS } from '../../src/inputs/run.ts'
import { onEachNode, windowsUser, type Run, type WindowsUser } from './user.ts'

const CREATE = ['create', '--local', '--yes']
const HUB = 'ml-data-stream'
/** Formats that read nothing of the embedded Azure. */
const FOR_AZURE_ALONE = ['spark', 'databricks', 'fabric']

onEachNode((node) => {
  let user: WindowsUser
  let first: Run
  beforeAll(async () => {
    user = await windowsUser(node)
    first = await user.run(CREATE)
  })
  afterAll(() => user.leave())

  test('create makes it, once', async () => {
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Endpoint=sb:.*\n$/) as string })
    expect(first.stderr).toContain('5 created')
    const second = await user.run(CREATE)
    expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout })
    expect(second.stderr).toContain('No write was sent')
    expect(first.stderr + second.stderr).not.toMatch(/warning|bug/i)
  })

  test('plan has nothing to do', async () => {
    expect(await user.run(['plan', '--local', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('verify sends and reads, over both protocols', async () => {
    for (const more of [[], ['--kafka']]) {
      const { exitCode, stdout, stderr } = await user.run(['verify', '--local', ...more])
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout).toContain('accepts an event and returns it')
    }
  })

  test.each(FORMATS)('show-connection --format %s', async (format) => {
    const { exitCode, stdout } = await user.run(['show-connection', '--local', '--format', format])
    if (FOR_AZURE_ALONE.includes(format)) return expect(exitCode).toBe(2)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(format === 'raw' ? first.stdout : HUB)
    expect(stdout).not.toContain('\r')
  })

  test('cmd sets what --format cmd prints', async () => {
    const { stdout } = await user.run(['show-connection', '--local', '--format', 'cmd'])
    writeFileSync(join(user.folder, 'eventhub.cmd'), stdout)
    const script = `console.log(process.env.EVENTHUB_CONNECTION_STRING, process.env.EVENTHUB_NAME)`
    writeFileSync(join(user.folder, 'show.cjs'), script)
    const line = `call eventhub.cmd && "${user.node}" show.cjs`
    const run = await user.program('cmd', ['/d', '/c', line], { isVerbatim: true })
    expect(run).toMatchObject({ exitCode: 0, stdout: `${first.stdout.trim()} ${HUB}\n` })
  })

  test('send takes CRLF and a byte order mark, tail prints and writes the events, status counts them', async () => {
    writeFileSync(join(user.folder, 'ereignisse für später.jsonl'), '\uFEFF{"n":1}\r\n{"n":2}\r\n')
    writeFileSync(join(user.folder, 'rows.csv'), '\uFEFFn,name\r\n3,für\r\n')
    for (const file of ['ereignisse für später.jsonl', 'rows.csv']) {
      const sent = await user.run(['local', 'send', HUB, file])
      expect(sent, sent.stderr).toMatchObject({ exitCode: 0 })
    }
    expect(await user.run(['local', 'send', HUB, '-'], { stdin: '{"n":4}\r\n' })).toMatchObject({ exitCode: 0 })
    const { exitCode, stdout } = await user.run(['local', 'tail', HUB])
    expect(exitCode).toBe(0)
    const bodies = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly body: { readonly n?: number | string } }).body)
    for (const n of [1, 2, 4]) expect(bodies).toContainEqual({ n })
    expect(bodies).toContainEqual({ n: expect.anything() as unknown, name: 'für' })
    expect(await user.run(['tail', HUB, '--local', '--output', 'größer.jsonl'])).toMatchObject({
      exitCode: 0,
      stdout: '',
    })
    expect(readFileSync(join(user.folder, 'größer.jsonl'), 'utf8').split('\n').sort()).toEqual(
      stdout.split('\n').sort(),
    )
    expect((await user.run(['local', 'status'])).stdout).toContain(`/${HUB}: 4 partitions, ${bodies.length} events`)
    expect(await user.run(['status', '--local'])).toMatchObject({ exitCode: 0 })
  })

  test('exec gives a command its own, and ends as the command does', async () => {
    const script = 'console.log(process.argv.slice(2).join(), process.env.EVENTHUB_NAME); process.exitCode = 5'
    writeFileSync(join(user.folder, 'child.cjs'), script)
    const words = ['local', 'exec', '--hub', 'clicks', '--', user.node, 'child.cjs', 'a b', '"c"', 'd\\']
    expect(await user.run(words)).toEqual({
      exitCode: 5,
      signal: null,
      stdout: 'a b,"c",d\\ clicks\n',
      stderr: '',
    })
  })

  test('a manifest is saved, and read with CRLF and a byte order mark', async () => {
    const manifest = join(user.folder, 'ml-ingest.yaml')
    const made = await user.run([...CREATE, '--hub', 'clicks:2', '--save', 'ml-ingest.yaml'])
    expect(made, made.stderr).toMatchObject({ exitCode: 0 })
    writeFileSync(manifest, `\uFEFF${readFileSync(manifest, 'utf8').replaceAll('\n', '\r\n')}`)
    const planned = await user.run(['plan', '--local', '--exit-code'])
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 })
    const saved = await user.run([...CREATE, '--capacity', '2', '--save'])
    expect(saved, saved.stderr).toMatchObject({ exitCode: 0 })
    expect(readFileSync(manifest, 'utf8')).toMatch(/^\uFEFF?[^]*capacity: 2\r\n/)
  })

  test('stop ends it', async () => {
    expect(await user.run(['local', 'stop'])).toMatchObject({ exitCode: 0 })
    expect((await user.run(['local', 'status'])).stdout).toContain('not running')
  })
})
