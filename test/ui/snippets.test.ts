import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/engine/connection.ts'
import { formatSnippet, type SnippetFormat } from '../../src/ui/connection/snippet.ts'
import { entraConnection, sasConnection } from './samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const VARIABLE = 'EVENTHUB_CONNECTION_STRING'
const NAMES = { string: VARIABLE }

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
    // As TypeScript writes paths, on every system.
    const root = join(import.meta.dirname, '../..').replaceAll('\\', '/')
    const files = new Map(
      [...KEYED, ...ENTRA].map((connection, i) => [
        `${root}/snippet-${i}.mts`,
        formatSnippet('node', connection, NAMES),
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
    expect(`\n${formatSnippet('node', withRights('Listen'), { string: 'EH' })}`).toMatchInlineSnapshot(`
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

/** A notebook as one program, without the commands of Jupyter. */
const cellsAsProgram = (text: string): string =>
  (JSON.parse(text) as Notebook).cells
    .filter((cell) => cell.cell_type === 'code')
    .map((cell) => cell.source.filter((line) => !line.startsWith('%')).join(''))
    .join('\n')

interface Notebook {
  readonly nbformat: number
  readonly nbformat_minor: number
  readonly cells: readonly {
    readonly id: string
    readonly cell_type: string
    readonly source: readonly string[]
    readonly outputs?: readonly unknown[]
  }[]
}

describe('programs in Python', () => {
  it.skipIf(!python)(`are valid Python${python ? '' : ': NOT RUN, it is not installed here'}`, () => {
    const both = [...KEYED, ...ENTRA].flatMap((connection) =>
      [NAMES, { ...NAMES, hub: 'EVENTHUB_NAME' }].flatMap((names) => [
        ...(['python', 'databricks', 'fabric'] as const).map((format) => formatSnippet(format, connection, names)),
        cellsAsProgram(formatSnippet('ipynb', connection, names)),
      ]),
    )
    const codes = [...both, ...KEYED.map((connection) => formatSnippet('spark', connection, NAMES))]
    // Besides the grammar: every name that is used is imported, assigned, a parameter, built in or given by the platform.
    const check = `
import ast, builtins, json, sys
for code in json.load(sys.stdin):
    tree = ast.parse(code)
    names = {n.id: type(n.ctx).__name__ for n in sorted((n for n in ast.walk(tree) if isinstance(n, ast.Name)), key=lambda n: isinstance(n.ctx, ast.Store))}
    imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
    given = {"dbutils", "notebookutils", "spark"} if "kafka" in code else set()
    known = set(dir(builtins)) | imported | given
    known |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)} | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    unknown = [n for n, kind in names.items() if kind == "Load" and n not in known]
    assert not unknown, (unknown, code)
    unused = [n for n in imported if n not in names and f"{n}." not in code]
    assert not unused, (unused, code)
`
    const run = spawnSync(python!, ['-c', check], { input: JSON.stringify(codes), encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
  })
})

describe('ipynb', () => {
  const notebookOf = (connection: Connection) => JSON.parse(formatSnippet('ipynb', connection, NAMES)) as Notebook
  const idsOf = (connection: Connection) => notebookOf(connection).cells.map(({ id }) => id)

  it('has cells for what the rights allow', () => {
    expect(idsOf(withRights('Manage'))).toEqual(['about', 'install', 'settings', 'send', 'read', 'frame'])
    expect(idsOf(withRights('Send'))).toEqual(['about', 'install', 'settings', 'send'])
    expect(idsOf(withRoles('Azure Event Hubs Data Receiver'))).toEqual([
      'about',
      'install',
      'settings',
      'read',
      'frame',
    ])
  })

  it('is what nbformat 4.5 asks for', () => {
    for (const connection of [...KEYED, ...ENTRA]) {
      const { cells, ...notebook } = notebookOf(connection)
      expect(notebook).toEqual({
        metadata: {
          kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
          language_info: { name: 'python' },
        },
        nbformat: 4,
        nbformat_minor: 5,
      })
      expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
      for (const { source, ...cell } of cells) {
        const only = { id: expect.stringMatching(/^[\w-]{1,64}$/) as string, cell_type: cell.cell_type, metadata: {} }
        expect(cell).toEqual(cell.cell_type === 'code' ? { ...only, execution_count: null, outputs: [] } : only)
        // Each line but the last ends with a line break.
        expect(source.map((line) => line.indexOf('\n') - line.length)).toEqual(
          source.map((line, i) => (i < source.length - 1 ? -1 : -1 - line.length)),
        )
      }
    }
  })
})

describe('databricks and fabric', () => {
  /** The options that the program makes, from the secrets of a vault that has every one. */
  function optionsOf(format: 'databricks' | 'fabric', connection: Connection): unknown {
    const code = formatSnippet(format, connection, NAMES)
    const end = code.indexOf('\n}\n') + 3
    const vault = `
import json
class Vault:
    secrets = credentials = property(lambda self: self)
    # A secret from a file ends with a line break.
    get = lambda self, scope, key: f"<{key} of {scope}>\\n"
    getSecret = lambda self, vault, name: f"<{name} of {vault}>\\n"
dbutils = notebookutils = Vault()
`
    const run = spawnSync(python!, ['-c', `${vault}${code.slice(0, end)}print(json.dumps(options))`], {
      encoding: 'utf8',
    })
    return JSON.parse(run.stdout)
  }
  const HOST = 'ns-demo.servicebus.windows.net'

  it.skipIf(!python)('log in with the string of a secret', () => {
    const options = {
      'kafka.bootstrap.servers': `${HOST}:9093`,
      'kafka.security.protocol': 'SASL_SSL',
      'kafka.sasl.mechanism': 'PLAIN',
    }
    const login = (password: string) =>
      `org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" password="${password}";`
    expect(optionsOf('databricks', sasConnection())).toEqual({
      ...options,
      'kafka.sasl.jaas.config': `kafkashaded.${login('<eventhub-connection-string of event-hubs>')}`,
    })
    expect(optionsOf('fabric', sasConnection())).toEqual({
      ...options,
      'kafka.sasl.jaas.config': login('<eventhub-connection-string of https://VAULT.vault.azure.net/>'),
    })
  })

  it.skipIf(!python)('log in as a service principal without keys', () => {
    const SECURITY = 'org.apache.kafka.common.security.oauthbearer'
    expect(optionsOf('databricks', entraConnection())).toEqual({
      'kafka.bootstrap.servers': `${HOST}:9093`,
      'kafka.security.protocol': 'SASL_SSL',
      'kafka.sasl.mechanism': 'OAUTHBEARER',
      'kafka.sasl.login.callback.handler.class': `kafkashaded.${SECURITY}.secured.OAuthBearerLoginCallbackHandler`,
      'kafka.sasl.oauthbearer.token.endpoint.url': 'https://login.microsoftonline.com/TENANT_ID/oauth2/v2.0/token',
      'kafka.sasl.jaas.config': `kafkashaded.${SECURITY}.OAuthBearerLoginModule required clientId="CLIENT_ID" clientSecret="<azure-client-secret of event-hubs>" scope="https://${HOST}/.default";`,
    })
    expect(optionsOf('fabric', entraConnection())).toMatchObject({
      'kafka.sasl.login.callback.handler.class': `${SECURITY}.OAuthBearerLoginCallbackHandler`,
      'kafka.sasl.jaas.config': `${SECURITY}.OAuthBearerLoginModule required clientId="CLIENT_ID" clientSecret="<azure-client-secret of https://VAULT.vault.azure.net/>" scope="https://${HOST}/.default";`,
    })
  })

  it('name the secret after the variable', () => {
    expect(formatSnippet('databricks', sasConnection(), { string: 'MY_EH' })).toContain('key="my-eh"')
    expect(formatSnippet('fabric', sasConnection(), { string: 'MY_EH' })).toContain('.vault.azure.net/", "my-eh")')
  })

  it('are notebooks of one or several cells', () => {
    const cells = formatSnippet('databricks', sasConnection(), NAMES).split('\n# COMMAND ----------\n')
    expect(cells[0]).toMatch(/^# Databricks notebook source\n/)
    expect(cells).toHaveLength(3)
    expect(formatSnippet('fabric', sasConnection(), NAMES)).not.toMatch(/COMMAND|\n\n\n/)
  })
})

