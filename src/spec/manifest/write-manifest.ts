import { Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { formatHours } from '../../lib/duration.ts'
import { formatInterval, formatSize, type CaptureSpec } from '../capture.ts'
import { isSameGrant, type GrantSpec } from '../grants.ts'
import { sameName } from '../names.ts'
import type { HubSpec, Spec } from '../spec.ts'
import { MANIFEST_SCHEMA_ID } from './json-schema.ts'

export interface ManifestToWrite {
  readonly spec: Spec
  /** The text that is there already, whose comments and other keys stay; undefined for a new file. */
  readonly before: string | undefined
  /** Written under `environments:` when given. */
  readonly environment: string | undefined
  /** False on the embedded Azure, whose subscription says nothing to others. */
  readonly withSubscription: boolean
}

/** The text of a manifest that makes this spec again. Holds no secret: a spec has none. */
export function writeManifest({ spec, before, environment, withSubscription }: ManifestToWrite): string {
  const document = before === undefined ? newDocument() : parseDocument(before)
  const root = environment === undefined ? [] : ['environments', environment]
  if (!document.has('version')) document.set('version', 1)
  for (const [key, value] of scalarsOf(spec, withSubscription)) document.setIn([...root, key], value)
  for (const [name, value] of Object.entries(spec.namespace.tags)) document.setIn([...root, 'tags', name], value)
  const forAll = commonGrants(spec)
  if (forAll.length > 0) document.setIn([...root, 'grants'], document.createNode(forAll))
  const hubs = document.getIn([...root, 'hubs'])
  const list = isSeq(hubs) ? hubs : (document.createNode([]) as YAMLSeq)
  if (!isSeq(hubs)) document.setIn([...root, 'hubs'], list)
  for (const hub of spec.hubs) writeHub(document, list, hub, forAll)
  return document.toString({ lineWidth: 0 })
}

/** What every hub grants is said once for all. */
const commonGrants = ({ hubs: [first, ...others] }: Spec): readonly GrantSpec[] =>
  first.grants.filter((grant) => others.every((hub) => hub.grants.some((one) => isSameGrant(one, grant))))

function newDocument(): Document {
  const document = new Document({ version: 1 })
  document.commentBefore = ` yaml-language-server: $schema=${MANIFEST_SCHEMA_ID}`
  return document
}

function scalarsOf(spec: Spec, withSubscription: boolean): readonly (readonly [string, string | number | boolean])[] {
  const { tier, capacity, autoInflateMax, localAuthDisabled, name } = spec.namespace
  return [
    ...(withSubscription ? [['subscription', spec.subscriptionId] as const] : []),
    ['resourceGroup', spec.resourceGroup],
    ...(spec.location === undefined ? [] : [['location', spec.location] as const]),
    ['namespace', name],
    ...(tier.given ? [['tier', tier.value] as const] : []),
    ...(capacity.given ? [['capacity', capacity.value] as const] : []),
    ...(autoInflateMax.given ? [['autoInflateMax', autoInflateMax.value] as const] : []),
    ...(localAuthDisabled.given ? [['disableLocalAuth', localAuthDisabled.value] as const] : []),
    ...(spec.rule.kind === 'policy' ? [['policy', spec.rule.name] as const] : []),
    ...(spec.rule.kind === 'access' && spec.rule.given ? [['access', spec.rule.access] as const] : []),
  ]
}

function writeHub(document: Document, list: YAMLSeq, hub: HubSpec, forAll: readonly GrantSpec[]): void {
  const standing = list.items.find(
    (item): item is YAMLMap => isMap(item) && sameName(String(item.get('name')), hub.name),
  )
  const map = standing ?? document.createNode({ name: hub.name })
  if (!standing) list.add(map)
  const compacted = hub.cleanupPolicy.value === 'Compact'
  if (hub.partitions.given || !standing) map.set('partitions', hub.partitions.value)
  if (!compacted && (hub.retentionHours.given || !standing)) map.set('retention', formatHours(hub.retentionHours.value))
  if (compacted) map.set('cleanupPolicy', 'Compact')
  const groups = hub.consumerGroups.map(({ name, userMetadata }) =>
    userMetadata.given ? { name, userMetadata: userMetadata.value } : name,
  )
  if (groups.length > 0) map.set('consumerGroups', document.createNode(groups))
  const own = hub.grants.filter((grant) => !forAll.some((one) => isSameGrant(one, grant)))
  if (own.length > 0) map.set('grants', document.createNode(own))
  for (const [key, value] of captureEntries(hub.capture)) map.setIn(['capture', key], value)
}

/** What was given; a hub that is there already keeps the other keys of its `capture:`. */
function captureEntries(capture: CaptureSpec | undefined): readonly (readonly [string, string | boolean])[] {
  if (!capture) return []
  if (!capture.enabled) return [['enabled', false]]
  const { storageAccount, container, intervalSeconds, sizeLimitBytes } = capture
  const { archiveNameFormat, skipEmptyArchives, identity } = capture
  return [
    ['enabled', true],
    ['storageAccount', storageAccount],
    ['container', container],
    ...(intervalSeconds.given ? [['interval', formatInterval(intervalSeconds.value)] as const] : []),
    ...(sizeLimitBytes.given ? [['sizeLimit', formatSize(sizeLimitBytes.value)] as const] : []),
    ...(archiveNameFormat.given ? [['archiveNameFormat', archiveNameFormat.value] as const] : []),
    ...(skipEmptyArchives.given ? [['skipEmptyArchives', skipEmptyArchives.value] as const] : []),
    ...(identity.given ? [['identity', identity.value] as const] : []),
  ]
}
