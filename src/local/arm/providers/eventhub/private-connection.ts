import { sorted } from '../../core/model.ts'
import type { Call } from '../../core/routes.ts'
import { type Namespace, type PrivateConnection, privateConnectionId } from './model.ts'

/** Whether a connection is still in its transition at the time of a call. */
const isBusy = (call: Call, { transition }: PrivateConnection): boolean =>
  transition !== undefined && transition.until > call.now

/** The connections of private endpoints that a namespace has at the time of a call. */
export const connectionsOf = (call: Call, { privateConnections }: Namespace): readonly PrivateConnection[] =>
  sorted(privateConnections ?? new Map<string, PrivateConnection>()).filter(
    (connection) => connection.transition?.state !== 'Deleting' || isBusy(call, connection),
  )

/** A connection in the answer to a call. `state`: instead of the one that it has. */
export const connectionView = (
  call: Call,
  namespace: Namespace,
  connection: PrivateConnection,
  state: 'Updating' | undefined = undefined,
) => ({
  id: privateConnectionId(namespace, connection),
  name: connection.name,
  type: 'Microsoft.EventHub/Namespaces/PrivateEndpointConnections',
  location: namespace.location,
  properties: {
    provisioningState: state ?? (isBusy(call, connection) ? connection.transition!.state : 'Succeeded'),
    ...connection.properties,
    groupIds: ['namespace'],
  },
})
