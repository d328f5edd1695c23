import { isMap, type Document } from 'yaml'
import { DEFAULT_GRANT_SCOPE, DEFAULT_PRINCIPAL_TYPE, isSameGrant, type GrantSpec } from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import { holdsSecret } from '../lib/secret.ts'
import type { ACCESS_RULE, AccessRuleSpec } from '../resources/access-rule/access-rule.ts'
import { CAPTURE } from '../resources/capture/capture.ts'
import type { SavedCapture } from '../resources/capture/saved.ts'
import { CONSUMER_GROUP, type SavedGroup } from '../resources/consumer-group.ts'
import { grantsIn, type HUB_GRANT } from '../resources/grant.ts'
import type { SavedHub } from '../resources/hub/saved.ts'
import { needed } from '../resources/setting.ts'
import { childOf, isLeaf, isList, nameOf, type AnyBranch, type AnyNode, type Leaf, type List } from '../wanted/node.ts'
import type { TreeOf } from '../wanted/shape.ts'
import type { Layer } from './layer.ts'

/** The place to write a hub to. */
interface HubPlace {
  readonly document: Document
  readonly top: Layer
  readonly layer: Layer
  /** The grants of the file for all hubs. */
  readonly inherited: readonly GrantSpec[]
}

/** Writes a hub to its place in a manifest. */
export function writeHub({ document, top, layer, inherited }: HubPlace, hub: SavedHub): void {
  if (!layer.get('name')) layer.node()
  layer.putAll(hub.values)
  for (const key of hub.dropped) layer.drop(key)
  addGroups(document, layer, hub.consumerGroups, top.get('userMetadata'))
  addRules(document, layer, hub.accessRules)
  addGrants(document, layer, hub.grants, [...inherited, ...grantsIn(grantNodes(layer))])
  const captureBelow = { ...childOf(top.below, 'capture'), ...childOf(top.own, 'capture') }
  const below = { ...captureBelow, ...childOf(layer.below, 'capture') }
  putCapture(layer.child(CAPTURE, 'capture', below as TreeOf<typeof CAPTURE>), hub.capture)
}

const listIn = (layer: Layer, key: string): List<AnyNode> | undefined => {
  const found = layer.get(key)
  return isList(found) ? found : undefined
}
const grantNodes = (layer: Layer) => listIn(layer, 'grants') as List<TreeOf<typeof HUB_GRANT>> | undefined

/** Writes all groups, or an empty list if there are none and the file says nothing of groups. */
function addGroups(document: Document, layer: Layer, groups: readonly SavedGroup[], forAll: AnyNode | undefined): void {
  const list = listIn(layer, 'consumerGroups')
  if (!list && groups.length === 0) layer.list('consumerGroups', document)
  const said = (list?.items ?? []) as readonly TreeOf<typeof CONSUMER_GROUP>[]
  const shared = isLeaf(forAll) ? (forAll as Leaf<string>) : undefined
  for (const group of groups) {
    const index = said.findIndex((one) => sameName(nameOf(one), group.name))
    const entry = entryOf(group, shared)
    const now = (said[index]?.userMetadata ?? shared)?.value
    const isSaid = now === undefined ? typeof entry === 'string' : now === group.userMetadata.value
    if (entry !== undefined && !(index !== -1 && isSaid)) putEntry(document, layer, 'consumerGroups', index, entry)
  }
}

type GroupEntry = string | { readonly name: string; readonly userMetadata: string }
function entryOf({ name, userMetadata }: SavedGroup, forAll: Leaf<string> | undefined): GroupEntry | undefined {
  const { value, isNeeded } = userMetadata
  if (forAll === undefined ? !isNeeded : forAll.value === value) return name
  if (CONSUMER_GROUP.long.keys.userMetadata.parse(value).ok && !holdsSecret(value)) return { name, userMetadata: value }
  return forAll === undefined ? name : undefined
}

/** Writes rules that are not in the file yet, or have other rights there. */
export function addRules(document: Document, layer: Layer, rules: readonly AccessRuleSpec[]): void {
  const rulesIn = (branch: AnyBranch) => {
    const found = childOf(branch, 'accessRules')
    return isList(found) ? (found.items as readonly TreeOf<typeof ACCESS_RULE>[]) : undefined
  }
  const [own, below] = [rulesIn(layer.own), rulesIn(layer.below) ?? []]
  const listed = own ?? (layer.isMerged('accessRules') ? [] : below)
  for (const { name, rights } of rules) {
    const isIt = (one: TreeOf<typeof ACCESS_RULE>): boolean => sameName(nameOf(one), name)
    const index = listed.findIndex(isIt)
    const said = listed[index] ?? (layer.isMerged('accessRules') ? below.find(isIt) : undefined)
    const now = (said?.rights?.items ?? []).map(({ value }) => value)
    if ([...new Set(now)].sort().join() !== [...rights].sort().join())
      putEntry(document, layer, 'accessRules', index, { name, rights })
  }
}

/** Writes grants that are not in the file yet. A principal keeps the type that the file gives it. */
export function addGrants(
  document: Document,
  layer: Layer,
  grants: readonly GrantSpec[],
  standing: readonly GrantSpec[],
): void {
  for (const grant of grants.filter((one) => !standing.some((other) => isSameGrant(one, other)))) {
    const { principalId, role, scope } = grant
    const { principalType } = standing.find((other) => other.principalId === principalId) ?? grant
    putEntry(document, layer, 'grants', -1, {
      ...{ principalId, role },
      ...(principalType === DEFAULT_PRINCIPAL_TYPE ? {} : { principalType }),
      ...(scope === DEFAULT_GRANT_SCOPE ? {} : { scope }),
    })
  }
}

/** Writes an entry to a list, at the end for index -1. */
function putEntry(document: Document, layer: Layer, key: string, index: number, entry: object | string): void {
  const list = layer.list(key, document)
  const there = list.items[index]
  if (index === -1) list.add(document.createNode(entry))
  else if (isMap(there) && typeof entry === 'object')
    for (const [name, value] of Object.entries(entry))
      there.set(name, typeof value === 'string' ? value : document.createNode(value))
  else list.set(index, document.createNode(entry))
}

function putCapture(layer: Layer, capture: SavedCapture | undefined): void {
  const enabled = layer.get('enabled')
  const isOff = isLeaf(enabled) && enabled.value === false
  if (capture?.enabled) {
    layer.put('enabled', { value: true, isNeeded: isOff })
    layer.putAll(capture.keys)
  } else if (capture || ((enabled || layer.get('storageAccount')) && !isOff)) layer.put('enabled', needed(false))
}
