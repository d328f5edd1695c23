/** Who answers: the gateway of Resource Manager, or the Event Hubs provider behind it. They differ in headers. */
export type Answerer = 'gateway' | 'provider'

export interface ArmErrorFields {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly from?: Answerer
  readonly headers?: Readonly<Record<string, string>>
  readonly details?: readonly { readonly code: string; readonly target: string; readonly message: string }[]
}

/** A refusal in the words of Azure. Wordings and their sources: docs/local-azure.md, "Errors". */
export class ArmError extends Error {
  readonly status: number
  readonly code: string
  readonly from: Answerer
  readonly headers: Readonly<Record<string, string>>
  readonly details: ArmErrorFields['details']

  constructor(fields: ArmErrorFields) {
    super(fields.message)
    this.name = 'ArmError'
    this.status = fields.status
    this.code = fields.code
    this.from = fields.from ?? 'gateway'
    this.headers = fields.headers ?? {}
    this.details = fields.details
  }

  get body(): unknown {
    const details = this.details && { details: this.details }
    return { error: { code: this.code, message: this.message, ...details } }
  }
}

const gateway = (status: number, code: string, message: string): ArmError => new ArmError({ status, code, message })

const provider = (status: number, code: string, message: string): ArmError =>
  new ArmError({ status, code, message, from: 'provider' })

export const missingApiVersion = (): ArmError =>
  gateway(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  )

export const invalidApiVersion = (version: string, supported: readonly string[]): ArmError =>
  gateway(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`,
  )

export const noProviderForVersion = (location: string, version: string, type: string, versions: readonly string[]) =>
  gateway(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${version}' for type '${type}'. ` +
      `The supported api-versions are '${versions.join(', ')}'.`,
  )

export const invalidResourceType = (type: string, namespace: string, version: string, versions: readonly string[]) =>
  gateway(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'. ` +
      `The supported api-versions are '${versions.join(',')}'.`,
  )

export const invalidResourceNamespace = (namespace: string): ArmError =>
  gateway(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`)

export const authorizationMissing = (): ArmError =>
  unauthenticated('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")

export const authorizationMalformed = (): ArmError =>
  unauthenticated(
    'AuthenticationFailedInvalidHeader',
    "Authentication failed. The 'Authorization' header is provided in an invalid format.",
  )

export function unauthenticated(code: string, message: string): ArmError {
  const challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"'
  return new ArmError({ status: 401, code, message, headers: { 'www-authenticate': challenge } })
}

export const authorizationFailed = (action: string, scope: string): ArmError =>
  gateway(
    403,
    'AuthorizationFailed',
    `The client 'user@example.com' with object id '00000000-0000-0000-0000-000000000000' does not have authorization ` +
      `to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
      `If access was recently granted, please refresh your credentials.`,
  )

export const subscriptionNotFound = (id: string): ArmError =>
  gateway(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`)

export const invalidSubscriptionId = (id: string): ArmError =>
  gateway(400, 'InvalidSubscriptionId', `The provided subscription identifier '${id}' is malformed or invalid.`)

export const groupNotFound = (name: string): ArmError =>
  gateway(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`)

export const groupBeingDeleted = (name: string): ArmError =>
  gateway(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
  )

/** `locked`: the ids of all that is locked. How several are joined is a guess. */
export const scopeLocked = (scope: string, verb: 'delete' | 'write', locked: readonly string[]): ArmError =>
  gateway(
    409,
    'ScopeLocked',
    `The scope '${scope}' cannot perform ${verb} operation because following scope(s) are locked: '${locked.join(',')}'. ` +
      `Please remove the lock and try again.`,
  )

/** Resource Manager prints the ids of principals, roles and assignments without dashes. */
const bare = (guid: string): string => guid.replaceAll('-', '')

export const principalNotFound = (principalId: string, tenantId: string): ArmError =>
  gateway(
    400,
    'PrincipalNotFound',
    `Principal ${bare(principalId)} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. ` +
      `If you are creating this principal and then immediately assigning a role, this error might be related to a ` +
      `replication delay. In this case, set the role assignment principalType property to a value, such as ` +
      `ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  )

export const unmatchedPrincipalType = (principalId: string, actual: string, sent: string): ArmError =>
  gateway(
    400,
    'UnmatchedPrincipalType',
    `The PrincipalId '${bare(principalId)}' has type '${actual}' , which is different from specified PrinciaplType '${sent}'.`,
  )

export const roleAssignmentExists = (name: string): ArmError =>
  gateway(
    409,
    'RoleAssignmentExists',
    `The role assignment already exists. The ID of the existing role assignment is ${bare(name)}.`,
  )

export const roleAssignmentFixed = (): ArmError =>
  gateway(
    409,
    'RoleAssignmentUpdateNotPermitted',
    'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
  )

export const roleDefinitionMissing = (id: string): ArmError =>
  gateway(400, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${bare(id)}' does not exist.`)

