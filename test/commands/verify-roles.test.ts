import { describe, expect, test } from 'vitest'
import { withRolesTold } from '../../src/commands/verify.ts'
import type { Connection, DataRole, StepOutcome } from '../../src/engine/connection.ts'
import { Failure } from '../../src/lib/errors.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

const HUB = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns/eventhubs/clicks'

const outcome = (step: StepOutcome['step'], reason = 'right'): StepOutcome => ({
  ...{ step, state: 'failed', elapsedMs: 1, detail: 'm', reason },
  error: new Failure({ code: 'access', message: 'm' }),
})
const connection = (kind: 'entra' | 'sas') =>
  ({ hub: 'clicks', namespaceId: HUB.replace(/\/eventhubs.*/, ''), sign: { kind, roles: [] } }) as unknown as Connection
const told = (one: StepOutcome, roles: readonly DataRole[] | undefined, kind: 'entra' | 'sas' = 'entra') => {
  const asked: string[] = []
  const rolesOn = async (id: string) => (asked.push(id), roles)
  return withRolesTold(one, connection(kind), rolesOn).then((made) => ({ made, asked }))
}

describe('a right that is missing without a key', () => {
  const sender: DataRole = { name: 'Azure Event Hubs Data Sender', assignedOn: '2026-11-23T10:00:00Z' }

  test('is a role that is not in effect yet, where there is one', async () => {
    const { made, asked } = await told(outcome('send'), [sender])
    expect(asked).toEqual([HUB])
    expect(made).toMatchObject({ reason: 'role-pending', error: { code: 'access' } })
    expect(made.error!.why[0]).toBe(
      'You have the role Azure Event Hubs Data Sender, assigned 2026-11-23T10:00:00Z; it is not in effect yet.',
    )
    const owner = { name: 'Azure Event Hubs Data Owner', assignedOn: undefined }
    expect((await told(outcome('read'), [owner])).made.reason).toBe('role-pending')
  })

  test('is a role that is missing, where there is none for it', async () => {
    const { made } = await told(outcome('read'), [sender])
    expect(made.reason).toBe('role-missing')
    expect(plainSpeller.text(made.error!.hint!)).toContain(
      `az role assignment create --role 'Azure Event Hubs Data Receiver' --assignee YOUR_OBJECT_ID --scope ${HUB}`,
    )
  })

  test('stays as it is where roles may not be read, with a key, and for other failures', async () => {
    for (const [one, roles, kind] of [
      [outcome('send'), undefined, 'entra'],
      [outcome('send'), [sender], 'sas'],
      [outcome('send', 'dns'), [sender], 'entra'],
    ] as const) {
      expect((await told(one, roles, kind)).made).toBe(one)
    }
  })
})
