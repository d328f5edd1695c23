import type { Call } from '../engine/cloud.ts'
import { Failure } from '../lib/errors.ts'
import type { DataRole } from '../engine/connection.ts'
import { DATA_ROLES } from '../inputs/grant-parsers.ts'
import type { ArmRest } from './arm-rest.ts'
import type { ArmTarget } from './endpoint.ts'
import { ROLE_ASSIGNMENTS_API_VERSION } from './role-assignments.ts'
import { readClaims } from './token-claims.ts'

/** The same in every cloud. https://learn.microsoft.com/azure/event-hubs/authenticate-application */
const EVENT_HUBS_AUDIENCE = 'https://eventhubs.azure.net'

/**
 * What a token for the data plane has to be for. The host that gets it is the one that Resource Manager names.
 * @throws Failure (exit 3) when that is not Azure's own, and nobody said with `--auth` that it may have one.
 */
export function dataAudience({ kind, url }: ArmTarget, authGiven: boolean): string {
  if (kind === 'named' || authGiven) return EVENT_HUBS_AUDIENCE
  throw new Failure({
    code: 'access',
    message: 'Failed to sign in to Event Hubs',
    azure: {},
    why: [`${url} is not an endpoint of Azure, but names the host that would get a token of Azure.`],
    hint: 'If you trust it, say so by naming the sign-in, as in --auth cli.',
  })
}

interface RoleAssignment {
  readonly properties?: { readonly roleDefinitionId?: string; readonly createdOn?: string }
}

/** Who the token is about and what it was given, groups and inherited scopes included; undefined where that is not told. */
export async function readDataRoles(
  rest: ArmRest,
  hubId: string,
  token: string,
  call: Call,
): Promise<readonly DataRole[] | undefined> {
  const { objectId } = readClaims(token)
  if (objectId === undefined) return undefined
  const path = `${hubId}/providers/Microsoft.Authorization/roleAssignments`
  try {
    const all = await rest.list<RoleAssignment>(path, ROLE_ASSIGNMENTS_API_VERSION, call, `assignedTo('${objectId}')`)
    return all.flatMap(({ properties = {} }) => {
      const id = properties.roleDefinitionId?.split('/').at(-1)?.toLowerCase()
      const name = Object.values(DATA_ROLES).find((role) => role.id === id)?.name
      return name === undefined ? [] : [{ name, assignedOn: properties.createdOn }]
    })
  } catch (error) {
    call.signal.throwIfAborted()
    if (error instanceof Error && error.name === 'RestError') return undefined
    throw error
  }
}