export const roleAssignmentNotFound = (name: string): ArmError =>
  gateway(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`)

export const invalidRoleAssignmentId = (name: string): ArmError =>
  gateway(
    400,
    'InvalidRoleAssignmentId',
    `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
  )

export const roleRequestFormat = (): ArmError =>
  gateway(400, 'BadRequestFormat', 'The request was incorrectly formatted.')

/** `type` is relative to the provider and lower case: `namespaces/eventhubs`. */
export const parentNotFound = (verb: string, type: string, parentId: string): ArmError =>
  gateway(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${verb}' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
  )

export const resourceNotFound = (type: string, name: string, group: string): ArmError =>
  gateway(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. ` +
      `For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  )

export function notRegistered(namespace: string): ArmError {
  const code = 'MissingSubscriptionRegistration'
  const message =
    `The subscription is not registered to use namespace '${namespace}'. ` +
    `See https://aka.ms/rps-not-found for how to register subscriptions.`
  return new ArmError({ status: 409, code, message, details: [{ code, target: namespace, message }] })
}

export const locationRequired = (): ArmError =>
  gateway(400, 'LocationRequired', 'The location property is required for this definition.')

export const locationNotForGroup = (location: string, regions: readonly string[]): ArmError =>
  gateway(
    400,
    'LocationNotAvailableForResourceGroup',
    `The provided location '${location}' is not available for resource group. List of available regions is '${regions.join(',')}'.`,
  )

export const locationNotForType = (location: string, type: string, regions: readonly string[]): ArmError =>
  gateway(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type '${type}'. ` +
      `List of available regions for the resource type is '${regions.join(',')}'.`,
  )

export const groupElsewhere = (wanted: string, actual: string): ArmError =>
  gateway(
    409,
    'InvalidResourceGroupLocation',
    `Invalid resource group location '${wanted}'. The Resource group already exists in location '${actual}'.`,
  )

export const resourceElsewhere = (name: string, actual: string, group: string, wanted: string): ArmError =>
  gateway(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${actual}' in resource group '${group}'. A resource with the ` +
      `same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  )

export const invalidGroupName = (message: string): ArmError => gateway(400, 'InvalidResourceGroup', message)

export const invalidTags = (code: string, message: string): ArmError => gateway(400, code, message)

export const invalidContent = (why: string): ArmError =>
  gateway(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${why}'.`)

export const requiredPropertyMissing = (name: string, path: string): ArmError =>
  provider(
    400,
    'RequestJsonDeserializationFailure',
    `Failed to deserialize input. Got error message: Required property '${name}' not found in JSON. Path '${path}'.`,
  )

export const contentTooLarge = (): ArmError =>
  gateway(413, 'RequestContentTooLarge', 'The request content size exceeds the maximum size of 4 MB.')

export const unsupportedMediaType = (type: string): ArmError =>
  gateway(
    415,
    'UnsupportedMediaType',
    `The content media type '${type}' is not supported. Only 'application/json' is supported.`,
  )

export const methodNotAllowed = (method: string, allowed: readonly string[]): ArmError =>
  new ArmError({
    status: 405,
    code: 'MethodNotAllowed',
    message: `The requested resource does not support http method '${method}'.`,
    headers: { allow: allowed.join(', ') },
  })

export const invalidUri = (message: string): ArmError => gateway(400, 'InvalidRequestUri', message)

export const unexpected = (correlationId: string): ArmError =>
  provider(500, 'InternalServerError', hubText('Internal Server Error.', correlationId))

export const namespaceNotFound = (name: string): ArmError =>
  provider(404, 'NamespaceNotFound', `Namespace '${name}' not found`)

export const inTransition = (name: string, subscription: string, state: string): ArmError =>
  provider(
    429,
    'NamespaceInTransition',
    `The namespace ${name} in subscription ${subscription} is in transitioning state, its current state is ${state}.`,
  )

/** A refusal of the Event Hubs provider with its usual tail. */
export const badRequest = (message: string, correlationId: string): ArmError =>
  provider(400, 'BadRequest', hubText(message, correlationId))

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

export const messagingNotFound = (what: string): ArmError =>
  provider(404, 'MessagingGatewayNotFound', `SubCode=40400. The messaging entity '${what}' could not be found.`)

export const tooManyEntities = (type: string, actual: number, allowed: number): ArmError =>
  provider(
    409,
    'Conflict',
    `SubCode=40300. The maximum number of resources of type ${type} has been reached or exceeded. ` +
      `Actual: ${actual}, Max allowed: ${allowed}`,
  )

function hubText(message: string, correlationId: string): string {
  return `${message} For more information visit https://aka.ms/eventhubsarmexceptions. CorrelationId: ${correlationId}`
}
