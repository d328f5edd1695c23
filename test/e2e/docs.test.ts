import { describe, expect, test } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { readCommandLine } from '../../src/commands/program.ts'
import { readGiven } from '../../src/inputs/given.ts'
import { blocksOf, codeIn, USER_PAGES } from '../support/pages.ts'
import { sandbox } from './sandbox.ts'

const BLOCKS = USER_PAGES.flatMap(blocksOf)
const SHELL = BLOCKS.filter(({ language }) => language === 'sh')
const MARKED = SHELL.filter(({ isMarked }) => isMarked)
const titleOf = (text: string) => text.trim().split('\n').at(0)?.replaceAll(/\s+/g, ' ') ?? ''

/** The words of each ml-ingest command in a text, as a shell would split them. */
const commandsIn = (text: string): readonly (readonly string[])[] =>
  [
    ...text.matchAll(/(?<=^ *|npx |--yes |\(|; )ml-ingest ((?:"[^"]*"|'[^']*'|[^\s|)"';&#<>]|<\w+>|[ ](?![ ]))*)/gm),
  ].map(([, words = '']) =>
    [...words.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? ''),
  )

const ID = '00000000-0000-0000-0000-000000000000'
/** What a reader puts there. */
const FILLED_IN: Readonly<Record<string, string>> = {
  '<id>': ID,
  '$OBJECT_ID:sender': `${ID}:sender`,
  $STORAGE_ACCOUNT_ID: `/subscriptions/${ID}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/lake`,
}

/** What is wrong with a command line, as far as its words tell. */
function problemsOf(words: readonly string[]): readonly unknown[] {
  const filledIn = words.map((word) => FILLED_IN[word] ?? word)
  const request = readCommandLine(filledIn, PROGRAM, { version: '0', out: () => undefined, width: 80 })
  return request ? readGiven(request.command.inputs, request.flags, {}).problems : []
}

/** Every command line of ml-ingest in a page, in blocks of any language and between backticks. */
const COMMAND_LINES = [
  ...BLOCKS.map(({ page, text }) => ({ page, text })),
  ...USER_PAGES.flatMap((page) => codeIn(page).map((text) => ({ page: page.path, text }))),
].flatMap(({ page, text }) => commandsIn(text).map((words) => ({ page, words, line: words.join(' ') })))

describe.skipIf(process.platform === 'win32')('the README and the pages of docs', () => {
  test.for(MARKED.map(({ page, text }) => ({ page, text, title: titleOf(text) })))(
    '$page runs: $title',
    async ({ text }) => {
      const { shell } = sandbox()
      const { exitCode, stderr } = await shell(`set -euo pipefail\n${text}`)
      expect(exitCode, stderr).toBe(0)
    },
  )

  test('run what can run without Azure', () => {
    expect(MARKED.length).toBeGreaterThan(7)
    const unmarked = SHELL.filter(({ isMarked, text }) => !isMarked && !text.startsWith('npm ci'))
    expect(unmarked.filter(({ text }) => /--local\b|ml-ingest local /.test(text))).toEqual([])
  })

  test.for(COMMAND_LINES)('$page has a command that can be read: $line', ({ words }) =>
    expect(problemsOf(words)).toEqual([]),
  )
})

describe.skipIf(process.platform === 'win32')('the examples of --help', () => {
  const TOPICS = ['', 'create', 'plan', 'show-connection', 'verify', 'completion', 'local']
  /** Lines of the examples, without what is said about them in a second column. */
  const examplesIn = (help: string) =>
    [...help.matchAll(/^ {2}((?:npx ml-ingest|CONN=|eval |source ).*?)(?: {3,}.*)?$/gm)].map(([, line = '']) => line)

  test.for(TOPICS)('ml-ingest %s --help', async (topic) => {
    const { run, shell } = sandbox()
    const { exitCode, stdout } = await run([...topic.split(' ').filter(Boolean), '--help'])
    expect(exitCode).toBe(0)
    const examples = examplesIn(stdout)
    expect(examples.length).toBeGreaterThan(0)
    for (const words of examples.flatMap(commandsIn)) expect(problemsOf(words), words.join(' ')).toEqual([])
    const offline = examples.filter((one) => /--local\b|completion bash|local status|--detach/.test(one))
    if (offline.some((line) => line.includes('--local'))) await run(['create', '--local', '--yes'])
    for (const line of offline) {
      expect(await shell(line), line).toMatchObject({ exitCode: 0 })
    }
  })
})
