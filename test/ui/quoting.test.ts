import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parse as parseDotenv } from 'dotenv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/lib/errors.ts'
import { formatVariables, type Assignment, type VariableFormat } from '../../src/ui/connection/variables.ts'
import { folderOfSuite } from '../support/temporary-folder.ts'

/** Every character that some shell takes for more than itself, and some plain ones. */
const SPECIAL = '$%!\'"`\\;=&|<>()[]{}*?~#^@ \t+/-,.:abZ09‘’é日'
const value = fc.string({ unit: fc.constantFrom(...SPECIAL), maxLength: 40 })
const STRING = 'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=a-b;SharedAccessKey=+/aB0=;EntityPath=x'
const FIXED = [
  STRING,
  '',
  "'",
  '"',
  '\\',
  "a'b",
  '$HOME',
  '%PATH%',
  '!!',
  '`id`',
  '$(id)',
  'it\'s "all" `q`',
  "'\\''",
  '-n',
]

const folder = folderOfSuite()

/** All values at once: starting a shell for each would take minutes. */
const samples = (): readonly Assignment[] =>
  [...FIXED, ...fc.sample(value, 300)].map((one, i) => ({ name: `VALUE_${i}`, value: one }))

const PRINT = `process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([k]) => k.startsWith('VALUE_')))))`

interface Shell {
  readonly program: string
  readonly format: VariableFormat
  readonly args: (script: string) => readonly string[]
  readonly extension: string
}
const SHELLS: readonly Shell[] = [
  { program: 'sh', format: 'env', args: (script) => [script], extension: 'sh' },
  { program: 'bash', format: 'env', args: (script) => ['--norc', script], extension: 'sh' },
  { program: 'zsh', format: 'env', args: (script) => ['-f', script], extension: 'zsh' },
  { program: 'fish', format: 'fish', args: (script) => ['--no-config', script], extension: 'fish' },
  { program: 'pwsh', format: 'powershell', args: (script) => ['-NoProfile', '-File', script], extension: 'ps1' },
]

describe('what a shell reads is what was written', () => {
  for (const shell of SHELLS) {
    const missing = spawnSync(shell.program, ['--version']).error !== undefined
    it.skipIf(missing)(`${shell.program}${missing ? ': NOT RUN, it is not installed here' : ''}`, () => {
      const assignments = samples()
      const script = join(folder, `${shell.program}.${shell.extension}`)
      const node = shell.format === 'powershell' ? '& ' : ''
      const print = join(folder, 'print.cjs')
      writeFileSync(print, PRINT)
      // PowerShell takes a file for UTF-8 without being told only from version 6 on.
      writeFileSync(script, `${formatVariables(shell.format, assignments)}\n${node}'${process.execPath}' '${print}'\n`)
      const read = JSON.parse(
        execFileSync(shell.program, shell.args(script), { encoding: 'utf8', env: { PATH: process.env['PATH'] } }),
      ) as Record<string, string>
      // PowerShell removes a variable that is set to nothing.
      for (const { name, value: written } of assignments)
        expect(read[name] ?? '', JSON.stringify(written)).toBe(written)
    })
  }
})

describe('dotenv', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(value, (any) => {
        let line: string
        try {
          line = formatVariables('dotenv', [{ name: 'VALUE', value: any }])
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
          fc.pre(false)
          return
        }
        expect(parseDotenv(`${line}\nNEXT='1'\n`)).toEqual({ VALUE: any, NEXT: '1' })
      }),
    )
    expect(parseDotenv(formatVariables('dotenv', [{ name: 'V', value: STRING }]))).toEqual({ V: STRING })
  })

  it('refuses only what it cannot hold', () => {
    expect(() => formatVariables('dotenv', [{ name: 'V', value: 'all \' of " them `' }])).toThrow(/every kind of quote/)
    expect(() => formatVariables('dotenv', [{ name: 'V', value: "' and ` and \\n" }])).toThrow(Failure)
    expect(() => formatVariables('dotenv', [{ name: 'V', value: '\' and "' }])).not.toThrow()
  })
})

