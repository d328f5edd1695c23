import { edit, input, type Edits } from '../inputs/refer.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import { say, type Text } from '../lib/phrase.ts'
import { UNNAMED, type Evaluated, type PolicyViolation } from './policy-violations.ts'
import { ownerOf } from './scopes.ts'

/** An input that changes what a policy looks at. */
interface Lever {
  /** Of the field's alias. */
  readonly field: RegExp
  readonly input: InputKey
  /** What a policy that only says what it forbids wants instead. */
  readonly instead?: string
}

const LEVERS: readonly Lever[] = [
  { field: /^location$/i, input: 'location' },
  { field: /^tags(?:\.|\[')(?<tag>[^']+?)(?:'\])?$/i, input: 'tag' },
  { field: /\/publicNetworkAccess$/i, input: 'publicNetworkAccess', instead: 'disabled' },
  { field: /\/minimumTlsVersion$/i, input: 'minimumTls', instead: '1.2' },
  { field: /\/disableLocalAuth$/i, input: 'disableLocalAuth', instead: 'true' },
  { field: /(?:^|namespaces\/)sku\.(?:name|tier)$/i, input: 'tier' },
  { field: /(?:^|namespaces\/)sku\.capacity$/i, input: 'capacity' },
  { field: /\/maximumThroughputUnits$/i, input: 'autoInflateMax' },
  { field: /(?:^|namespaces\/)identity\.type$/i, input: 'identity' },
  { field: /\/trustedServiceAccessEnabled$/i, input: 'trustedServices', instead: 'true' },
  { field: /\/networkRuleSets\/defaultAction$/i, input: 'allowIp' },
]

/** What a condition asks of its field, so that the policy no longer refuses. */
type Demand =
  | { readonly kind: 'one-of' | 'none-of'; readonly values: readonly string[] }
  | { readonly kind: 'missing' | 'too-much' | 'unclear' }

/** https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions */
function demandOf({ operator, isTrue, targets }: Evaluated): Demand {
  switch (operator.toLowerCase()) {
    case 'equals':
    case 'in':
      return { kind: isTrue ? 'none-of' : 'one-of', values: targets }
    case 'notequals':
    case 'notin':
      return { kind: isTrue ? 'one-of' : 'none-of', values: targets }
    case 'exists':
      return { kind: isTrue === (targets[0]?.toLowerCase() === 'true') ? 'too-much' : 'missing' }
    default:
      return { kind: 'unclear' }
  }
}

/** Conditions that choose the resources which the policy is for. `global` is what resources without a region have. */
const isAboutUs = ({ field, targets }: Evaluated): boolean =>
  !/^(|type|kind|name|id)$/i.test(field) && !(field === 'location' && targets.join() === 'global')

/** Which policies refuse, why in their own words, and the conditions. */
export const policyReasons = (violations: readonly PolicyViolation[] = []): readonly string[] =>
  violations.length === 0
    ? [`Azure Policy forbids it: ${UNNAMED}.`]
    : violations.flatMap(({ policy, scope, reason, expressions }) => [
        `Azure Policy forbids it: ${policy}${scope === undefined ? '' : ` (on ${ownerOf(scope)})`}.`,
        ...(reason === undefined ? [] : [`It says: ${reason}`]),
        ...expressions.filter(isAboutUs).slice(0, MOST_CONDITIONS).map(describeCondition),
      ])

const MOST_CONDITIONS = 6
const MOST_VALUES = 12

function describeCondition(condition: Evaluated): string {
  const { value, operator, targets, isTrue } = condition
  const field = condition.field.replace(/^Microsoft\.[^[]*\//, '')
  const is = value === undefined ? `${field} is not set` : `${field} is ${value}`
  const demand = demandOf(condition)
  switch (demand.kind) {
    case 'one-of':
      return `${is}; allowed: ${some(demand.values)}.`
    case 'none-of':
      return `${is}; not allowed: ${some(demand.values)}.`
    case 'missing':
      return `${field} is missing.`
    case 'too-much':
      return `${is}, and must not be set.`
    case 'unclear':
      return `${is}; ${operator} ${some(targets)} is ${isTrue}.`
  }
}

const some = (values: readonly string[]): string =>
  values.length <= MOST_VALUES
    ? values.join(', ')
    : `${values.slice(0, MOST_VALUES).join(', ')} and ${values.length - MOST_VALUES} more`

/** The inputs that satisfy the policies, and who can help where there are none. */
export function policyAdvice(violations: readonly PolicyViolation[] = []): Text {
  const all = violations.map((violation) => ({ violation, remedies: remediesFor(violation) }))
  const remedies = all.flatMap((one) => one.remedies)
  const edits = editsOf(remedies)
  const vague = [...new Set(remedies.filter(({ text }) => text === undefined).map((one) => one.input))]
  const helpless = all.filter((one) => one.remedies.length === 0).map((one) => one.violation)
  if (remedies.length === 0) return helpless.some(knowsMore) ? askOwner(helpless) : UNKNOWN
  const parts = [...(edits === undefined ? [] : [edit(edits)]), ...vague.map(input)]
  const change = parts.slice(1).reduce((before, part) => say`${before} and ${part}`, say`Change it with ${parts[0]!}`)
  return helpless.length === 0
    ? say`${change}, or ask the owner of the policy for an exemption.`
    : say`${change}. ${askOwner(helpless)}`
}

const UNKNOWN =
  'Change what the policy objects to (region, tags, tier, public access, TLS, keys), or ask its owner for an exemption.'

const knowsMore = ({ expressions }: PolicyViolation): boolean => expressions.some(isAboutUs)

function askOwner(violations: readonly PolicyViolation[]): string {
  const names = violations.map(
    ({ policy, scope }) => `${policy}${scope === undefined ? '' : ` (on ${ownerOf(scope)})`}`,
  )
  return `No flag satisfies ${names.join(', ')}: ask its owner for an exemption.`
}

interface Remedy {
  readonly input: InputKey
  /** As it is typed; undefined if the policy names no value that the input takes. */
  readonly text: string | undefined
  /** The tag, where the input has several. */
  readonly tag: string | undefined
}

/** For one input. A policy refuses when several conditions hold at once, and usually checks which resource it is first. */
function remediesFor({ expressions }: PolicyViolation): readonly Remedy[] {
  const all = expressions.filter(isAboutUs).flatMap(remedyOf)
  const main = all.findLast(({ text }) => text !== undefined) ?? all.at(-1)
  return all.filter((one) => one.input === main?.input && (one.text !== undefined || main.text === undefined))
}

function remedyOf(condition: Evaluated): readonly Remedy[] {
  for (const lever of LEVERS) {
    const found = lever.field.exec(condition.field)
    if (!found) continue
    const tag = found.groups?.['tag']
    const text = textFor(lever, demandOf(condition), tag)
    // A switch only switches on.
    return text === undefined && INPUTS[lever.input].kind === 'switch' ? [] : [{ input: lever.input, tag, text }]
  }
  return []
}

const PLACEHOLDER = 'VALUE'

function textFor({ input: key, instead }: Lever, demand: Demand, tag: string | undefined): string | undefined {
  const takes = (text: string): boolean => parsed(key, text) !== undefined
  const wanted = demand.kind === 'one-of' ? demand.values : []
  if (tag !== undefined)
    return [...wanted, ...(demand.kind === 'missing' ? [PLACEHOLDER] : [])]
      .map((value) => `${tag}=${value}`)
      .find(takes)
  if (demand.kind === 'one-of') return wanted.find(takes)
  return demand.kind === 'none-of' && demand.values.some((value) => same(value, instead)) ? undefined : instead
}

const same = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase()

/** What an input makes of a text; undefined if it does not take it. */
function parsed(key: InputKey, text: string): unknown {
  const one = INPUTS[key]
  if (one.kind === 'switch') return same(text, 'true') ? true : undefined
  const result = one.parse(text)
  return result.ok ? result.value : undefined
}

/** One value for each input and tag: the first one that is not a placeholder. Undefined if no value is known. */
function editsOf(remedies: readonly Remedy[]): Edits | undefined {
  const chosen = new Map<string, Remedy & { readonly text: string }>()
  for (const { text, ...one } of remedies) {
    const slot = `${one.input} ${one.tag?.toLowerCase()}`
    const before = chosen.get(slot)
    if (text !== undefined && (!before || before.text.endsWith(`=${PLACEHOLDER}`))) chosen.set(slot, { ...one, text })
  }
  if (chosen.size === 0) return undefined
  const edits = [...chosen.values()].map(({ input: key, text }) => [key, parsed(key, text)] as const)
  const tags = edits.filter(([key]) => key === 'tag').map(([, tag]) => tag)
  return { ...Object.fromEntries(edits), ...(tags.length > 0 && { tag: tags }) } as Edits
}
