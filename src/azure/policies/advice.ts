import { edit, input, type Edits } from '../../inputs/refer.ts'
import { INPUTS, type InputKey } from '../../inputs/table.ts'
import { sameName } from '../../lib/names.ts'
import { say, type Text } from '../../lib/phrase.ts'
import { shortened, tidy } from '../azure-answer.ts'
import { demandOf, escapes, isAboutUs } from './conditions.ts'
import { UNNAMED, type Evaluated, type PolicyViolation } from './violations.ts'
import { ownerOf } from '../scopes.ts'

/** An input that changes what a policy looks at. */
interface Lever {
  /** Of the field's alias. */
  readonly field: RegExp
  readonly input: InputKey
  /** What most policies want, the best first. */
  readonly instead?: readonly string[]
  /** The type of resource, if the field means something else for others. */
  readonly of?: RegExp
}

const LEVERS: readonly Lever[] = [
  { field: /^location$/i, input: 'location' },
  { field: /^tags(?:\.|\[')(?<tag>[^']+?)(?:'\])?$/i, input: 'tag' },
  { field: /\/publicNetworkAccess$/i, input: 'publicNetworkAccess', instead: ['disabled'] },
  { field: /\/minimumTlsVersion$/i, input: 'minimumTls', instead: ['1.2', '1.3'] },
  { field: /\/disableLocalAuth$/i, input: 'disableLocalAuth', instead: ['true'] },
  { field: /(?:^|namespaces\/)sku\.(?:name|tier)$/i, input: 'tier' },
  { field: /(?:^|namespaces\/)sku\.capacity$/i, input: 'capacity' },
  { field: /\/maximumThroughputUnits$/i, input: 'autoInflateMax' },
  { field: /(?:^|namespaces\/)identity\.type$/i, input: 'identity' },
  { field: /\/trustedServiceAccessEnabled$/i, input: 'trustedServices', instead: ['true'] },
  { field: /\/networkRuleSets\/defaultAction$/i, input: 'allowIp' },
  { field: /^name$/i, input: 'namespace', of: /^Microsoft\.EventHub\/namespaces$/i },
  { field: /^name$/i, input: 'resourceGroup', of: /^Microsoft\.Resources\/(?:subscriptions\/)?resourceGroups$/i },
  { field: /^name$/i, input: 'hub', of: /^Microsoft\.EventHub\/namespaces\/eventhubs$/i },
]

/** Which policies refuse, why in their own words, and the conditions. */
export function policyReasons(violations: readonly PolicyViolation[] = []): readonly string[] {
  if (violations.length === 0) return [`Azure Policy forbids it: ${UNNAMED}.`]
  const told = new Map(violations.map(reasonsOf).map((lines) => [lines.join('\n'), lines]))
  const hidden = told.size - MOST_POLICIES
  return [
    ...[...told.values()].slice(0, MOST_POLICIES).flat(),
    ...(hidden > 0 ? [`${hidden} more ${hidden === 1 ? 'policy forbids' : 'policies forbid'} it.`] : []),
  ]
}

const reasonsOf = ({ policy, scope, reason, expressions }: PolicyViolation): readonly string[] =>
  [
    `Azure Policy forbids it: ${named({ policy, scope })}.`,
    ...(reason === undefined ? [] : `It says: ${tidy(reason)}`.split('\n')),
    ...expressions.filter(isAboutUs).slice(0, MOST_CONDITIONS).map(describeCondition),
  ].map(shortened)

const named = ({ policy, scope }: Pick<PolicyViolation, 'policy' | 'scope'>): string =>
  `${tidy(policy)}${scope === undefined ? '' : ` (on ${ownerOf(scope)})`}`

const MOST_POLICIES = 5
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

const some = (values: readonly string[], most = MOST_VALUES): string =>
  values.length <= most ? values.join(', ') : `${values.slice(0, most).join(', ')} and ${values.length - most} more`

/** The inputs that satisfy the policies, and who can help where there are none. */
export function policyAdvice(violations: readonly PolicyViolation[] = []): Text {
  const all = violations.map((violation) => ({ violation, remedies: remediesFor(violation) }))
  const remedies = all.flatMap((one) => one.remedies)
  const edits = editsOf(remedies)
  const vague = [...new Set(remedies.filter((one) => !hasTexts(one)).map((one) => one.input))]
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
  const names = [...new Set(violations.map(named))]
  return `No flag satisfies ${some(names, MOST_POLICIES)}: ask its owner for an exemption.`
}

interface Remedy {
  readonly input: InputKey
  /** Values that satisfy the policy, as they are typed, the best first; empty if none is known that the input takes. */
  readonly texts: readonly string[]
  /** The tag, where the input has several. */
  readonly tag: string | undefined
}

const hasTexts = ({ texts }: Remedy): boolean => texts.length > 0

/** For one input. A policy refuses when several conditions hold at once, and usually checks which resource it is first. */
function remediesFor({ expressions, type }: PolicyViolation): readonly Remedy[] {
  const all = expressions.filter(isAboutUs).flatMap((condition) => remedyOf(condition, type))
  const main = all.findLast(hasTexts) ?? all.at(-1)
  return all.filter((one) => one.input === main?.input && (hasTexts(one) || !hasTexts(main)))
}

function remedyOf(condition: Evaluated, type: string): readonly Remedy[] {
  for (const lever of LEVERS) {
    const found = lever.field.exec(condition.field)
    if (!found || !(lever.of?.test(type) ?? true)) continue
    const tag = found.groups?.['tag']
    const texts = tag === undefined ? textsFor(lever, condition) : tagsFor(tag, condition)
    // A switch only switches on.
    return texts.length === 0 && INPUTS[lever.input].kind === 'switch' ? [] : [{ input: lever.input, tag, texts }]
  }
  return []
}

/** Never what was refused. A condition that cannot be computed here may be satisfied by what most policies want. */
function textsFor({ input: key, instead = [], of }: Lever, condition: Evaluated): readonly string[] {
  // What is in a name is for people to choose.
  if (of) return []
  const sent = condition.value === undefined ? undefined : parsed(key, condition.value)
  const isOther = (text: string): boolean => {
    const value = parsed(key, text)
    return value !== undefined && value !== sent
  }
  const targets = demandOf(condition).kind === 'missing' ? [] : condition.targets
  const known = [...instead, ...targets].filter((text) => escapes(condition, text))
  const guessed = instead.filter((text) => escapes(condition, text) === undefined)
  return [...known, ...guessed].filter(isOther)
}

const PLACEHOLDER = 'VALUE'

function tagsFor(tag: string, condition: Evaluated): readonly string[] {
  const demand = demandOf(condition)
  const values = demand.kind === 'one-of' ? demand.values : demand.kind === 'missing' ? [PLACEHOLDER] : []
  return values.map((value) => `${tag}=${value}`).filter((text) => parsed('tag', text) !== undefined)
}

/** What an input makes of a text; undefined if it does not take it. */
function parsed(key: InputKey, text: string): unknown {
  const one = INPUTS[key]
  if (one.kind === 'switch') return text.toLowerCase() === 'true' ? true : undefined
  const result = one.parse(text)
  return result.ok ? result.value : undefined
}

/** One value for each input and tag. Undefined if no value is known. */
function editsOf(remedies: readonly Remedy[]): Edits | undefined {
  const slots = new Map<string, readonly Remedy[]>()
  for (const one of remedies.filter(hasTexts)) {
    const slot = `${one.input} ${one.tag?.toLowerCase()}`
    slots.set(slot, [...(slots.get(slot) ?? []), one])
  }
  if (slots.size === 0) return undefined
  const values = new Map<InputKey, readonly unknown[]>()
  for (const all of slots.values()) {
    const key = all[0]!.input
    values.set(key, [...(values.get(key) ?? []), parsed(key, bestOf(all))])
  }
  const isList = (key: InputKey): boolean => INPUTS[key].kind === 'list'
  return Object.fromEntries([...values].map(([key, all]) => [key, isList(key) ? all : all[0]]))
}

/** The first value that satisfies all policies on an input, if there is one. Any value does for a placeholder. */
function bestOf(remedies: readonly Remedy[]): string {
  const precise = remedies.filter(({ texts }) => !texts[0]!.endsWith(`=${PLACEHOLDER}`))
  const { texts } = (precise.length > 0 ? precise : remedies)[0]!
  const isFine = (text: string): boolean => precise.every((one) => one.texts.some((other) => sameName(text, other)))
  return texts.find(isFine) ?? texts[0]!
}
