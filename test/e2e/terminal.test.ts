import { describe, expect, test, vi } from 'vitest'
import type { Fault } from '../../src/local/index.ts'
import { canOpenTerminal, type Terminal } from '../support/terminal.ts'
import { sandbox, watchAzure, type RunOptions } from './sandbox.ts'

/** The questions of a first run in their order. */
const QUESTIONS = [
  'Resource group?',
  'Location?',
  'Namespace?',
  'How much will come in?',
  'Tier?',
  'Capacity?',
  'Hub?',
  'Partitions?',
  'Retention?',
  'Consumer group?',
  'Create 5 resources in ',
] as const
const CREATE = ['create', '--yes', '-l', 'westeurope']
const ESCAPE = '\x1b'
const CONNECTION = /^Endpoint=sb:\/\/localhost(:\d+)?;.*;EntityPath=\S+$/m

async function enterAll(terminal: Terminal, questions: readonly string[] = QUESTIONS): Promise<void> {
  for (const question of questions) await terminal.answer(question)
}

interface Options extends RunOptions {
  readonly provisioningMs?: number
  readonly latencyMs?: number
  readonly faults?: readonly Fault[]
  readonly cols?: number
}

/** Somebody who sits at a terminal, before an embedded Azure that sees every request. */
async function seated({ provisioningMs = 0, latencyMs = 0, faults = [], cols = 100, env }: Options = {}) {
  const azure = await watchAzure({ provisioningMs, latencyMs, faults })
  const user = sandbox()
  return {
    azure,
    ml: (...args: readonly string[]) => user.terminal(args, { cols, env: { ...azure.env, ...env } }),
    sh: (line: string) => user.shellTerminal(line, { env: { ...azure.env, ...env } }),
    run: (args: readonly string[]) => user.run(args, { env: azure.env }),
    repeat: (line: string) => user.shell(line, { env: azure.env }),
  }
}

