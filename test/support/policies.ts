/** Answers of Azure Policy in the shape that Resource Manager sends them. */

/** A condition as Azure Policy evaluated it. */
export interface Condition {
  readonly expression: string
  readonly operator: string
  readonly result?: 'True' | 'False'
  readonly expressionValue?: unknown
  readonly targetValue: unknown
}

export interface Policy {
  readonly name: string
  readonly scope?: string
  /** The non-compliance message of the assignment. */
  readonly reason?: string
  readonly conditions?: readonly Condition[]
}

const CONTOSO = '/providers/Microsoft.Management/managementGroups/contoso'

/** Every policy first looks at the type. */
const OF_NAMESPACES: Condition = {
  ...{ expression: 'type', operator: 'Equals', expressionValue: 'Microsoft.EventHub/namespaces' },
  targetValue: 'Microsoft.EventHub/namespaces',
}

const withType = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions[0]?.expression === 'type' ? conditions : [OF_NAMESPACES, ...conditions]

const violation = ({ name, scope = CONTOSO, reason, conditions }: Policy) => ({
  type: 'PolicyViolation',
  info: {
    ...(conditions && {
      evaluationDetails: {
        evaluatedExpressions: withType(conditions).map((one) => ({
          ...{ result: 'True', expressionKind: 'Field', path: one.expression, ...one },
        })),
        ...(reason !== undefined && { reason }),
      },
    }),
    policyDefinitionId: `${CONTOSO}/providers/Microsoft.Authorization/policyDefinitions/d1`,
    policyDefinitionName: 'd1',
    policyDefinitionDisplayName: `${name} (definition)`,
    policyDefinitionEffect: 'deny',
    policyAssignmentId: `${scope}/providers/Microsoft.Authorization/policyAssignments/a1`,
    policyAssignmentName: 'a1',
    policyAssignmentDisplayName: name,
    policyAssignmentScope: scope,
    policyAssignmentParameters: {},
  },
})

/** The body of a 403. The message is longer than what is kept of a message. */
export function disallowed(...policies: readonly Policy[]) {
  const identifiers = policies.map(({ name, scope = CONTOSO }) => ({
    policyAssignment: { name, id: `${scope}/providers/Microsoft.Authorization/policyAssignments/a1` },
    policyDefinition: {
      name,
      id: `${CONTOSO}/providers/Microsoft.Authorization/policyDefinitions/d1`,
      version: '1.0.0',
    },
  }))
  return {
    error: {
      ...{ code: 'RequestDisallowedByPolicy', target: 'ns-demo' },
      message: `Resource 'ns-demo' was disallowed by policy. Policy identifiers: '${JSON.stringify(identifiers)}'.`,
      additionalInfo: policies.map(violation),
    },
  }
}

/** Conditions of policies that organisations often have. */
export const CONDITIONS = {
  location: {
    ...{ expression: 'location', operator: 'NotIn', expressionValue: 'westeurope' },
    targetValue: ['northeurope', 'swedencentral'],
  },
  notGlobal: { expression: 'location', operator: 'NotEquals', expressionValue: 'westeurope', targetValue: 'global' },
  tag: { expression: "tags['costCenter']", operator: 'Exists', targetValue: 'false' },
  tagValue: {
    ...{ expression: 'tags.env', operator: 'Equals', expressionValue: 'x', targetValue: 'prod' },
    result: 'False',
  },
  publicAccess: {
    ...{ expression: 'Microsoft.EventHub/namespaces/publicNetworkAccess', operator: 'NotEquals' },
    ...{ expressionValue: 'Enabled', targetValue: 'Disabled' },
  },
  publicAccessForbidden: {
    ...{ expression: 'Microsoft.EventHub/namespaces/publicNetworkAccess', operator: 'Equals' },
    ...{ expressionValue: 'Enabled', targetValue: 'Enabled' },
  },
  tls: {
    ...{ expression: 'Microsoft.EventHub/namespaces/minimumTlsVersion', operator: 'Less' },
    ...{ expressionValue: '1.0', targetValue: '1.2' },
  },
  localAuth: {
    ...{ expression: 'Microsoft.EventHub/namespaces/disableLocalAuth', operator: 'NotEquals' },
    ...{ expressionValue: false, targetValue: 'true' },
  },
  tier: {
    ...{ expression: 'Microsoft.EventHub/namespaces/sku.name', operator: 'In', result: 'False' },
    ...{ expressionValue: 'Basic', targetValue: ['Standard', 'Premium'] },
  },
  notPremium: {
    ...{ expression: 'Microsoft.EventHub/namespaces/sku.tier', operator: 'Equals' },
    ...{ expressionValue: 'Premium', targetValue: 'Premium' },
  },
  name: { expression: 'name', operator: 'NotLike', expressionValue: 'ns-demo', targetValue: 'evhns-*' },
  type: { ...OF_NAMESPACES },
  encryption: {
    expression: 'Microsoft.EventHub/namespaces/encryption.keySource',
    ...{ operator: 'NotEquals', targetValue: 'Microsoft.KeyVault' },
  },
} as const satisfies Readonly<Record<string, Condition>>
