import { ArmError, gateway, provider } from '../../core/errors.ts'
import { nameAfter, type ProviderFaults } from '../../core/injector.ts'
import type { ArmReply } from '../../core/routes.ts'

/** `type` is relative to the provider and lower case: `namespaces/eventhubs`. */
export const parentNotFound = (verb: string, type: string, parentId: string): ArmError =>
  gateway(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${verb}' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
  )

export const locationNotForType = (location: string, type: string, regions: readonly string[]): ArmError =>
  gateway(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type '${type}'. ` +
      `List of available regions for the resource type is '${regions.join(',')}'.`,
  )

export const resourceElsewhere = (name: string, actual: string, group: string, wanted: string): ArmError =>
  gateway(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${actual}' in resource group '${group}'. A resource with the ` +
      `same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  )

export const requiredPropertyMissing = (name: string, path: string): ArmError =>
  provider(
    400,
    'RequestJsonDeserializationFailure',
    `Failed to deserialize input. Got error message: Required property '${name}' not found in JSON. Path '${path}'.`,
  )

export const namespaceNotFound = (name: string): ArmError =>
  provider(404, 'NamespaceNotFound', `Namespace '${name}' not found`)

export const invalidMaximum = (maximum: number, capacity: number): ArmError =>
  provider(
    400,
    'InvalidMaxThroughputValue',
    `Auto inflate MaximumThroughputUnits '${maximum}' is out of range. ` +
      `Valid range is 1-40 and it should be greater than capacity ${capacity}`,
  )

/** A refusal of the messaging gateway, which keeps hubs, consumer groups and rules. */
export const messagingBadRequest = (message: string): ArmError =>
  provider(400, 'MessagingGatewayBadRequest', `SubCode=40000. ${message}`)

export const messagingConflict = (message: string): ArmError =>
  provider(409, 'MessagingGatewayConflict', `SubCode=40900. ${message}`)

/** `names`: of the namespace, and of everything on the way from it to what is missing. */
export const entityNotFound = (...names: readonly string[]): ArmError =>
  provider(
    404,
    'MessagingGatewayNotFound',
    `SubCode=40400. The messaging entity '${names.join('/')}' could not be found.`,
  )

/** A private endpoint that is not connected. Its tail is another than that of `badRequest`. */
export const connectionNotFound = (name: string, correlationId: string): ArmError =>
  provider(404, 'NotFound', `The requested resource ${name} does not exist. CorrelationId: ${correlationId}`)

export const tooManyEntities = (type: string, actual: number, allowed: number): ArmError =>
  provider(
    409,
    'Conflict',
    `SubCode=40300. The maximum number of resources of type ${type} has been reached or exceeded. ` +
      `Actual: ${actual}, Max allowed: ${allowed}`,
  )

export const inTransition = (name: string, subscription: string, state: string): ArmError =>
  provider(
    429,
    'NamespaceInTransition',
    `The namespace ${name} in subscription ${subscription} is in transitioning state, its current state is ${state}.`,
  )

/** A refusal with the usual tail. */
export const badRequest = (message: string, correlationId: string): ArmError =>
  provider(400, 'BadRequest', withTail(message, correlationId))

const withTail = (message: string, correlationId: string): string =>
  `${message} For more information visit https://aka.ms/eventhubsarmexceptions. CorrelationId: ${correlationId}`

/** The answer to a question for a name. */
export const nameUnavailable = (reason: 'InvalidName' | 'NameInUse', message: string): ArmReply => ({
  status: 200,
  body: { nameAvailable: false, reason, message },
})

/** What injected faults look like here. */
export const FAULT_ANSWERS: ProviderFaults = {
  '409': (_, headers) =>
    new ArmError({
      ...{ status: 409, code: 'Conflict', from: 'provider', headers },
      message: 'Namespace update failed with conflict in backend.',
    }),
  '500': ({ correlationId }) => provider(500, 'InternalServerError', withTail('Internal Server Error.', correlationId)),
  'in-transition': ({ path }) =>
    inTransition(nameAfter(path, 'namespaces'), nameAfter(path, 'subscriptions'), 'Updating'),
  'name-taken': ({ method, path, correlationId }) => {
    const isQuestion = /\/checknameavailability$/i.test(path)
    if (!isQuestion && !(method === 'PUT' && /\/namespaces\/[^/]+$/i.test(path))) return undefined
    const message = 'The specified name is not available.'
    return method === 'POST' ? nameUnavailable('NameInUse', message) : badRequest(message, correlationId)
  },
}