describe.runIf(canOpenTerminal)('at a terminal', () => {
  describe('the wizard', () => {
    test('all questions answered, a wrong answer retyped; then its own line, and the wizard again, find nothing to do', async () => {
      const { ml, azure, repeat } = await seated()
      const terminal = ml('create')
      await terminal.answer('Resource group?', 'rg-clicks')
      await terminal.question('Location?')
      terminal.type('north eur')
      await terminal.see('❯ North Europe')
      terminal.press('enter')
      await terminal.answer('Namespace?', 'ns-clicks-7k2p')
      await terminal.answer('How much will come in?')
      await terminal.choose('Tier?', 'Standard')
      await terminal.answer('Capacity?', '2')
      await terminal.answer('Hub?', 'clicks')
      await terminal.answer('Partitions?', '64')
      await terminal.see('"64" is above 32')
      expect(azure.writes()).toEqual([])
      terminal.press('backspace', 'backspace')
      await terminal.answer('Partitions?', '8')
      await terminal.answer('Retention?', '48h')
      await terminal.answer('Consumer group?', 'trainer')
      await terminal.question('Create 5 resources in rg-clicks')
      expect(azure.writes()).toEqual([])
      terminal.press('enter')
      expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
      expect(terminal.isCursorVisible).toBe(true)
      expect(terminal.text).toMatch(CONNECTION)
      expect(azure.writes()).toHaveLength(5)
      const line = terminal.lines.find((one) => one.includes('npx ml-ingest create '))
      expect(line).toContain('northeurope')

      const again = await repeat(line ?? '')
      expect(again).toMatchObject({ exitCode: 0, stdout: `${CONNECTION.exec(terminal.text)?.[0]}\n` })
      expect(again.stderr).toContain('No write was sent')

      const second = ml('create')
      await second.choose('Resource group?', 'rg-clicks')
      await second.choose('Namespace?', 'ns-clicks-7k2p')
      await second.choose('Hub?', 'clicks')
      await second.answer('Consumer group?', 'trainer')
      expect(await second.ending()).toEqual({ exitCode: 0, signal: 0 })
      expect(second.text).toContain('No write was sent')
      expect(azure.writes()).toHaveLength(5)
    })

    test('a load is asked for, and sizes what Enter takes; its own line finds nothing to do', async () => {
      const { ml, azure, repeat } = await seated()
      const terminal = ml('create')
      await enterAll(terminal, ['Resource group?', 'Location?', 'Namespace?'])
      await terminal.answer('How much will come in?', '5k')
      await terminal.answer('How large is an event?', '2KB')
      await terminal.answer('How much more at the busiest?', '2')
      await terminal.answer('How many applications read it all?', '3')
      await terminal.answer('How many workers share the reading?', '8')
      await terminal.answer('Hub?', 'clicks')
      await terminal.question('Tier?')
      expect(terminal.text).toContain('Standard: the cheapest tier that carries the load')
      terminal.press('enter')
      await terminal.question('Capacity?  throughput units: 30 MB/s out, 2 MB/s a unit, on average (15)')
      terminal.press('enter')
      await enterAll(terminal, ['Auto-inflate maximum?', 'Partitions?', 'Retention?', 'Consumer group?'])
      await terminal.see(/Standard, 15 throughput units, auto-inflate to\s+30/)
      await terminal.see(/hub +clicks +20 partitions/)
      await terminal.answer('Create 5 resources in ')
      expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
      const line = terminal.lines.find((one) => one.includes('npx ml-ingest create '))
      expect(line).toContain('--events-per-second 5k --event-size 2KB --peak 2 --readers 3 --workers 8')
      expect((await repeat(line ?? '')).stderr).toContain('No write was sent')
      expect(azure.writes()).toHaveLength(5)
    })

    test('Enter all the way is a valid result, and the second time nothing is to do', async () => {
      const { ml, azure } = await seated()
      const terminal = ml('create')
      await enterAll(terminal)
      expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
      const second = ml('create')
      await enterAll(second, ['Resource group?', 'Namespace?', 'Hub?', 'Consumer group?'])
      expect(await second.ending()).toEqual({ exitCode: 0, signal: 0 })
      expect(second.text).toContain('No write was sent')
      expect(azure.writes()).toHaveLength(5)
      expect(CONNECTION.exec(second.text)?.[0]).toBe(CONNECTION.exec(terminal.text)?.[0])
    })

    test('a declined plan changes nothing', async () => {
      const { ml, azure } = await seated()
      const terminal = ml('create')
      await enterAll(terminal, QUESTIONS.slice(0, -1))
      await terminal.answer('Create 5 resources in ', 'n')
      expect(await terminal.ending()).toEqual({ exitCode: 130, signal: 0 })
      expect(azure.writes()).toEqual([])
    })

    test.each(QUESTIONS)('Ctrl-C at %s', async (question) => {
      const { ml, azure } = await seated()
      const terminal = ml('create')
      await enterAll(terminal, QUESTIONS.slice(0, QUESTIONS.indexOf(question)))
      await terminal.question(question)
      terminal.press('ctrl-c')
      expect(await terminal.ending()).toEqual({ exitCode: 130, signal: 0 })
      expect(terminal.text).toContain('Nothing was changed')
      expect(terminal.isCursorVisible).toBe(true)
      expect(azure.writes()).toEqual([])
    })

    test.each([
      ['Ctrl-D', 130, (terminal: Terminal) => terminal.press('ctrl-d')],
      ['SIGTERM', 143, (terminal: Terminal) => terminal.kill('SIGTERM')],
      ['a closed window', 129, (terminal: Terminal) => terminal.kill('SIGHUP')],
    ])('%s at a question ends with %i', async (_, exitCode, act) => {
      const { ml, azure } = await seated()
      const terminal = ml('create')
      await terminal.question('Resource group?')
      act(terminal)
      expect(await terminal.ending()).toEqual({ exitCode, signal: 0 })
      expect(terminal.isCursorVisible).toBe(true)
      expect(azure.writes()).toEqual([])
    })

    test('on 40 columns', async () => {
      const { ml } = await seated({ cols: 40 })
      const terminal = ml('create')
      await enterAll(terminal)
      expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
      expect(terminal.text).toMatch(CONNECTION)
      // What can be wrapped is wrapped: longer lines hold something that may not be broken, a name or a command.
      const broken = terminal.lines.filter((line) => line.length > 40 && !/\S{18}|npx/.test(line))
      expect(broken).toEqual([])
      for (const question of QUESTIONS) {
        expect(terminal.lines.filter((line) => line.startsWith(`✓ ${question}`))).toHaveLength(1)
      }
    })
  })

  describe('Ctrl-C', () => {
    test('while reading', async () => {
      const { ml, azure } = await seated({ faults: [{ kind: '429', times: 1000, retryAfterSeconds: 60 }] })
      const terminal = ml(...CREATE)
      await vi.waitUntil(() => azure.requests.length > 0, { timeout: 10_000 })
      terminal.press('ctrl-c')
      expect(await terminal.ending(5_000)).toEqual({ exitCode: 130, signal: 0 })
      expect(terminal.text).toContain('Nothing was changed')
      expect(terminal.isCursorVisible).toBe(true)
    })

    test('while creating: says what is done and what Azure goes on with; the same command finishes', async () => {
      const { ml, run } = await seated({ provisioningMs: 4_000 })
      const terminal = ml(...CREATE)
      await terminal.see('creating')
      terminal.press('ctrl-c')
      await terminal.see('Ctrl+C again')
      expect(await terminal.ending()).toEqual({ exitCode: 130, signal: 0 })
      expect(terminal.isCursorVisible).toBe(true)
      expect(terminal.text).toMatch(/Done +resource group/)
      expect(terminal.text).toMatch(/Still running +namespace/)
      expect(terminal.text).toMatch(/Not started +hub/)
      expect(await run(CREATE)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(CONNECTION) as string })
    })

    test('twice ends at once', async () => {
      const { ml } = await seated({ provisioningMs: 60_000, latencyMs: 200 })
      const terminal = ml(...CREATE)
      await terminal.see(/creating +namespace/)
      terminal.press('ctrl-c')
      await terminal.see('Ctrl+C again')
      terminal.press('ctrl-c')
      expect(await terminal.ending(2_000)).toEqual({ exitCode: 130, signal: 0 })
      expect(terminal.isCursorVisible).toBe(true)
    })

    test.each([
      ['SIGTERM', 143],
      ['SIGINT', 130],
      ['SIGHUP', 129],
    ] as const)('%s while creating ends with %i', async (signal, exitCode) => {
      const { ml } = await seated({ provisioningMs: 60_000 })
      const terminal = ml(...CREATE)
      await terminal.see(/creating +namespace/)
      terminal.kill(signal)
      expect(await terminal.ending()).toEqual({ exitCode, signal: 0 })
      expect(terminal.isCursorVisible).toBe(true)
    })
  })

  test('progress moves while it takes long, and leaves one line for each resource', async () => {
    const { ml } = await seated({ provisioningMs: 3_000 })
    const terminal = ml(...CREATE)
    await terminal.see(/creating +namespace.*1s +usually/)
    expect(terminal.isCursorVisible).toBe(false)
    terminal.resize(50, 20)
    await terminal.see(/creating +namespace.*…$/m)
    terminal.resize(120, 40)
    expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
    expect(terminal.isCursorVisible).toBe(true)
    expect(terminal.lines.filter((line) => /✓ created +namespace/.test(line))).toHaveLength(1)
    expect(terminal.lines.filter((line) => /creating/.test(line))).toEqual([])
  })

  test('a terminal of no columns gets lines, not a flood', async () => {
    const { sh } = await seated({ provisioningMs: 2_500 })
    const terminal = sh(`stty cols 0 rows 0; npx ml-ingest ${CREATE.join(' ')}`)
    expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
    expect(terminal.text).toContain('5 created')
    expect(terminal.raw.length).toBeLessThan(10_000)
  })

  test('a dumb terminal is asked nothing and gets no escape', async () => {
    const { ml, azure } = await seated({ env: { TERM: 'dumb' } })
    const asking = ml('create')
    expect(await asking.ending()).toEqual({ exitCode: 2, signal: 0 })
    expect(asking.text).toContain('TERM is dumb')
    expect(azure.requests).toEqual([])
    const working = ml(...CREATE)
    expect(await working.ending()).toEqual({ exitCode: 0, signal: 0 })
    expect(asking.raw + working.raw).not.toContain(ESCAPE)
  })

  test('NO_COLOR: the wizard and the progress without colour', async () => {
    const { ml } = await seated({ provisioningMs: 1_500, env: { NO_COLOR: '1' } })
    const terminal = ml('create')
    await enterAll(terminal)
    expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
    // Select Graphic Rendition: 30 to 49 and 90 to 107 are colours.
    expect(terminal.raw).not.toMatch(/\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10[0-7])(?:;\d+)*m/)
  })

  test('the answer goes to stdout alone, also while questions are asked', async () => {
    const { sh } = await seated()
    const terminal = sh('CONN="$(npx ml-ingest create)"; printf "<%s>\\n" "$CONN"')
    await enterAll(terminal)
    expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
    expect(terminal.text).toMatch(/^<Endpoint=[^\s>]*>$/m)
  })
})
