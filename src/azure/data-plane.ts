import { CloudError, type Call } from '../engine/cloud.ts'
import type { DataRole } from '../engine/connection.ts'
import { EXIT } from '../lib/errors.ts'
import type { ArmRest } from './arm-rest.ts'
import type { ArmTarget } from './endpoint.ts'
import { readClaims } from './token-claims.ts'

/** The same in every cloud. https://learn.microsoft.com/azure/event-hubs/authenticate-application */
const EVENT_HUBS_AUDIENCE = 'https://eventhubs.azure.net'

/**
 * What a token for the data plane has to be for. The host that gets it is the one that Resource Manager names.
 * @throws CloudError (exit 3) when that is not Azure's own, and nobody said with `--auth` that it may have one.
 */
export function dataAudience({ kind, url }: ArmTarget, authGiven: boolean): string {
  if (kind === 'named' || authGiven) return EVENT_HUBS_AUDIENCE
  throw new CloudError({
    message: 'Failed to sign in to Event Hubs',
    azure: {},
    why: [`${url} is not an endpoint of Azure, but names the host that would get a token of Azure.`],
    hint: 'If you trust it, say so by naming the sign-in, as in --auth cli.',
    exitCode: EXIT.access,
    retryable: false,
  })
}

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/analytics */
const ROLE_NAMES: Readonly<Record<string, string>> = {
  'f526a384-b230-433a-b45c-95f59c4a2dec': 'Azure Event Hubs Data Owner',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Azure Event Hubs Data Receiver',
  '2b629674-e913-4c01-ae53-ef4638d8f975': 'Azure Event Hubs Data Sender',
}

/** https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope */
const API_VERSION = '2022-04-01'

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
    const all = await rest.list<RoleAssignment>(path, API_VERSION, call, `assignedTo('${objectId}')`)
    return all.flatMap(({ properties = {} }) => {
      const name = ROLE_NAMES[properties.roleDefinitionId?.split('/').at(-1)?.toLowerCase() ?? '']
      return name === undefined ? [] : [{ name, assignedOn: properties.createdOn }]
    })
  } catch (error) {
    call.signal.throwIfAborted()
    if (error instanceof Error && error.name === 'RestError') return undefined
    throw error
  }
}
