import { list, record, text } from '../json.ts'

/**
 * A policy that refused a request. Who may not read policies is not told what it looked at.
 * https://learn.microsoft.com/azure/governance/policy/how-to/determine-non-compliance
 */
export interface PolicyViolation {
  /** Its display name, or its name. */
  readonly policy: string
  /** The resource id of the scope that it is assigned on. */
  readonly scope: string | undefined
  /** The message that the organisation wrote for it. */
  readonly reason: string | undefined
  readonly expressions: readonly Evaluated[]
  /** Of the resource that was refused: `Microsoft.EventHub/namespaces`; empty if the policy did not look at it. */
  readonly type: string
}

/** A condition of the policy on the resource. A policy refuses when its conditions together are true. */
export interface Evaluated {
  /** An alias such as `Microsoft.EventHub/namespaces/publicNetworkAccess`, `tags['team']`, or an expression in brackets. */
  readonly field: string
  /** As sent; undefined if nothing was. */
  readonly value: string | undefined
  /** `Equals`, `NotIn`, `Exists`. */
  readonly operator: string
  readonly targets: readonly string[]
  readonly isTrue: boolean
}

type Json = Readonly<Record<string, unknown>>

/** The policies in the error of a RequestDisallowedByPolicy. Older answers have them only in the message. */
export function readViolations(error: Json): readonly PolicyViolation[] {
  const found = list(error['additionalInfo']).flatMap((one) => {
    const { type, info } = record(one) ?? {}
    const facts = type === 'PolicyViolation' ? record(info) : undefined
    return facts ? [violationOf(facts)] : []
  })
  const message = text(error['message']) ?? ''
  const all = found.length > 0 ? found : namedIn(message)
  const [only] = all
  return only && all.length === 1 ? [{ ...only, reason: only.reason ?? reasonIn(message) }] : all
}

function violationOf(info: Json): PolicyViolation {
  const details = record(info['evaluationDetails']) ?? {}
  const expressions = list(details['evaluatedExpressions']).flatMap((one) => {
    const expression = record(one)
    return expression ? [evaluatedOf(expression)] : []
  })
  return {
    policy:
      text(info['policyAssignmentDisplayName']) ??
      text(info['policyDefinitionDisplayName']) ??
      text(info['policyAssignmentName']) ??
      text(info['policyDefinitionName']) ??
      UNNAMED,
    scope: text(info['policyAssignmentScope']),
    reason: text(details['reason']),
    expressions,
    type: expressions.find(({ field }) => field.toLowerCase() === 'type')?.value ?? '',
  }
}

/** For a policy without a name. */
export const UNNAMED = 'a rule of your organization'

const evaluatedOf = (expression: Json): Evaluated => ({
  field: text(expression['expression']) ?? text(expression['path']) ?? '',
  value: isNothing(expression['expressionValue']) ? undefined : wordOf(expression['expressionValue']),
  operator: text(expression['operator']) ?? '',
  targets: [expression['targetValue'] ?? []].flat().map(wordOf),
  isTrue: wordOf(expression['result']).toLowerCase() === 'true',
})

const isNothing = (value: unknown): boolean => value === undefined || value === null

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))

/** `… disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Allowed locations","id":"…"}, …`. */
const namedIn = (message: string): readonly PolicyViolation[] =>
  [...message.matchAll(/"policyAssignment":\{"name":"([^"]+)","id":"([^"]*)"/g)].map(
    ([, policy = UNNAMED, id = '']) => ({
      policy,
      scope: /^(.+)\/providers\/Microsoft\.Authorization\//i.exec(id)?.[1],
      reason: undefined,
      expressions: [],
      type: '',
    }),
  )

/** `… disallowed by policy. Reasons: 'Deploy in Europe.'. See error details for policy resource IDs.` */
const reasonIn = (message: string): string | undefined => /Reasons?: '?(.+?)'?\.? See error details/s.exec(message)?.[1]
