import { describe, expect, it } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import { inquirerPrompter } from '../../src/prompt/inquirer-prompter.ts'
import type { Prompter } from '../../src/prompt/prompter.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'

const live = new AbortController().signal
const FRUIT = [
  { value: 1, label: 'Apple', detail: 'red or green' },
  { value: 2, label: 'Banana', detail: 'yellow' },
  { value: 3, label: 'Cherry', detail: 'red' },
] as const

/** Every kind of question, each with the text that shows that it is open. */
const KINDS: readonly (readonly [string, (prompter: Prompter) => Promise<unknown>])[] = [
  ['text', (prompter) => prompter.text({ message: 'Fruit?', validate: () => undefined })],
  ['select', (prompter) => prompter.select({ message: 'Fruit?', choices: FRUIT })],
  ['search', (prompter) => prompter.search({ message: 'Fruit?', choices: FRUIT })],
  ['confirm', (prompter) => prompter.confirm({ message: 'Fruit?', default: true })],
]

it.each(['select', 'search'] as const)('%s shows no control characters of a name', async (kind) => {
  const terminal = new FakeTerminal()
  const choices = [{ value: 1, label: 'Apple\u001b]0;owned\u0007', detail: 'red\u202e' }] as const
  const answer = inquirerPrompter(terminal.io, live)[kind]({ message: 'Fruit?', choices })
  await terminal.see('Apple ]0;owned')
  terminal.type(KEYS.enter)
  expect(await answer).toBe(1)
  expect(terminal.frame()).not.toContain('\u202e')
})

describe('text', () => {
  it('shows context and default on the line of the question, takes the default on Enter, and drops the context then', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Partitions?',
      context: 'cannot be changed later on Standard',
      default: '4',
      validate: () => undefined,
    })
    await terminal.see('? Partitions?  cannot be changed later on Standard (4)')
    terminal.type(KEYS.enter)
    expect(await answer).toBe('4')
    expect(terminal.frame().trim()).toBe('✓ Partitions? 4')
    expect(terminal.stdout).toBe('')
  })

  it('shows why an answer will not do, and keeps it for retyping in place', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Partitions?',
      default: '4',
      validate: async (text) => (text === '64' ? 'Standard allows 1 to 32' : undefined),
    })
    await terminal.play([['(4)', '64', KEYS.enter]])
    await terminal.see('> Standard allows 1 to 32')
    expect(terminal.frame()).toContain('? Partitions? 64')
    terminal.type(KEYS.backspace)
    await terminal.see('Partitions? 6')
    terminal.type(KEYS.enter)
    expect(await answer).toBe('6')
  })

  it('breaks a long error at words', async () => {
    const terminal = new FakeTerminal({ columns: 40 })
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Hub?',
      validate: (text) => (text === 'a' ? undefined : `"${text}" holds a character that a hub name cannot have here`),
    })
    await terminal.play([['Hub?', 'b', KEYS.enter]])
    await terminal.see('cannot')
    const lines = terminal
      .frame()
      .split('\n')
      .map((line) => line.trim())
    expect(lines).toEqual(expect.arrayContaining(['> "b" holds a character that a hub name', 'cannot have here']))
    terminal.type(KEYS.backspace, 'a', KEYS.enter)
    expect(await answer).toBe('a')
  })

  it('shows the first error before anything is typed', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Tier?',
      default: 'Standard',
      firstError: '--tier Standrad is not a tier',
      validate: () => undefined,
    })
    await terminal.see('Tier?')
    expect(terminal.raw).toMatch(/> --tier Standrad is not a tier[^]*Tier\?/)
    terminal.type(KEYS.enter)
    expect(await answer).toBe('Standard')
  })

  it('answers without the spaces around it, which the check does not see either', async () => {
    const terminal = new FakeTerminal()
    const seen: string[] = []
    const validate = (text: string): undefined => void seen.push(text)
    const answer = inquirerPrompter(terminal.io, live).text({ message: 'Hub?', validate })
    await terminal.play([['Hub?', '  clicks ', KEYS.enter]])
    expect([await answer, seen]).toEqual(['clicks', ['clicks']])
  })

  it('ends with the error of a check that breaks', async () => {
    const terminal = new FakeTerminal()
    const broken = new TypeError('broken')
    const answer = inquirerPrompter(terminal.io, live).text({ message: 'Hub?', validate: () => Promise.reject(broken) })
    const ended = expect(answer).rejects.toBe(broken)
    await terminal.play([['Hub?', 'x', KEYS.enter]])
    await ended
  })

  it('can be left while a check still runs', async () => {
    const terminal = new FakeTerminal()
    const stop = new AbortController()
    let finish = (): void => undefined
    const answer = inquirerPrompter(terminal.io, stop.signal).text({
      message: 'Hub?',
      validate: () => new Promise((resolve) => (finish = () => resolve('too late'))),
    })
    const ended = expect(answer).rejects.toEqual(new Interruption('timeout'))
    await terminal.play([['Hub?', 'x', KEYS.enter]])
    await terminal.see('Hub? x')
    stop.abort(new Interruption('timeout'))
    await ended
    finish()
    await new Promise((resolve) => setImmediate(resolve))
    expect(terminal.raw).not.toContain('too late')
  })
})

