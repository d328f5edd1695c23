import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/engine/connection.ts'
import { formatSnippet, type SnippetFormat } from '../../src/ui/connection/snippet.ts'
import { entraConnection, sasConnection } from './samples.ts'

const VARIABLE = 'EVENTHUB_CONNECTION_STRING'

function withRights(...rights: ('Send' | 'Listen' | 'Manage')[]): Connection {
  const { sign } = sasConnection()
  return sasConnection({ sign: { ...sign, rights } as Connection['sign'] })
}
const withRoles = (...roles: string[]): Connection =>
  entraConnection({ sign: { kind: 'entra', roles, granted: false, embedded: false } })

const KEYED = [withRights('Send', 'Listen'), withRights('Send'), withRights('Listen'), withRights('Manage')]
const ENTRA = [
  entraConnection(),
  withRoles('Azure Event Hubs Data Sender'),
  withRoles('Azure Event Hubs Data Receiver'),
  withRoles('Azure Event Hubs Data Owner'),
]

describe('node', () => {
  it('type-checks against the real clients', () => {
    const root = join(import.meta.dirname, '../..')
    const files = new Map(
      [...KEYED, ...ENTRA].map((connection, i) => [
        join(root, `snippet-${i}.mts`),
        formatSnippet('node', connection, VARIABLE),
      ]),
    )
    const options: ts.CompilerOptions = {
      noEmit: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts'],
      types: ['node'],
      // TypeScript 6 is strict unless it is told otherwise; the snippet is for plain JavaScript.
      strict: false,
      skipLibCheck: true,
      noUnusedLocals: true,
    }
    const host = ts.createCompilerHost(options)
    const real = { ...host }
    host.getSourceFile = (name, language) => {
      const text = files.get(name)
      return text === undefined ? real.getSourceFile(name, language) : ts.createSourceFile(name, text, language)
    }
    host.fileExists = (name) => files.has(name) || real.fileExists(name)
    const program = ts.createProgram([...files.keys()], options, host)
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    expect(errors).toEqual([])
  }, 60_000)

  it('reads like this', () => {
    expect(`\n${formatSnippet('node', withRights('Listen'), 'EH')}`).toMatchInlineSnapshot(`
      "
      // npm install @azure/event-hubs, then save this as ingest.mjs
      import { earliestEventPosition, EventHubConsumerClient } from '@azure/event-hubs'

      const connectionString = process.env.EH

      // reads from the beginning until Ctrl+C
      const consumer = new EventHubConsumerClient("trainer", connectionString, "clicks")
      consumer.subscribe(
        {
          async processEvents(events, { partitionId }) {
            for (const event of events) console.log(partitionId, event.body)
          },
          async processError(error) {
            console.error(error)
          },
        },
        { startPosition: earliestEventPosition },
      )"
    `)
  })
})

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0)
describe('python and spark', () => {
  it.skipIf(!python)(`are valid Python${python ? '' : ': NOT RUN, it is not installed here'}`, () => {
    const codes = [
      ...[...KEYED, ...ENTRA].map((connection) => formatSnippet('python', connection, VARIABLE)),
      ...KEYED.map((connection) => formatSnippet('spark', connection, VARIABLE)),
    ]
    // Besides the grammar: every name that is used is imported, assigned, a parameter or built in.
    const check = `
import ast, builtins, json, sys
for code in json.load(sys.stdin):
    tree = ast.parse(code)
    names = {n.id: type(n.ctx).__name__ for n in sorted((n for n in ast.walk(tree) if isinstance(n, ast.Name)), key=lambda n: isinstance(n.ctx, ast.Store))}
    known = set(dir(builtins)) | {a.asname or a.name for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
    known |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)} | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    unknown = [n for n, kind in names.items() if kind == "Load" and n not in known]
    assert not unknown, (unknown, code)
`
    const run = spawnSync(python!, ['-c', check], { input: JSON.stringify(codes), encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
  })
})

const javac = spawnSync('javac', ['-version']).status === 0
describe('java', () => {
  it.skipIf(!javac)(`parses${javac ? '' : ': NOT RUN, javac is not installed here'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-java-'))
    const files = [...KEYED, ...ENTRA].map((connection, i) => {
      const file = join(folder, `Ingest${i}.java`)
      writeFileSync(file, formatSnippet('java', connection, VARIABLE).replace('class Ingest ', `class Ingest${i} `))
      return file
    })
    const run = spawnSync('javac', ['-Xmaxerrs', '1000', '-d', folder, ...files], { encoding: 'utf8' })
    rmSync(folder, { recursive: true, force: true })
    // Without the client's jar its types are unknown. A mistake of grammar would be told instead of that.
    const errors = run.stderr.match(/error: .*/g) ?? []
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toMatch(/package com\.azure\S* does not exist|cannot find symbol/)
  })

  it('closes what it opens', () => {
    for (const connection of [...KEYED, ...ENTRA]) {
      const code = formatSnippet('java', connection, VARIABLE).replace(/"(?:[^"\\]|\\.)*"/g, '""')
      for (const [open, close] of ['()', '{}']) expect(code.split(open!).length).toBe(code.split(close!).length)
    }
  })
})

describe.each<SnippetFormat>(['python', 'node', 'java', 'spark'])('%s', (format) => {
  it('does what the rights allow, and names hub and group', () => {
    const sender = formatSnippet(format, withRights('Send'), VARIABLE)
    const listener = formatSnippet(format, withRights('Listen'), VARIABLE)
    const both = formatSnippet(format, withRights('Manage'), VARIABLE)
    expect(sender).not.toContain('"trainer"')
    expect(listener).toContain('"trainer"')
    expect(listener).not.toContain('hello')
    expect(both).toContain('hello')
    expect(both).toContain('"trainer"')
    for (const code of [sender, listener, both]) expect(code).toContain('"clicks"')
    expect(formatSnippet(format, sasConnection({ consumerGroups: [] }), VARIABLE)).toContain('"$Default"')
  })

  it('reads the variable that it is told', () => {
    const code = formatSnippet(format, sasConnection(), 'MY_EH')
    expect(code).toContain('MY_EH')
    expect(code).not.toContain('Endpoint=')
  })
})

describe.each<SnippetFormat>(['python', 'node', 'java'])('%s without keys', (format) => {
  it('signs in with DefaultAzureCredential at the host', () => {
    const code = formatSnippet(format, entraConnection(), VARIABLE)
    expect(code).toContain('DefaultAzureCredential')
    expect(code).toContain('"ns-demo.servicebus.windows.net"')
    expect(code).not.toContain(VARIABLE)
  })
})
