import type { Connection, DataRole } from '../engine/connection.ts'
import type { StepOutcome } from '../engine/verification.ts'
import { Failure } from '../lib/errors.ts'
import { action } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'

const OWNER = 'Azure Event Hubs Data Owner'
/** https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected */
const TAKES_UP_TO = 'up to 10 minutes'

/**
 * A sign-in without a key that lacks a right either has no role, or one that is not in effect yet: Resource Manager knows
 * which. Any other outcome stays as it is.
 */
export async function withRolesTold(
  outcome: StepOutcome,
  { sign, namespaceId, hub }: Connection,
  rolesOn: (hubId: string) => Promise<readonly DataRole[] | undefined>,
): Promise<StepOutcome> {
  if (sign.kind !== 'entra' || outcome.reason !== 'right' || !outcome.error) return outcome
  const hubId = `${namespaceId}/eventhubs/${hub}`
  const roles = await rolesOn(hubId)
  if (!roles) return outcome
  const needed = outcome.step === 'read' ? 'Azure Event Hubs Data Receiver' : 'Azure Event Hubs Data Sender'
  const found = roles.find(({ name }) => name === needed || name === OWNER)
  const { message } = outcome.error
  const told = found ? pending(message, found) : missingRole(message, needed, hubId)
  return { ...outcome, ...told, detail: told.error.message }
}

const pending = (message: string, role: DataRole) => ({
  reason: 'role-pending',
  error: new Failure({
    code: 'access',
    message,
    why: [
      `You have the role ${role.name}${role.assignedOn ? `, assigned ${role.assignedOn}` : ''}; it is not in effect yet.`,
    ],
    hint: `A new assignment takes ${TAKES_UP_TO}: run it again then.`,
  }),
})

const missingRole = (message: string, role: string, hubId: string) => ({
  reason: 'role-missing',
  error: new Failure({
    code: 'access',
    message,
    why: [`You do not have the role ${role} on it.`],
    hint: say`Ask an owner to give it:\n${action({ do: 'assign-role', role, assignee: 'YOUR_OBJECT_ID', scope: hubId })}`,
  }),
})