describe('lists', () => {
  it('marks the default row and moves from there, without running round', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).select({ message: 'Fruit?', choices: FRUIT, default: 2 })
    await terminal.see('❯ Banana  yellow')
    terminal.type(KEYS.down, KEYS.down, KEYS.down, KEYS.enter)
    expect(await answer).toBe(3)
    expect(terminal.frame().trim()).toBe('✓ Fruit? Cherry')
  })

  it('narrows a search by words in any order, of labels and details', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).search({ message: 'Fruit?', choices: FRUIT, default: 2 })
    await terminal.see('❯ Banana')
    terminal.type('green APP')
    await terminal.see('❯ Apple  red or green')
    expect(terminal.frame()).not.toContain('Banana')
    terminal.type(KEYS.enter)
    expect(await answer).toBe(1)
  })

  it('says so when a search finds nothing, and goes on', async () => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).search({ message: 'Fruit?', choices: FRUIT })
    await terminal.play([['❯ Apple', 'kiwi']])
    await terminal.see('No results found')
    terminal.type(KEYS.backspace.repeat(4))
    await terminal.play([['Apple', KEYS.enter]])
    expect(await answer).toBe(1)
  })
})

describe('confirm', () => {
  it.each([
    [true, '', true],
    [false, '', false],
    [true, 'n', false],
    [false, 'yes', true],
  ])('default %s, typed "%s": %s', async (byDefault, typed, expected) => {
    const terminal = new FakeTerminal()
    const answer = inquirerPrompter(terminal.io, live).confirm({ message: 'Create it?', default: byDefault })
    await terminal.play([[byDefault ? '(Y/n)' : '(y/N)', typed, KEYS.enter]])
    expect(await answer).toBe(expected)
    expect(terminal.frame().trim()).toBe(expected ? '✓ Create it? Yes' : '? Create it? No')
  })
})

describe.each(KINDS)('leaving a %s question', (_kind, ask) => {
  it.each([
    ['Ctrl-C', KEYS.ctrlC],
    ['Ctrl-D', KEYS.ctrlD],
  ])('with %s interrupts the run', async (_name, key) => {
    const terminal = new FakeTerminal()
    const ended = expect(ask(inquirerPrompter(terminal.io, live))).rejects.toEqual(new Interruption('SIGINT'))
    await terminal.play([['Fruit?', key]])
    await ended
    expect(terminal.stdin.isRaw).toBe(false)
  })

  it('when the terminal goes away interrupts the run', async () => {
    const terminal = new FakeTerminal()
    const ended = expect(ask(inquirerPrompter(terminal.io, live))).rejects.toEqual(new Interruption('SIGINT'))
    await terminal.see('Fruit?')
    terminal.stdin.end()
    await ended
  })

  it('by the signal throws its reason, also when it came before', async () => {
    const terminal = new FakeTerminal()
    const stop = new AbortController()
    const prompter = inquirerPrompter(terminal.io, stop.signal)
    const ended = expect(ask(prompter)).rejects.toEqual(new Interruption('SIGTERM'))
    await terminal.see('Fruit?')
    stop.abort(new Interruption('SIGTERM'))
    await ended
    await expect(ask(prompter)).rejects.toEqual(new Interruption('SIGTERM'))
    expect(terminal.stdin.isRaw).toBe(false)
  })

  it('is no matter where nobody can answer: asking there is a mistake of ours', async () => {
    const terminal = new FakeTerminal({ env: { CI: 'true' } })
    await expect(ask(inquirerPrompter(terminal.io, live))).rejects.toThrow('asked where nobody can answer')
    expect(terminal.raw).toBe('')
  })

  it('leaves nobody listening to the terminal', async () => {
    const terminal = new FakeTerminal()
    const listeners = () => ['pause', 'end', 'close', 'error'].map((event) => terminal.stdin.listenerCount(event))
    const before = listeners()
    const ended = expect(ask(inquirerPrompter(terminal.io, live))).rejects.toThrow()
    await terminal.play([['Fruit?', KEYS.ctrlC]])
    await ended
    expect(listeners()).toEqual(before)
  })
})

