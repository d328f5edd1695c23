import { isMap, type Document } from 'yaml'
import { formatHours } from '../lib/duration.ts'
import { holdsSecret } from '../lib/redact.ts'
import { formatInterval, formatSize, type CaptureSpec } from '../inputs/capture-parsers.ts'
import { FIELDS } from '../inputs/table.ts'
import { DEFAULT_PRINCIPAL_TYPE, isSameGrant, type GrantRole, type GrantSpec } from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import type { Parser } from '../inputs/parsers.ts'
import type { AccessRuleSpec, ConsumerGroupSpec, HubSpec, Setting } from '../resources/spec.ts'
import { listOf, objectIn, switchOf, textIn, valueIn, type Entries, type Layer } from './layer.ts'
import type { ManifestNode, ManifestValue } from './nodes.ts'

type Role = Omit<GrantSpec, 'principalType'>

/** Where a hub is written to. */
interface Place {
  readonly document: Document
  readonly top: Layer
  readonly layer: Layer
  /** The roles that the file gives on every hub. */
  readonly inherited: readonly Role[]
}

export function writeHub({ document, top, layer, inherited }: Place, hub: HubSpec): void {
  if (textIn(layer.said, 'name') === '' && textIn(layer.below, 'name') === '') layer.node()
  const isCompacted = hub.cleanupPolicy.value === 'Compact'
  const { partitions, retentionHours, cleanupPolicy } = hub
  layer.put({ key: 'partitions', text: partitions.value, given: partitions.given, parse: FIELDS.partitions.parse })
  if (isCompacted) layer.drop('retention')
  else {
    const text = formatHours(retentionHours.value)
    layer.put({ key: 'retention', text, given: retentionHours.given, parse: FIELDS.retention.parse })
  }
  const asIs: Parser<unknown> = (value) => ({ ok: true, value })
  layer.put({ key: 'cleanupPolicy', text: cleanupPolicy.value, given: isCompacted, parse: asIs })
  addGroups(document, layer, hub.consumerGroups, valueIn(top.holds('userMetadata')))
  addRules(document, layer, hub.accessRules)
  const own = hub.grants.filter((grant) => !inherited.some((one) => isSameGrant(one, grant)))
  addGrants(document, layer, own, grantsIn(layer.holds('grants')))
  const captureBelow = new Map([...captureOf(top), ...objectIn(layer.below, 'capture')])
  putCapture(layer.child('capture', captureBelow), hub.capture)
}

const captureOf = (top: Layer): Entries =>
  new Map([...objectIn(top.below, 'capture'), ...objectIn(top.said, 'capture')])

/** All that Azure has; what cannot be said of one, as that it has no metadata where the file gives some to all, is not. */
function addGroups(
  document: Document,
  layer: Layer,
  groups: readonly ConsumerGroupSpec[],
  forAll: ManifestValue | undefined,
): void {
  const said = listOf(layer.holds('consumerGroups'))
  for (const group of groups) {
    const index = said.findIndex((one) => sameName(textIn(one, 'name'), group.name))
    const entry = entryOf(group, forAll)
    const own = index === -1 ? undefined : valueIn(said[index]!.get('userMetadata'))
    const now = (own ?? forAll)?.value
    const isSaid = now === undefined ? typeof entry === 'string' : now === group.userMetadata.value
    if (entry !== undefined && !(index !== -1 && isSaid)) layTo(document, layer, 'consumerGroups', index, entry)
  }
}

type GroupEntry = string | { readonly name: string; readonly userMetadata: string }
function entryOf({ name, userMetadata }: ConsumerGroupSpec, forAll: ManifestValue | undefined): GroupEntry | undefined {
  const { value, given } = userMetadata
  if (forAll === undefined ? !given : forAll.value === value) return name
  if (FIELDS.userMetadata.parse(value).ok && !holdsSecret(value)) return { name, userMetadata: value }
  return forAll === undefined ? name : undefined
}

function addRules(document: Document, layer: Layer, rules: readonly AccessRuleSpec[]): void {
  const said = listOf(layer.holds('accessRules'))
  for (const { name, rights } of rules) {
    const index = said.findIndex((one) => sameName(textIn(one, 'name'), name))
    const now = index === -1 ? [] : wordsIn(said[index]!.get('rights'))
    if (index === -1 || [...now].sort().join() !== [...rights].sort().join())
      layTo(document, layer, 'accessRules', index, { name, rights })
  }
}

const wordsIn = (node: ManifestNode | undefined): readonly string[] =>
  node?.kind === 'list' ? node.items.map((item) => String(valueIn(item)?.value)) : []

export const grantsIn = (node: ManifestNode | undefined): readonly Role[] =>
  listOf(node).map((one) => ({
    principalId: textIn(one, 'principalId').trim(),
    role: valueIn(one.get('role'))?.value as GrantRole,
  }))

export function addGrants(
  document: Document,
  layer: Layer,
  grants: readonly GrantSpec[],
  standing: readonly Role[],
): void {
  for (const grant of grants.filter((one) => !standing.some((other) => isSameGrant(one, other)))) {
    const { principalId, role, principalType } = grant
    const type = principalType === DEFAULT_PRINCIPAL_TYPE ? {} : { principalType }
    layTo(document, layer, 'grants', -1, { principalId, role, ...type })
  }
}

/** At a place of a list, or behind its end. */
function layTo(document: Document, layer: Layer, key: string, index: number, entry: object | string): void {
  const list = layer.list(key, document)
  const there = list.items[index]
  if (index === -1) list.add(document.createNode(entry))
  else if (isMap(there) && typeof entry === 'object')
    for (const [name, value] of Object.entries(entry))
      there.set(name, typeof value === 'string' ? value : document.createNode(value))
  else list.set(index, document.createNode(entry))
}

function putCapture(layer: Layer, capture: CaptureSpec | undefined): void {
  const isOff = valueIn(layer.holds('enabled'))?.value === false
  const isSaid = layer.holds('enabled') !== undefined || layer.holds('storageAccount') !== undefined
  if (!capture?.enabled) {
    if (capture || (isSaid && !isOff)) layer.put(switchOf('enabled', false, true))
    return
  }
  layer.put(switchOf('enabled', true, isOff))
  const { intervalSeconds, sizeLimitBytes, archiveNameFormat, skipEmptyArchives, identity } = capture
  const put = (key: string, text: string, given: boolean, parse: Parser<unknown>) =>
    layer.put({ key, text, given, parse })
  const setting = <T>(key: string, { value, given }: Setting<T>, words: (value: T) => string, parse: Parser<unknown>) =>
    put(key, words(value), given, parse)
  put('storageAccount', capture.storageAccount, true, FIELDS.captureStorageAccount.parse)
  put('container', capture.container, true, FIELDS.captureContainer.parse)
  setting('interval', intervalSeconds, formatInterval, FIELDS.captureInterval.parse)
  setting('sizeLimit', sizeLimitBytes, formatSize, FIELDS.captureSize.parse)
  setting('archiveNameFormat', archiveNameFormat, String, FIELDS.captureNameFormat.parse)
  layer.put(switchOf('skipEmptyArchives', skipEmptyArchives.value, skipEmptyArchives.given))
  setting('identity', identity, String, FIELDS.captureIdentity.parse)
}
