import { suggest } from '../../lib/suggest.ts'
import type { CaptureInput } from '../capture.ts'
import { CAPTURE_KEYS, type CaptureKey } from '../capture-inputs.ts'
import type { FieldKey } from '../fields.ts'
import { DEFAULT_PRINCIPAL_TYPE, formatGrant, type GrantRole, type GrantSpec, type PrincipalType } from '../grants.ts'
import { invalid, type Given, type InputProblem, type Inputs } from '../inputs.ts'
import { sameName } from '../names.ts'
import type { ConsumerGroupInput, HubInput, TagInput } from '../parsers.ts'
import type { AccessRuleSpec, CleanupPolicy, Right } from '../spec.ts'
import type { ManifestNode, ManifestObject, ManifestValue } from './read-manifest.ts'

/** Scalars of the manifest that are fields of the table under the same name. */
const SCALARS = [
  ...(['subscription', 'tenant', 'resourceGroup', 'location', 'namespace', 'tier', 'capacity'] as const),
  ...(['autoInflateMax', 'access', 'policy', 'disableLocalAuth', 'partitions', 'retention', 'userMetadata'] as const),
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

/** The inputs that a manifest gives, with an environment laid over it. `file` is how its places are called. */
export function manifestInputs(root: ManifestObject, environment: string | undefined, file: string): Inputs {
  const overlay = environment === undefined ? {} : (objectAt(objectAt(root, 'environments') ?? {}, environment) ?? {})
  const merged = overlaid(root, overlay)
  const given = <T>(entries: readonly Entry<T>[], value: unknown): Given<unknown> => ({
    value,
    source: 'manifest',
    texts: entries.map((entry) => entry.text),
    places: entries.map(({ at }) => `${file}:${at.line}:${at.column}`),
  })
  const listOf = <T>(entries: readonly Entry<T>[]) =>
    given(
      entries,
      entries.map((entry) => entry.value),
    )
  const inputs: Record<string, Given<unknown>> = {}
  for (const key of SCALARS) {
    const found = valueAt(merged, key)
    if (found) inputs[key] = given([{ value: found.value, text: found.text, at: found }], found.value)
  }
  const tags = Object.entries(objectAt(merged, 'tags') ?? {}).map(([name, node]) => tagOf(name, node as ManifestValue))
  if (tags.length > 0) inputs['tag'] = listOf(tags)
  const grants = objectsAt(merged, 'grants').map(grantOf)
  if (grants.length > 0) inputs['grant'] = listOf(grants)
  const capture = objectAt(merged, 'capture') ?? {}
  for (const [key, at] of captureEntries(capture)) {
    inputs[key] = given([{ value: at.value, text: at.text, at }], at.value)
  }
  const enabled = valueAt(capture, 'enabled')
  if (enabled) inputs['noCapture'] = given([{ value: !enabled.value, text: enabled.text, at: enabled }], !enabled.value)
  const hubs = objectsAt(merged, 'hubs')
  if (hubs.length > 0) {
    inputs['hub'] = listOf(hubs.map(hubOf))
    inputs['consumerGroup'] = listOf(hubs.flatMap(consumerGroupsOf))
  }
  return inputs
}

/** A value of the manifest in the words of its flag, and where it stands. */
interface Entry<T> {
  readonly value: T
  readonly text: string
  readonly at: ManifestValue
}

/** The keys of `capture:` where they differ from what a hub's input calls them; the unit is in their values. */
const CAPTURE_WORDS: Readonly<Partial<Record<keyof CaptureInput, string>>> = {
  intervalSeconds: 'interval',
  sizeLimitBytes: 'sizeLimit',
}

/** What `capture:` says, by field. */
const captureEntries = (capture: ManifestObject): readonly (readonly [CaptureKey, ManifestValue])[] =>
  (Object.keys(CAPTURE_KEYS) as CaptureKey[]).flatMap((key) => {
    const at = valueAt(capture, CAPTURE_WORDS[CAPTURE_KEYS[key]] ?? CAPTURE_KEYS[key])
    return at ? [[key, at] as const] : []
  })

function captureOf(capture: ManifestObject): CaptureInput {
  const enabled = valueAt(capture, 'enabled')
  return {
    ...(enabled ? { enabled: enabled.value as boolean } : {}),
    ...Object.fromEntries(captureEntries(capture).map(([key, { value }]) => [CAPTURE_KEYS[key], value])),
  }
}

/** Scalars of the environment win; tags, keys of `capture:` and hubs are laid over those of the same name, or added. */
function overlaid(base: ManifestObject, overlay: ManifestObject): ManifestObject {
  const hubs = [...objectsAt(base, 'hubs')]
  for (const hub of objectsAt(overlay, 'hubs')) {
    const index = hubs.findIndex((one) => sameName(textAt(one, 'name'), textAt(hub, 'name')))
    if (index === -1) hubs.push(hub)
    else hubs[index] = { ...hubs[index], ...hub, ...bothAt(hubs[index]!, hub, 'capture') }
  }
  return { ...base, ...overlay, ...bothAt(base, overlay, 'tags'), ...bothAt(base, overlay, 'capture'), hubs }
}

/** The mapping of one key, what the second says laid over what the first says. */
const bothAt = (base: ManifestObject, overlay: ManifestObject, key: string): ManifestObject =>
  base[key] || overlay[key] ? { [key]: { ...objectAt(base, key), ...objectAt(overlay, key) } } : {}

const tagOf = (name: string, at: ManifestValue): Entry<TagInput> => ({
  value: { name, value: String(at.value) },
  text: `${name}=${at.text}`,
  at,
})

function hubOf(hub: ManifestObject): Entry<HubInput> {
  const [partitions, retention] = [valueAt(hub, 'partitions'), valueAt(hub, 'retention')]
  const cleanupPolicy = valueAt(hub, 'cleanupPolicy')?.value as CleanupPolicy | undefined
  const rules = objectsAt(hub, 'accessRules')
  const capture = objectAt(hub, 'capture')
  const grants = objectsAt(hub, 'grants').map((grant) => grantOf(grant).value)
  const value: HubInput = {
    name: textAt(hub, 'name'),
    partitions: partitions?.value as number | undefined,
    retentionHours: retention?.value as number | undefined,
    ...(cleanupPolicy ? { cleanupPolicy } : {}),
    ...(rules.length > 0 ? { accessRules: rules.map(accessRuleOf) } : {}),
    ...(grants.length > 0 ? { grants } : {}),
    ...(capture ? { capture: captureOf(capture) } : {}),
  }
  const words = [value.name, partitions?.text ?? '', retention?.text ?? ''].join(':').replace(/:+$/, '')
  return { value, text: words, at: partitions ?? retention ?? valueAt(hub, 'name')! }
}

const accessRuleOf = (rule: ManifestObject): AccessRuleSpec => ({
  name: textAt(rule, 'name'),
  rights: (listAt(rule, 'rights') as readonly ManifestValue[]).map(({ value }) => value as Right),
})

function grantOf(grant: ManifestObject): Entry<GrantSpec> {
  const at = valueAt(grant, 'principalId')!
  const value: GrantSpec = {
    principalId: at.value as string,
    role: valueAt(grant, 'role')!.value as GrantRole,
    principalType: (valueAt(grant, 'principalType')?.value as PrincipalType | undefined) ?? DEFAULT_PRINCIPAL_TYPE,
  }
  return { value, text: formatGrant(value), at }
}

function consumerGroupsOf(hub: ManifestObject): readonly Entry<ConsumerGroupInput>[] {
  return objectsAt(hub, 'consumerGroups').map((group) => {
    const userMetadata = valueAt(group, 'userMetadata')?.value as string | undefined
    const [hubName, name] = [textAt(hub, 'name'), textAt(group, 'name')]
    const value = { hub: hubName, name, ...(userMetadata === undefined ? {} : { userMetadata }) }
    return { value, text: `${hubName}/${name}`, at: valueAt(group, 'name')! }
  })
}

const isValue = (node: ManifestNode | undefined): node is ManifestValue =>
  node !== undefined && 'text' in node && 'line' in node
const valueAt = (node: ManifestObject, key: string): ManifestValue | undefined =>
  isValue(node[key]) ? node[key] : undefined
const textAt = (node: ManifestObject, key: string): string => valueAt(node, key)?.text ?? ''
const listAt = (node: ManifestObject, key: string): readonly ManifestNode[] | undefined =>
  Array.isArray(node[key]) ? (node[key] as readonly ManifestNode[]) : undefined
const objectsAt = (node: ManifestObject, key: string): readonly ManifestObject[] =>
  (listAt(node, key) ?? []) as readonly ManifestObject[]
function objectAt(node: ManifestObject, key: string): ManifestObject | undefined {
  const found = node[key]
  return found === undefined || Array.isArray(found) || isValue(found) ? undefined : (found as ManifestObject)
}

/**
 * Inputs of two sources in one: what `first` gives wins. A hub that `first` names keeps what the manifest says of it, and
 * only the consumer groups of hubs that remain stay.
 */
export function withManifest(first: Inputs, manifest: Inputs): Inputs {
  if (!first.hub || !manifest.hub) return { ...manifest, ...defined(first) }
  const known = manifest.hub.value
  const hubs = first.hub.value.map((hub): HubInput => {
    const same = known.find((one) => sameName(one.name, hub.name))
    if (!same) return hub
    return {
      ...same,
      partitions: hub.partitions ?? same.partitions,
      retentionHours: hub.retentionHours ?? same.retentionHours,
    }
  })
  const groups = manifest.consumerGroup?.value.filter((group) =>
    hubs.some((hub) => sameName(hub.name, group.hub ?? '')),
  )
  return {
    ...manifest,
    consumerGroup: groups?.length ? { value: groups, source: 'manifest', texts: [] } : undefined,
    ...defined(first),
    hub: { ...first.hub, value: hubs },
  }
}

const defined = (inputs: Inputs): Inputs =>
  Object.fromEntries(Object.entries(inputs).filter(([, one]) => one !== undefined))
