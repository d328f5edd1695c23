import { describe, expect, it } from 'vitest'
import { askForTarget } from '../../src/prompt/ask-target.ts'
import { questionOf } from '../../src/prompt/ask-field.ts'
import { askForCreate } from '../../src/prompt/wizard.ts'
import { INPUT_KEYS } from '../../src/inputs/table.ts'
import { DEV, group, hub, namespace, PROD, talk, type World } from './support.ts'

const FULL: World = {
  subscriptions: [DEV, PROD],
  groups: [group('rg-a'), group('rg-b')],
  namespaces: [namespace('ns-one'), namespace('ns-two')],
  hubs: [hub('one'), hub('two')],
}
/** Every question and every context that the questions of all commands come to. */
async function everythingSaid(): Promise<{ readonly messages: string[]; readonly contexts: string[] }> {
  const first = talk(FULL, { script: { 'Resource group?': 'Create a new one' } })
  const inGroup = talk(FULL, { script: { 'Resource group?': 'rg-a', 'Namespace?': 'Create a new one' } })
  const inNamespace = talk(FULL, {
    script: { 'Resource group?': 'rg-a', 'Namespace?': 'ns-one', 'Hub?': 'Create a new one' },
  })
  const withLoad = talk({}, { script: { 'How much will come in?': '5k', 'How much more at the busiest?': '2' } })
  for (const { options } of [first, inGroup, inNamespace, withLoad]) await askForCreate(options)
  const target = talk(FULL)
  await askForTarget('plan', target.options)
  const people = [first, inGroup, inNamespace, withLoad, target].map(({ person }) => person)
  return {
    messages: [...new Set([...people.flatMap((person) => person.asked), ...INPUT_KEYS.map(questionOf)])],
    contexts: people.flatMap((person) => [...person.contexts.values()].filter((context) => context !== undefined)),
  }
}

describe('the words of questions', () => {
  it('are the thing and a question mark', async () => {
    const { messages } = await everythingSaid()
    expect(messages).toEqual(
      expect.arrayContaining(['New hub?', 'New namespace?', 'New resource group?', 'Time limit?']),
    )
    for (const message of messages) expect(message).toMatch(/^[A-Z][A-Za-z -]*\?$/)
  })

  it('neither beg nor command', async () => {
    const { messages, contexts } = await everythingSaid()
    for (const text of [...messages, ...contexts]) {
      expect(text).not.toMatch(/\b(please|choose|enter|select|pick|type in|would you|do you)\b/i)
    }
  })

  it('have no brackets in what stands beside them', async () => {
    const { contexts } = await everythingSaid()
    expect(contexts.length).toBeGreaterThan(5)
    for (const context of contexts) expect(context).not.toMatch(/[()[\]]/)
  })
})

it('every request of the questions goes through the gate of the run', async () => {
  const first = talk(FULL, { script: { 'Resource group?': 'rg-a', 'Namespace?': 'Create a new one' } })
  let sent = 0
  const { gate } = first.options
  const counting = { run: (...words: Parameters<typeof gate.run>) => (sent++, gate.run(...words)) } as typeof gate
  await askForCreate({ ...first.options, gate: counting })
  expect(first.calls.length).toBeGreaterThan(5)
  expect(sent).toBe(first.calls.length)
})
