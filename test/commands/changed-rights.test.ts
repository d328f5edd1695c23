import { expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads it nothing else seems to happen, and its clock would run.
import '../../src/commands/rotate-key.ts'
import { startTestAzure } from '../support/azure.ts'
import { armSend, documentOf, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'

const HUB = [...TARGET, '--hub', 'clicks']
const CREATE = ['create', ...PLACE, '--hub', 'clicks', '--yes']
const RULE = `${NAMESPACE_PATH}/eventhubs/clicks/authorizationRules/ml-ingest-send-listen`

/** A hub whose rule somebody has given other rights. */
async function startWithRights(rights: readonly string[]) {
  const azure = await startTestAzure()
  expect(await azure.run(CREATE)).toMatchObject({ exitCode: 0 })
  expect(await armSend(azure.arm, 'PUT', RULE, { properties: { rights } })).toBe(200)
  return azure
}

const CASES = [
  { rights: ['Send'], words: 'lacks Listen', missing: ['Listen'], extra: [] },
  { rights: ['Listen'], words: 'lacks Send', missing: ['Send'], extra: [] },
  { rights: ['Manage', 'Send', 'Listen'], words: 'also gives Manage', missing: [], extra: ['Manage'] },
] as const

test.each(CASES)(
  '$rights: whoever hands out the string says that its key $words',
  async ({ rights, words, ...difference }) => {
    const azure = await startWithRights(rights)
    for (const argv of [
      ['show-connection', ...HUB, '--format', 'raw'],
      ['show-connection', ...HUB, '--format', 'dotenv'],
      ['rotate-key', ...HUB, '--stage', '1', '--yes', '--format', 'raw'],
    ]) {
      const run = await azure.run(argv)
      expect(run.exitCode, run.stderr).toBe(0)
      expect(run.stdout).not.toContain('lacks')
      expect(unwrapped(run.stderr)).toContain(
        `The key ${words}: somebody changed the rights of access rule ml-ingest-send-listen of hub clicks.`,
      )
      expect(run.stderr).toContain('npx ml-ingest create')
    }
    const document = documentOf(await azure.run(['show-connection', ...HUB, '--json']))
    const entry = {
      rights: expect.any(Array) as string[],
      missingRights: difference.missing,
      extraRights: difference.extra,
    }
    expect(document.connections).toMatchObject([entry])
    const created = await azure.run(CREATE)
    expect(unwrapped(created.stderr)).toContain(`${words}: somebody changed it; --access send-listen sets Send, Listen`)
    expect(documentOf(await azure.run([...CREATE, '--json'])).connections).toMatchObject([entry])
  },
)

test('the command that is named puts the rights back', async () => {
  const azure = await startWithRights(['Manage', 'Send', 'Listen'])
  const { stderr } = await azure.run(['show-connection', ...HUB, '--format', 'raw'])
  const [, line = ''] = /npx ml-ingest (.*)/.exec(stderr) ?? []
  expect(await azure.run([...line.split(' '), '--yes'])).toMatchObject({ exitCode: 0 })
  const again = await azure.run(['show-connection', ...HUB, '--format', 'raw'])
  expect(again).toMatchObject({ exitCode: 0, stderr: '' })
  const { connections } = documentOf(await azure.run(['show-connection', ...HUB, '--json']))
  expect(connections).toMatchObject([{ missingRights: [], extraRights: [] }])
})

test('a rule that is used as it is has the rights that it has', async () => {
  const azure = await startWithRights(['Send'])
  const run = await azure.run(['show-connection', ...HUB, '--policy', 'ml-ingest-send-listen', '--format', 'raw'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
})
