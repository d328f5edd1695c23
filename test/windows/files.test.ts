import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onEachNode, windowsUser, type WindowsUser } from './user.ts'

const CREATE = ['create', '--local', '--yes']

onEachNode((node) => {
  let user: WindowsUser
  beforeAll(async () => {
    user = await windowsUser(node)
  })
  afterAll(() => user.leave())

  describe('a data folder', () => {
    test.each(['mit Leerzeichen', 'Übung größer ä', 'backslash at the end\\', "quote's & 100%"])('%s', async (name) => {
      const data = ['--data', `${user.path(join(user.folder, 'data of'))}\\${name}`]
      const made = await user.run([...CREATE, ...data])
      expect(made, made.stderr).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('Endpoint=sb:') as string,
      })
      expect(readdirSync(join(user.folder, 'data of'))).toContain(name.replace(/\\$/, ''))
      const status = await user.run(['local', 'status', '--json', ...data])
      expect(JSON.parse(status.stdout)).toMatchObject({ running: true })
      expect(await user.run(['local', 'stop', ...data])).toMatchObject({ exitCode: 0 })
      expect(await user.run(['local', 'reset', ...data])).toMatchObject({ exitCode: 0 })
    })
  })

  describe('--output', () => {
    const show = (file: string, ...more: readonly string[]) =>
      user.run(['show-connection', '--local', '--format', 'dotenv', '--output', file, ...more])

    beforeAll(async () => {
      expect(await user.run(CREATE)).toMatchObject({ exitCode: 0 })
    })

    test('writes into a folder with a space, and replaces only when it is told to', async () => {
      mkdirSync(join(user.folder, 'my app'))
      expect(await show('my app\\.env')).toMatchObject({ exitCode: 0 })
      const file = join(user.folder, 'my app', '.env')
      expect(readFileSync(file, 'utf8')).toContain("EVENTHUB_CONNECTION_STRING='Endpoint=sb:")
      expect(await show('my app\\.env')).toMatchObject({ exitCode: 2 })
      writeFileSync(file, 'old')
      expect(await show('my app\\.env', '--force')).toMatchObject({ exitCode: 0 })
      expect(readFileSync(file, 'utf8')).toContain("EVENTHUB_CONNECTION_STRING='Endpoint=sb:")
      expect(readdirSync(join(user.folder, 'my app'))).toEqual(['.env'])
    })

    test('of a file that another program has open is written, or says so and leaves it', async () => {
      const file = join(user.folder, 'open.env')
      writeFileSync(file, 'old')
      const release = await user.hold(user.path(file))
      const { exitCode, stderr } = await show('open.env', '--force')
      await release()
      expect(stderr).not.toMatch(/\bbug\b/)
      if (exitCode !== 0) expect(stderr).toContain('open.env')
      expect(readFileSync(file, 'utf8')).toMatch(exitCode === 0 ? /^[^]*EVENTHUB_CONNECTION_STRING=/ : /^old$/)
      expect(readdirSync(user.folder).filter((name) => name.includes('open.env'))).toEqual(['open.env'])
    })

    test.each(['NUL', 'con.env', 'aux'])('never writes a secret to the device %s', async (name) => {
      const { exitCode, stdout, stderr } = await show(name)
      expect(exitCode, stderr).toBe(2)
      expect(stdout + stderr).not.toContain('SharedAccessKey=')
    })
  })
})