describe('looks', () => {
  const colours = /\u001b\[[0-9;]*m/
  const askAll = async (terminal: FakeTerminal): Promise<void> => {
    for (const [kind, ask] of KINDS) {
      const answer = ask(inquirerPrompter(terminal.io, live))
      await terminal.see('? Fruit?')
      await terminal.play([[['select', 'search'].includes(kind) ? 'Cherry' : 'Fruit?', KEYS.enter]])
      await answer
      terminal.look()
    }
  }

  it.each([
    ['--no-color', new FakeTerminal({ flags: { color: false } })],
    ['NO_COLOR', new FakeTerminal({ env: { NO_COLOR: '1' } })],
  ])('has no colour under %s', async (_name, terminal) => {
    await askAll(terminal)
    expect(terminal.raw).not.toMatch(colours)
  })

  it('has colour when stdout is piped and stderr is a terminal', async () => {
    const terminal = new FakeTerminal({ stdoutIsTTY: false })
    await askAll(terminal)
    expect(terminal.raw).toMatch(colours)
  })

  it('draws in ASCII where the terminal has no more', async () => {
    const terminal = new FakeTerminal({ env: { TERM: 'linux' } })
    await askAll(terminal)
    expect(terminal.raw).toMatch(/^[\u0000-\u007f]*$/)
  })

  it('breaks a context between words on a narrow terminal', async () => {
    const terminal = new FakeTerminal({ columns: 40 })
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Partitions?',
      context: '1 to 32, cannot be changed later on Standard',
      default: '4',
      validate: () => undefined,
    })
    await terminal.see('(4)')
    const lines = terminal.frame().trimEnd().split('\n')
    expect(lines).toEqual(['? Partitions?', '  1 to 32, cannot be', '  changed later on', '  Standard (4)'])
    terminal.type('8', KEYS.enter)
    expect(await answer).toBe('8')
  })

  it('puts a default that does not fit behind its context on a line of its own', async () => {
    const terminal = new FakeTerminal({ columns: 40 })
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Consumer group?',
      context: 'one for each of 3 readers, - for none',
      default: 'ml-data-consumer-group',
      validate: () => undefined,
    })
    await terminal.see('(ml-data-consumer-group)')
    const lines = terminal.frame().trimEnd().split('\n')
    expect(lines).toEqual([
      ...['? Consumer group?', '  one for each of 3', '  readers, - for none', '  (ml-data-consumer-group)'],
    ])
    terminal.type(KEYS.enter)
    await answer
  })

  it.each([
    ['beside the suggested answer', 80, [], '✓ Capacity? 15  30 MB/s out, 2 MB/s a unit'],
    ['not beside another', 80, ['20'], '✓ Capacity? 20'],
    ['not where there is no room', 40, [], '✓ Capacity? 15'],
  ])('keeps a reason %s', async (_, columns, typed, line) => {
    const terminal = new FakeTerminal({ columns })
    const answer = inquirerPrompter(terminal.io, live).text({
      message: 'Capacity?',
      context: 'throughput units',
      reason: { answer: '15', text: '30 MB/s out, 2 MB/s a unit' },
      default: '15',
      validate: () => undefined,
    })
    await terminal.play([['(15)', ...typed, KEYS.enter]])
    await answer
    expect(terminal.frame().trimEnd().split('\n').at(-1)).toBe(line)
  })

  it('puts what rows say under their labels where one does not fit', async () => {
    const terminal = new FakeTerminal({ columns: 40 })
    const detail = 'up to 20 consumer groups per hub, Kafka, retention to 7d'
    const answer = inquirerPrompter(terminal.io, live).select({
      message: 'Tier?',
      choices: [
        { value: 1, label: 'Basic', detail: 'no Kafka' },
        { value: 2, label: 'Standard', detail },
      ],
    })
    await terminal.see('7d')
    expect(terminal.frame().split('\n').slice(1, 6)).toEqual([
      '❯ Basic',
      '    no Kafka',
      '  Standard',
      '    up to 20 consumer groups per hub,',
      '    Kafka, retention to 7d',
    ])
    terminal.type(KEYS.down, KEYS.enter)
    expect(await answer).toBe(2)
  })

  it('works on a terminal that does not know its columns', async () => {
    const terminal = new FakeTerminal({ columns: 0 })
    await askAll(terminal)
    expect(terminal.frame()).toContain('✓ Fruit? Yes')
  })
})