const javac = spawnSync('javac', ['-version']).status === 0
describe('java', () => {
  it.skipIf(!javac)(`parses${javac ? '' : ': NOT RUN, javac is not installed here'}`, () => {
    const folder = temporaryFolder()
    const files = [...KEYED, ...ENTRA].map((connection, i) => {
      const file = join(folder, `Ingest${i}.java`)
      writeFileSync(file, formatSnippet('java', connection, NAMES).replace('class Ingest ', `class Ingest${i} `))
      return file
    })
    const run = spawnSync('javac', ['-Xmaxerrs', '1000', '-d', folder, ...files], { encoding: 'utf8' })
    // Without the client's jar its types are unknown. A mistake of grammar would be told instead of that.
    const errors = run.stderr.match(/error: .*/g) ?? []
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toMatch(/package com\.azure\S* does not exist|cannot find symbol/)
  })

  it('closes what it opens', () => {
    for (const connection of [...KEYED, ...ENTRA]) {
      const code = formatSnippet('java', connection, NAMES).replace(/"(?:[^"\\]|\\.)*"/g, '""')
      for (const [open, close] of ['()', '{}']) expect(code.split(open!).length).toBe(code.split(close!).length)
    }
  })
})

describe.each<SnippetFormat>(['python', 'ipynb', 'node', 'java', 'spark', 'databricks', 'fabric'])('%s', (format) => {
  const write = (connection: Connection, names = NAMES) =>
    formatSnippet(format, connection, names).replaceAll('\\"', '"')
  // Kafka clients have groups of their own.
  const hasGroup = format !== 'databricks' && format !== 'fabric'

  it('does what the rights allow, and names hub and group', () => {
    const [sender, listener, both] = [withRights('Send'), withRights('Listen'), withRights('Manage')].map((one) =>
      write(one),
    )
    expect(sender).not.toContain('"trainer"')
    expect(sender).toContain('hello')
    expect(sender).not.toContain('receive')
    expect(listener).not.toContain('hello')
    expect(both).toContain('hello')
    for (const code of [listener, both]) expect(code!.includes('"trainer"')).toBe(hasGroup)
    for (const code of [sender, listener, both]) expect(code).toContain('"clicks"')
    expect(write(sasConnection({ consumerGroups: [] })).includes('"$Default"')).toBe(hasGroup)
  })

  it('reads the variable that it is told, and holds no string', () => {
    const code = write(sasConnection(), { string: 'MY_EH' })
    expect(code).toMatch(/MY_EH|my-eh/)
    expect(code).not.toContain('Endpoint=')
  })
})

