import { suggest } from '../../lib/suggest.ts'
import type { FieldKey } from '../fields.ts'
import { invalid, type Given, type InputProblem, type Inputs } from '../inputs.ts'
import { sameName } from '../names.ts'
import type { ConsumerGroupInput, HubInput } from '../parsers.ts'
import type { AccessRuleSpec } from '../spec.ts'
import type { ManifestNode, ManifestObject, ManifestValue } from './read-manifest.ts'

/** Scalars of the manifest that are fields of the table under the same name. */
const SCALARS = [
  ...(['subscription', 'tenant', 'resourceGroup', 'location', 'namespace', 'tier', 'capacity'] as const),
  ...(['autoInflateMax', 'access', 'policy', 'partitions', 'retention', 'userMetadata'] as const),
] satisfies readonly FieldKey[]

/** The environments of a manifest, in its order. */
export const environmentsOf = (root: ManifestObject): readonly string[] =>
  Object.keys(objectAt(root, 'environments') ?? {})

/** What is wrong with the environment that was asked for, if anything. */
export function environmentProblem(root: ManifestObject, asked: string | undefined): InputProblem | undefined {
  const known = environmentsOf(root)
  if (asked === undefined) {
    return known.length === 0 ? undefined : invalid('env', '--env', `is needed: the manifest has ${known.join(', ')}`)
  }
  if (known.includes(asked)) return undefined
  const meant = suggest(asked, known)
  const has = known.length === 0 ? 'The manifest has none' : `The manifest has ${known.join(', ')}`
  return invalid('env', `--env ${asked}`, `is not an environment.${meant ? ` Did you mean ${meant}?` : ''} ${has}`)
}

/** The inputs that a manifest gives, with an environment laid over it. */
export function manifestInputs(root: ManifestObject, environment: string | undefined): Inputs {
  const overlay = environment === undefined ? {} : (objectAt(objectAt(root, 'environments') ?? {}, environment) ?? {})
  const merged = overlaid(root, overlay)
  const inputs: Record<string, Given<unknown>> = {}
  for (const key of SCALARS) {
    const found = valueAt(merged, key)
    if (found) inputs[key] = given(found.value)
  }
  const tags = objectAt(merged, 'tags')
  if (tags)
    inputs['tag'] = given(
      Object.entries(tags).map(([name, value]) => ({ name, value: (value as ManifestValue).value })),
    )
  const hubs = listAt(merged, 'hubs') as readonly ManifestObject[] | undefined
  if (hubs && hubs.length > 0) {
    inputs['hub'] = given(hubs.map(hubOf))
    inputs['consumerGroup'] = given(hubs.flatMap(consumerGroupsOf))
  }
  return inputs as Inputs
}

const given = <T>(value: T): Given<T> => ({ value, source: 'manifest', texts: [] })

/** Scalars of the environment win, tags are added, hubs are laid over those of the same name or added. */
function overlaid(base: ManifestObject, overlay: ManifestObject): ManifestObject {
  const hubs = [...((listAt(base, 'hubs') ?? []) as readonly ManifestObject[])]
  for (const hub of (listAt(overlay, 'hubs') ?? []) as readonly ManifestObject[]) {
    const index = hubs.findIndex((one) => sameName(textAt(one, 'name'), textAt(hub, 'name')))
    if (index === -1) hubs.push(hub)
    else hubs[index] = { ...hubs[index], ...hub }
  }
  return { ...base, ...overlay, tags: { ...objectAt(base, 'tags'), ...objectAt(overlay, 'tags') }, hubs }
}

function hubOf(hub: ManifestObject): HubInput {
  const cleanupPolicy = valueAt(hub, 'cleanupPolicy')?.value as HubInput['cleanupPolicy']
  const rules = listAt(hub, 'accessRules') as readonly ManifestObject[] | undefined
  return {
    name: textAt(hub, 'name'),
    partitions: valueAt(hub, 'partitions')?.value as number | undefined,
    retentionHours: valueAt(hub, 'retention')?.value as number | undefined,
    ...(cleanupPolicy ? { cleanupPolicy } : {}),
    ...(rules ? { accessRules: rules.map(accessRuleOf) } : {}),
  }
}

const accessRuleOf = (rule: ManifestObject): AccessRuleSpec => ({
  name: textAt(rule, 'name'),
  rights: ((listAt(rule, 'rights') ?? []) as readonly ManifestValue[]).map(
    ({ value }) => value as AccessRuleSpec['rights'][number],
  ),
})

function consumerGroupsOf(hub: ManifestObject): readonly ConsumerGroupInput[] {
  return ((listAt(hub, 'consumerGroups') ?? []) as readonly ManifestObject[]).map((group) => {
    const userMetadata = valueAt(group, 'userMetadata')?.value as string | undefined
    return {
      hub: textAt(hub, 'name'),
      name: textAt(group, 'name'),
      ...(userMetadata === undefined ? {} : { userMetadata }),
    }
  })
}

const isValue = (node: ManifestNode | undefined): node is ManifestValue =>
  node !== undefined && 'text' in node && 'line' in node
const valueAt = (node: ManifestObject, key: string): ManifestValue | undefined =>
  isValue(node[key]) ? node[key] : undefined
const textAt = (node: ManifestObject, key: string): string => String(valueAt(node, key)?.value ?? '')
const listAt = (node: ManifestObject, key: string): readonly ManifestNode[] | undefined =>
  Array.isArray(node[key]) ? (node[key] as readonly ManifestNode[]) : undefined
function objectAt(node: ManifestObject, key: string): ManifestObject | undefined {
  const found = node[key]
  return found === undefined || Array.isArray(found) || isValue(found) ? undefined : (found as ManifestObject)
}

/**
 * Inputs of two sources in one: what `first` gives wins. A hub that `first` names keeps what `second` says of it, and only
 * consumer groups of the hubs that remain stay.
 */
export function withManifest(first: Inputs, second: Inputs): Inputs {
  if (!first.hub) return { ...second, ...first }
  const known = second.hub?.value ?? []
  const hubs = first.hub.value.map((hub) => {
    const same = known.find((one) => sameName(one.name, hub.name))
    return same
      ? {
          ...same,
          partitions: hub.partitions ?? same.partitions,
          retentionHours: hub.retentionHours ?? same.retentionHours,
        }
      : hub
  })
  const groups = second.consumerGroup?.value.filter(({ hub }) =>
    hubs.some((one) => hub !== undefined && sameName(one.name, hub)),
  )
  return {
    ...second,
    ...(groups && groups.length > 0 ? { consumerGroup: given(groups) } : { consumerGroup: undefined }),
    ...first,
    hub: { ...first.hub, value: hubs },
  }
}
