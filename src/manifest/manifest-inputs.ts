import type { CaptureInput } from '../inputs/capture-parsers.ts'
import { CAPTURE_KEYS, type CaptureKey } from '../resources/capture-inputs.ts'
import { FIELD_KEYS, type FieldKey } from '../inputs/table.ts'
import {
  DEFAULT_PRINCIPAL_TYPE,
  formatGrant,
  type GrantRole,
  type GrantSpec,
  type PrincipalType,
} from '../inputs/grant-parsers.ts'
import type { Given, Inputs } from '../inputs/given.ts'
import type { ConsumerGroupInput, HubInput, TagInput } from '../inputs/parsers.ts'
import type { AccessRuleSpec, CleanupPolicy, Right } from '../resources/spec.ts'
import { environmentNode, environmentsOf } from './environments.ts'
import {
  listAt,
  nameOf,
  objectAt,
  objectsAt,
  valueAt,
  type ManifestNode,
  type ManifestObject,
  type ManifestValue,
} from './nodes.ts'
import { overlaid } from './overlay.ts'

/** Scalars of the manifest that are fields of the table under the same name. */
const SCALARS = [
  ...(['subscription', 'tenant', 'resourceGroup', 'location', 'namespace', 'tier', 'capacity'] as const),
  ...(['autoInflateMax', 'access', 'policy', 'disableLocalAuth', 'partitions', 'retention', 'userMetadata'] as const),
] satisfies readonly FieldKey[]

/** The inputs that a manifest gives, with an environment laid over it. `file` is how its places are called. */
export function manifestInputs(root: ManifestObject, environment: string | undefined, file: string): Inputs {
  const merged = mergedOf(root, environment)
  const given = <T>(entries: readonly Entry<T>[], value: unknown, whole?: ManifestNode): Given<unknown> => ({
    value,
    source: 'manifest',
    texts: entries.map((entry) => entry.text),
    inFile: { file, nodes: entries.map((entry) => entry.node), whole },
  })
  const scalar = (node: ManifestValue, value = node.value, whole?: ManifestNode) =>
    given([{ value, text: node.text, node }], value, whole)
  const inputs: Record<string, Given<unknown>> = {}
  const putList = <T>(key: FieldKey, entries: readonly Entry<T>[], whole: ManifestNode | undefined) => {
    if (whole)
      inputs[key] = given(
        entries,
        entries.map((entry) => entry.value),
        whole,
      )
  }
  for (const key of SCALARS) {
    const found = valueAt(merged, key)
    if (found) inputs[key] = scalar(found)
  }
  const tags = [...(objectAt(merged, 'tags')?.entries ?? [])].map(([name, node]) => tagOf(name, node as ManifestValue))
  if (tags.length > 0) putList('tag', tags, objectAt(merged, 'tags'))
  const grants = objectsAt(merged, 'grants').flatMap(grantOf)
  if (grants.length > 0) putList('grant', grants, listAt(merged, 'grants'))
  const capture = objectAt(merged, 'capture')
  for (const [key, node] of captureEntries(capture)) inputs[key] = scalar(node, node.value, capture)
  const enabled = valueAt(capture, 'enabled')
  if (enabled) inputs['noCapture'] = scalar(enabled, !enabled.value, capture)
  const hubs = objectsAt(merged, 'hubs')
  if (hubs.length > 0) {
    putList('hub', hubs.map(hubOf), listAt(merged, 'hubs'))
    putList('consumerGroup', hubs.flatMap(consumerGroupsOf), listAt(merged, 'hubs'))
  }
  return inputs
}

/** The inputs that are there and could not be read, or perhaps not: nobody shall complain that they are missing. */
export function unreadInputs(root: ManifestObject, environment: string | undefined): readonly FieldKey[] {
  if (environment === undefined && environmentsOf(root).length > 0) return FIELD_KEYS
  if (environment !== undefined && !environmentNode(root, environment)) return FIELD_KEYS
  const merged = mergedOf(root, environment)
  const capture = objectAt(merged, 'capture')
  const isCaptureUnread = merged.unread.includes('capture') || (capture?.isBroken ?? false)
  return [
    ...SCALARS.filter((key) => merged.unread.includes(key)),
    ...(merged.unread.includes('hubs') || listAt(merged, 'hubs')?.isBroken ? (['hub', 'consumerGroup'] as const) : []),
    ...(isCaptureUnread ? (Object.keys(CAPTURE_KEYS) as CaptureKey[]) : []),
  ]
}