it.each<[SnippetFormat, string]>([
  ['python', 'os.environ["MY_HUB"]'],
  ['ipynb', 'os.environ["MY_HUB"]'],
  ['node', 'process.env.MY_HUB'],
  ['java', 'System.getenv("MY_HUB")'],
  ['spark', '";EntityPath=" + os.environ["MY_HUB"]'],
])('%s reads the hub from the variable that it is told', (format, expression) => {
  const { sign } = sasConnection()
  for (const connection of [
    sasConnection({ sign: { ...sign, scope: 'namespace' } as Connection['sign'] }),
    entraConnection(),
  ]) {
    if (format === 'spark' && connection.sign.kind === 'entra') continue
    const code = formatSnippet(format, connection, { ...NAMES, hub: 'MY_HUB' }).replaceAll('\\"', '"')
    expect(code).toContain(expression)
    expect(code).not.toContain('"clicks"')
  }
})

describe.each<SnippetFormat>(['python', 'ipynb', 'node', 'java'])('%s without keys', (format) => {
  it('signs in with DefaultAzureCredential at the host', () => {
    const code = formatSnippet(format, entraConnection(), NAMES).replaceAll('\\"', '"')
    expect(code).toContain('DefaultAzureCredential')
    expect(code).toContain('"ns-demo.servicebus.windows.net"')
    expect(code).not.toContain(VARIABLE)
  })
})
