import { describe, expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads them nothing else seems to happen, and its clock would run.
import '../../src/commands/delete.ts'
import '../../src/prompt/ask-target.ts'
import '../../src/prompt/confirm.ts'
import '../../src/prompt/inquirer-prompter.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'
import { testDeps } from '../support/test-deps.ts'
import { armGet, GROUP, GROUP_PATH, NAMESPACE, NAMESPACE_PATH, SMALL_CREATE, TARGET } from './support.ts'

async function startWithOurs(): Promise<TestAzure> {
  const azure = await startTestAzure()
  expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
  azure.requests.length = 0
  return azure
}

/** The program at a terminal, and a person who types when a text has been drawn. */
async function play(
  { arm, clock }: TestAzure,
  argv: readonly string[],
  script: readonly (readonly [text: string, ...keys: string[]])[],
) {
  const terminal = new FakeTerminal({ columns: 100, env: { TERM: 'xterm' } })
  const { stdin, stdout, stderr } = terminal.io
  const env = {
    TERM: 'xterm',
    ML_INGEST_ARM_ENDPOINT: arm.endpoint,
    AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId,
  }
  const running = main([...argv, '--progress', 'plain'], { ...testDeps({ clock, env }), stdin, stdout, stderr })
  await terminal.play(script)
  return { exitCode: await running, terminal }
}

const isThere = async ({ arm }: TestAzure, path: string): Promise<boolean> => (await armGet(arm, path)) !== undefined

describe('at a terminal', () => {
  test('the name has to be typed: another one is not taken, and deletes nothing', async () => {
    const azure = await startWithOurs()
    const { exitCode, terminal } = await play(
      azure,
      ['delete', ...TARGET],
      [
        [`Type ${NAMESPACE} to delete it:`, KEYS.enter],
        [`That is not ${NAMESPACE}`, 'ns-clicks-tset', KEYS.enter],
        [`That is not ${NAMESPACE}`, KEYS.backspace.repeat(14), NAMESPACE, KEYS.enter],
      ],
    )
    expect(exitCode).toBe(0)
    expect(terminal.raw).toContain('Ctrl+C leaves everything as it is.')
    expect(terminal.raw).toContain('deleted')
    expect(terminal.stdout).toBe('')
    expect([await isThere(azure, NAMESPACE_PATH), await isThere(azure, GROUP_PATH)]).toEqual([false, false])
  })

  test.each([
    ['Ctrl+C', 'ns-clicks', KEYS.ctrlC],
    ['Ctrl+D', KEYS.ctrlD],
  ])('%s leaves everything as it is', async (_, ...keys) => {
    const azure = await startWithOurs()
    const { exitCode, terminal } = await play(azure, ['delete', ...TARGET], [['to delete it:', ...keys]])
    expect(exitCode).toBe(130)
    expect(terminal.raw).toContain('Cancelled. Nothing was changed.')
    expect(azure.writes()).toEqual([])
  })

  test('of a hub, the question says what goes', async () => {
    const azure = await startWithOurs()
    const argv = ['delete', ...TARGET, '--hub', 'clicks']
    const { exitCode } = await play(azure, argv, [[`Type ${NAMESPACE} to delete hub clicks:`, NAMESPACE, KEYS.enter]])
    expect([exitCode, azure.writes().length]).toEqual([0, 1])
  })

  test('--yes does not stand for the name', async () => {
    const azure = await startWithOurs()
    const { exitCode } = await play(azure, ['delete', ...TARGET, '--yes'], [['to delete it:', KEYS.ctrlC]])
    expect([exitCode, azure.writes()]).toEqual([130, []])
  })

  test('a name that was given leaves a question, answered no by Enter', async () => {
    const azure = await startWithOurs()
    const argv = ['delete', ...TARGET, '--hub', 'clicks', '--confirm', NAMESPACE]
    expect((await play(azure, argv, [['Delete hub clicks? (y/N)', KEYS.enter]])).exitCode).toBe(130)
    expect(azure.writes()).toEqual([])
    expect((await play(azure, argv, [['Delete hub clicks? (y/N)', 'y', KEYS.enter]])).exitCode).toBe(0)
    expect(azure.writes()).toHaveLength(1)
    const agreed = await play(azure, ['delete', ...TARGET, '--confirm', NAMESPACE, '--yes'], [])
    expect(agreed.exitCode).toBe(0)
  })

  test('a mistyped --confirm ends it before anything is sent', async () => {
    const azure = await startWithOurs()
    const { exitCode, terminal } = await play(azure, ['delete', ...TARGET, '--confirm', 'ns-clicks-tset'], [])
    expect([exitCode, azure.requests]).toEqual([2, []])
    expect(terminal.raw).toContain('is not the namespace of this run')
  })

  test('a namespace that is not ours is refused without a question, with the command that names it', async () => {
    const azure = await startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE }] } })
    const { exitCode, terminal } = await play(azure, ['delete', ...TARGET], [])
    expect([exitCode, azure.writes()]).toEqual([4, []])
    expect(terminal.raw).toContain('was not made by ml-ingest')
    expect(terminal.raw).toContain(`--confirm ${NAMESPACE}`)
    expect(terminal.raw).not.toContain('to delete it')
  })

  test('the namespace of a group is found when nobody names it, and asked for among several', async () => {
    const azure = await startWithOurs()
    const only = await play(azure, ['delete', '-g', GROUP], [['to delete it:', KEYS.ctrlC]])
    expect(only.terminal.raw).toContain(NAMESPACE)
    azure.arm.store.change(({ namespaces }) => {
      const ours = namespaces.get(NAMESPACE)!
      namespaces.set('ns-other', { ...ours, name: 'ns-other' })
    })
    const asked = await play(
      azure,
      ['delete', '-g', GROUP],
      [
        ['Namespace?', KEYS.down, KEYS.enter],
        ['Type ns-other to delete it:', 'ns-other', KEYS.enter],
      ],
    )
    expect(asked.exitCode).toBe(0)
    expect(azure.arm.store.state.namespaces.has('ns-other')).toBe(false)
    expect(await isThere(azure, NAMESPACE_PATH)).toBe(true)
  })
})