describe('compose', () => {
  /** By its rules: YAML between single quotes, then `$$` is a dollar and a lone one is an error. */
  function read(line: string): string {
    const match = /^ {2}VALUE: '((?:[^']|'')*)'$/.exec(line)
    if (!match) throw new Error(`not YAML: ${line}`)
    const yaml = match[1]!.replaceAll("''", "'")
    if (/(?<!\$)(?:\$\$)*\$(?!\$)/.test(yaml)) throw new Error(`a variable would be put in: ${yaml}`)
    return yaml.replaceAll('$$', '$')
  }
  it('reads what was written', () => {
    fc.assert(
      fc.property(value, (any) => {
        const [head, line = ''] = formatVariables('compose', [{ name: 'VALUE', value: any }]).split('\n')
        expect(head).toBe('environment:')
        expect(read(line)).toBe(any)
      }),
    )
  })
})

describe('cmd, by its published rules (no cmd runs here)', () => {
  /**
   * A line of a batch file, not shown for its `@`: `%%` is a percent sign and a lone one begins a variable; then carets and quotes are read from left
   * to right, where a special character outside of quotes would end the command; then `set "NAME=value"` takes all between
   * its first and the last quote. https://learn.microsoft.com/windows-server/administration/windows-commands/set_1
   */
  function read(line: string): string {
    if (/%/.test(line.replaceAll('%%', ''))) throw new Error(`a variable would be put in: ${line}`)
    let quoted = false
    let rest = ''
    const characters = [...line.replaceAll('%%', '%')]
    for (let i = 0; i < characters.length; i++) {
      const character = characters[i]!
      if (!quoted && character === '^') {
        i += 1
        rest += characters[i] ?? ''
        continue
      }
      if (!quoted && '&|<>()'.includes(character)) throw new Error(`${character} would end the command: ${line}`)
      if (character === '"') quoted = !quoted
      rest += character
    }
    const match = /^@set "VALUE=(.*)"$/.exec(rest)
    if (!match) throw new Error(`not understood: ${rest}`)
    return match[1]!
  }
  it('reads what was written', () => {
    const readBack = (any: string) => {
      const [usage, line = ''] = formatVariables('cmd', [{ name: 'VALUE', value: any }]).split('\n')
      expect(usage).toMatch(/^@rem [^%|&<>^]+$/)
      return read(line)
    }
    fc.assert(
      fc.property(value, (any) => {
        expect(readBack(any)).toBe(any)
      }),
    )
    for (const any of FIXED) expect(readBack(any)).toBe(any)
  })
})

describe('env-file', () => {
  /** What can be written, each under a name of its own. */
  const writable = (): readonly Assignment[] => samples().filter(({ value: one }) => !/^(['"]).*\1$/.test(one))

  /** By the published rules: lines that begin with `#` are comments; all after the first `=` is the value. */
  const read = (text: string): readonly string[] => text.split('\n').filter((line) => !line.trimStart().startsWith('#'))

  it('is read as it was written, by the published rules', () => {
    const assignments = writable()
    expect(read(formatVariables('env-file', assignments))).toEqual(assignments.map((one) => `${one.name}=${one.value}`))
  })

  const missing = spawnSync('docker', ['--version']).status !== 0
  it.skipIf(missing)(`is read so by docker${missing ? ': NOT RUN, it is not installed here' : ''}`, async () => {
    const assignments = writable()
    writeFileSync(join(folder, 'variables.env'), `${formatVariables('env-file', assignments)}\n`)
    expect(await readByDocker(join(folder, 'variables.env'))).toEqual(
      assignments.map((one) => `${one.name}=${one.value}`),
    )
  })

  it.each(["'quoted'", '"quoted"', '""', 'two\nlines', 'returns\r'])('refuses %j', (any) => {
    expect(() => formatVariables('env-file', [{ name: 'V', value: any }])).toThrow(Failure)
  })
})

/** The environment of a container, as the program `docker` tells it to its daemon: here a server that only listens. */
async function readByDocker(file: string): Promise<readonly string[]> {
  const socket = join(folder, 'docker.sock')
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      if (request.method === 'POST') bodies.push(body)
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ Id: 'x', Warnings: [] }))
    })
  }).listen(socket)
  await once(server, 'listening')
  const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: `unix://${socket}` }
  await new Promise((resolve) => execFile('docker', ['create', '--env-file', file, 'image'], { env }, resolve))
  server.close()
  return (JSON.parse(bodies[0] ?? '{}') as { readonly Env: readonly string[] }).Env
}
