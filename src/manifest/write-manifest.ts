import { Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml'
import { FIELDS } from '../inputs/table.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import type { RuleChoice, Spec } from '../resources/spec.ts'
import { MANIFEST_SCHEMA_ID } from './json-schema.ts'
import { renderLike } from './keep-layout.ts'
import {
  Layer,
  mapAt,
  NOTHING,
  objectIn,
  objectsIn,
  pairOf,
  switchOf,
  textIn,
  valueIn,
  type Entries,
  type Wanted,
} from './layer.ts'
import { readManifest } from './read-manifest.ts'
import { addGrants, grantsIn, writeHub } from './write-hub.ts'

export interface ManifestToWrite {
  /** What there is now; `given` says what has to be said. */
  readonly spec: Spec
  /** Roles that were given for all hubs; the others are those of their hub. */
  readonly grantsForAll: readonly GrantSpec[]
  /** The text that is there already, a manifest that can be read; undefined for a new file. */
  readonly before: string | undefined
  /** Written under `environments:` when given: only what differs from the rest of the file. */
  readonly environment: string | undefined
  /** With the words it was said in. Undefined on the embedded Azure, whose subscription says nothing to others. */
  readonly subscription: { readonly id: string; readonly words: string } | undefined
}

/**
 * The text of a manifest that makes this spec again. Of a file that is there, what the spec says nothing about stays:
 * comments, layout, other hubs, other environments, what has yet to be made. Holds no secret: a spec has none, and what
 * people write themselves is left out where it looks like one.
 */
export function writeManifest(wanted: ManifestToWrite): string {
  const { spec, before, environment } = wanted
  const document = before === undefined ? newDocument() : parseDocument(before, { schema: 'core' })
  const root = rootOf(before)
  const contents = document.contents as YAMLMap
  const top =
    environment === undefined
      ? new Layer(root, NOTHING, () => contents)
      : new Layer(
          objectIn(objectIn(root, 'environments'), environment),
          root,
          () => mapAt(mapAt(contents, 'environments'), environment),
          contents,
        )
  putSubscription(top, wanted.subscription)
  for (const one of scalarsOf(spec)) top.put(one)
  if (!spec.namespace.capacity.given) top.drop('capacity')
  putRule(top, spec.rule)
  putTags(top, spec.namespace.tags)
  const known = [top.said, top.below].flatMap((one) => objectsIn(one, 'hubs'))
  const isWhole = known.every((hub) => spec.hubs.some(({ name }) => sameName(name, textIn(hub, 'name'))))
  const forAll = isWhole ? wanted.grantsForAll : []
  const standing = grantsIn(top.holds('grants'))
  addGrants(document, top, forAll, standing)
  for (const hub of spec.hubs) {
    const layer = hubLayer(top, environment === undefined ? undefined : contents, hub.name)
    writeHub({ document, top, layer, inherited: [...standing, ...forAll] }, hub)
  }
  return renderLike(document, before)
}

function newDocument(): Document {
  const document = new Document({ version: 1 })
  document.commentBefore = ` yaml-language-server: $schema=${MANIFEST_SCHEMA_ID}`
  return document
}

function rootOf(before: string | undefined): Entries {
  const read = before === undefined ? undefined : readManifest(before)
  return read?.ok ? read.root.entries : NOTHING
}

/** A name that the file says stays where it stands for that id. */
function putSubscription(top: Layer, subscription: ManifestToWrite['subscription']): void {
  const said = valueIn(top.holds('subscription'))?.text ?? ''
  if (subscription && !sameName(said, subscription.words)) top.put(field('subscription', subscription.id))
}

type TextField =
  | ('subscription' | 'resourceGroup' | 'location' | 'namespace' | 'tier' | 'capacity' | 'autoInflateMax')
  | ('access' | 'policy')
const field = (key: TextField, text: string | number, given = true): Wanted => ({
  ...{ key, text, given },
  parse: FIELDS[key].parse,
})

function scalarsOf({ resourceGroup, location, namespace }: Spec): readonly Wanted[] {
  const { name, tier, capacity, autoInflateMax, localAuthDisabled } = namespace
  return [
    field('resourceGroup', resourceGroup),
    ...(location === undefined ? [] : [field('location', location)]),
    field('namespace', name),
    field('tier', tier.value, tier.given),
    ...(capacity.given ? [field('capacity', capacity.value)] : []),
    field('autoInflateMax', autoInflateMax.value, autoInflateMax.given),
    switchOf('disableLocalAuth', localAuthDisabled.value, localAuthDisabled.given),
  ]
}

/** One of the two keys says which rule; nobody having said, both are gone. */
function putRule(top: Layer, rule: RuleChoice): void {
  if (rule.kind === 'policy') {
    top.drop('access')
    top.put(field('policy', rule.name))
    return
  }
  top.drop('policy')
  const said = valueIn(top.holds('access'))
  if (said && said.value !== rule.access && !rule.given) top.drop('access')
  const isSaidBelow = valueIn(top.below.get('access')) !== undefined
  if (rule.given || isSaidBelow) top.put(field('access', rule.access))
}

/** Names compare without regard to case, and keep the spelling of the file. */
function putTags(top: Layer, tags: Readonly<Record<string, string>>): void {
  const layer = top.child('tags')
  const known = [...layer.said.keys(), ...layer.below.keys()]
  for (const [name, value] of Object.entries(tags)) {
    const key = known.find((one) => sameName(one, name)) ?? name
    if (valueIn(layer.holds(key))?.text !== value) layer.set(key, value)
  }
}

/** A hub of the file: what is said of it there, and what holds for hubs that do not say. */
function hubLayer(top: Layer, contents: YAMLMap | undefined, name: string): Layer {
  const named = (hubs: readonly Entries[]) => hubs.find((hub) => sameName(textIn(hub, 'name'), name)) ?? NOTHING
  const forAll = ['partitions', 'retention'].flatMap((key) => {
    const value = top.holds(key)
    return value === undefined ? [] : [[key, value] as const]
  })
  const below = new Map([...forAll, ...named(objectsIn(top.below, 'hubs'))])
  const node = () => hubIn(top.node(), name) ?? addHub(top.node(), name)
  return new Layer(named(objectsIn(top.said, 'hubs')), below, node, contents && hubIn(contents, name))
}

function hubIn(parent: YAMLMap, name: string): YAMLMap | undefined {
  const hubs = pairOf(parent, 'hubs')?.value
  if (!isSeq(hubs)) return undefined
  return hubs.items.find((item): item is YAMLMap => isMap(item) && sameName(String(item.get('name')), name))
}

function addHub(parent: YAMLMap, name: string): YAMLMap {
  const found = pairOf(parent, 'hubs')?.value
  const hubs = isSeq(found) ? found : new YAMLSeq()
  if (!isSeq(found)) parent.set('hubs', hubs)
  const made = new YAMLMap()
  made.set('name', name)
  hubs.add(made)
  return made
}
