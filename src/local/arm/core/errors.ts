/** Who answers: the gateway of Resource Manager, or a provider behind it. They differ in headers. */
export type Answerer = 'gateway' | 'provider'

export interface ArmErrorFields {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly from?: Answerer
  /** Without the envelope `error`, as some providers answer. */
  readonly isBare?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly details?: readonly { readonly code: string; readonly target: string; readonly message: string }[]
  readonly additionalInfo?: readonly { readonly type: string; readonly info: unknown }[]
}

/** A refusal in the words of Azure. Wordings and their sources: docs/local-resource-manager.md, "Errors". */
export class ArmError extends Error {
  readonly status: number
  readonly code: string
  readonly from: Answerer
  readonly isBare: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly details: ArmErrorFields['details']
  readonly additionalInfo: ArmErrorFields['additionalInfo']

  constructor(fields: ArmErrorFields) {
    super(fields.message)
    this.name = 'ArmError'
    this.status = fields.status
    this.code = fields.code
    this.from = fields.from ?? 'gateway'
    this.isBare = fields.isBare ?? false
    this.headers = fields.headers ?? {}
    this.details = fields.details
    this.additionalInfo = fields.additionalInfo
  }

  get body(): unknown {
    const details = this.details && { details: this.details }
    const additionalInfo = this.additionalInfo && { additionalInfo: this.additionalInfo }
    const error = { code: this.code, message: this.message, ...details, ...additionalInfo }
    return this.isBare ? error : { error }
  }
}

/** A refusal of the gateway of Resource Manager. */
export const gateway = (status: number, code: string, message: string): ArmError =>
  new ArmError({ status, code, message })

/** A refusal of a provider. */
export const provider = (status: number, code: string, message: string): ArmError =>
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

/** `type` is empty where the path names none. The versions are told where the wanted one is not among them. */
export function invalidResourceType(type: string, namespace: string, version: string, versions: readonly string[]) {
  const what = type === '' ? 'resource type' : `resource type '${type}'`
  const others = versions.includes(version) ? '' : ` The supported api-versions are '${versions.join(',')}'.`
  return gateway(
    404,
    'InvalidResourceType',
    `The ${what} could not be found in the namespace '${namespace}' for api version '${version}'.${others}`,
  )
}

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

/** `locked`: the ids of all that is locked. How Azure joins several is a guess. */
export const scopeLocked = (scope: string, verb: 'delete' | 'write', locked: readonly string[]): ArmError =>
  gateway(
    409,
    'ScopeLocked',
    `The scope '${scope}' cannot perform ${verb} operation because following scope(s) are locked: '${locked.join(',')}'. ` +
      `Please remove the lock and try again.`,
  )

/** A policy that requires a tag. https://learn.microsoft.com/azure/governance/policy/samples/built-in-policies#tags */
export function disallowedByPolicy(name: string): ArmError {
  const scope = '/providers/Microsoft.Management/managementGroups/contoso'
  const [policy, reason] = ['Require a tag on resources', 'Each resource says who pays for it.']
  const evaluated = {
    ...{ result: 'True', expressionKind: 'Field', expression: "tags['costCenter']", path: "tags['costCenter']" },
    ...{ targetValue: 'false', operator: 'Exists' },
  }
  const info = {
    evaluationDetails: { evaluatedExpressions: [evaluated], reason },
    policyDefinitionName: '871b6d14-10aa-478d-b590-94f262ecfa99',
    policyDefinitionDisplayName: policy,
    policyDefinitionEffect: 'deny',
    policyAssignmentId: `${scope}/providers/Microsoft.Authorization/policyAssignments/require-cost-center`,
    policyAssignmentName: 'require-cost-center',
    policyAssignmentDisplayName: policy,
    policyAssignmentScope: scope,
  }
  return new ArmError({
    ...{ status: 403, code: 'RequestDisallowedByPolicy' },
    message: `Resource '${name}' was disallowed by policy. Reasons: '${reason}'. See error details for policy resource IDs.`,
    additionalInfo: [{ type: 'PolicyViolation', info }],
  })
}

/** Wording: the module Az.Accounts of Azure PowerShell. */
export function mfaRequired(name: string): ArmError {
  const claims = Buffer.from('{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}').toString('base64')
  const challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/", error="insufficient_claims"'
  return new ArmError({
    ...{ status: 401, code: 'RequestDisallowedByAzure' },
    message:
      `Resource '${name}' was disallowed by Azure: You are receiving this error because you tried to create, update or ` +
      `delete Azure resources without authenticating through MFA. To resolve this error, go to https://aka.ms/MFAforAzure.`,
    headers: { 'www-authenticate': `${challenge}, claims="${claims}"` },
  })
}

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

export const invalidContent = (why: string): ArmError =>
  gateway(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${why}'.`)

export const contentTooLarge = (): ArmError =>
  gateway(413, 'RequestContentTooLarge', 'The request content size exceeds the maximum size of 4 MB.')

export const unsupportedMediaType = (type: string): ArmError =>
  gateway(
    415,
    'UnsupportedMediaType',
    `${type === '' ? 'Content without a media type' : `The content media type '${type}'`} is not supported. ` +
      `Only 'application/json' is supported.`,
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
  provider(500, 'InternalServerError', `Internal Server Error. CorrelationId: ${correlationId}`)