function mergedOf(root: ManifestObject, environment: string | undefined): ManifestObject {
  const overlay = environment === undefined ? undefined : environmentNode(root, environment)
  return overlay ? overlaid(root, overlay) : root
}

/** A value of the manifest in the words of its flag, and where it stands. */
interface Entry<T> {
  readonly value: T
  readonly text: string
  readonly node: ManifestNode
}

/** The keys of `capture:` where they differ from what a hub's input calls them; the unit is in their values. */
const CAPTURE_WORDS: Readonly<Partial<Record<keyof CaptureInput, string>>> = {
  intervalSeconds: 'interval',
  sizeLimitBytes: 'sizeLimit',
}

/** What `capture:` says, by field. */
const captureEntries = (capture: ManifestObject | undefined): readonly (readonly [CaptureKey, ManifestValue])[] =>
  (Object.keys(CAPTURE_KEYS) as CaptureKey[]).flatMap((key) => {
    const node = valueAt(capture, CAPTURE_WORDS[CAPTURE_KEYS[key]] ?? CAPTURE_KEYS[key])
    return node ? [[key, node] as const] : []
  })

function captureOf(capture: ManifestObject): CaptureInput {
  const enabled = valueAt(capture, 'enabled')
  return {
    ...(enabled ? { enabled: enabled.value as boolean } : {}),
    ...Object.fromEntries(captureEntries(capture).map(([key, { value }]) => [CAPTURE_KEYS[key], value])),
  }
}

const tagOf = (name: string, node: ManifestValue): Entry<TagInput> => ({
  value: { name, value: String(node.value) },
  text: `${name}=${node.text}`,
  node,
})

function hubOf(hub: ManifestObject): Entry<HubInput> {
  const [partitions, retention] = [valueAt(hub, 'partitions'), valueAt(hub, 'retention')]
  const cleanupPolicy = valueAt(hub, 'cleanupPolicy')?.value as CleanupPolicy | undefined
  const rules = objectsAt(hub, 'accessRules')
  const capture = objectAt(hub, 'capture')
  const grants = objectsAt(hub, 'grants').flatMap((grant) => grantOf(grant).map(({ value }) => value))
  const value: HubInput = {
    name: nameOf(hub),
    partitions: partitions?.value as number | undefined,
    retentionHours: retention?.value as number | undefined,
    ...(cleanupPolicy ? { cleanupPolicy } : {}),
    ...(rules.length > 0 ? { accessRules: rules.map(accessRuleOf) } : {}),
    ...(grants.length > 0 ? { grants } : {}),
    ...(capture ? { capture: captureOf(capture) } : {}),
  }
  const words = [value.name, partitions?.text ?? '', retention?.text ?? ''].join(':').replace(/:+$/, '')
  return { value, text: words, node: hub }
}

const accessRuleOf = (rule: ManifestObject): AccessRuleSpec => ({
  name: nameOf(rule),
  rights: (listAt(rule, 'rights')?.items ?? []).flatMap((node) => (node.kind === 'value' ? [node.value as Right] : [])),
})

/** Nothing where a part of it could not be read: compared with others it could be anybody's. */
function grantOf(grant: ManifestObject): readonly Entry<GrantSpec>[] {
  const [principal, role] = [valueAt(grant, 'principalId'), valueAt(grant, 'role')]
  if (!principal || !role || grant.isBroken) return []
  const value: GrantSpec = {
    principalId: principal.value as string,
    role: role.value as GrantRole,
    principalType: (valueAt(grant, 'principalType')?.value as PrincipalType | undefined) ?? DEFAULT_PRINCIPAL_TYPE,
  }
  return [{ value, text: formatGrant(value), node: grant }]
}

function consumerGroupsOf(hub: ManifestObject): readonly Entry<ConsumerGroupInput>[] {
  return objectsAt(hub, 'consumerGroups').flatMap((group) => {
    const name = valueAt(group, 'name')
    if (!name) return []
    const userMetadata = valueAt(group, 'userMetadata')?.value as string | undefined
    const value = { hub: nameOf(hub), name: name.text, ...(userMetadata === undefined ? {} : { userMetadata }) }
    return [{ value, text: `${value.hub}/${value.name}`, node: group }]
  })
}
