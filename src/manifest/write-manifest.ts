import { Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq, LineCounter, visit } from 'yaml'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import { NO_IDENTITY } from '../inputs/identity.ts'
import { sameName } from '../lib/names.ts'
import type { RuleChoice } from '../resources/access-rule/access-rule.ts'
import { FRONT_DOOR, type SavedFrontDoor, type Wanted } from '../resources/front-door.ts'
import { grantsIn } from '../resources/grant.ts'
import { HUB, type WantedHub } from '../resources/hub/hub.ts'
import type { SavedHub } from '../resources/hub/saved.ts'
import type { WantedWithLoad } from '../resources/load/load.ts'
import type { Tags } from '../resources/namespace/namespace.ts'
import { NETWORK, type SavedNetwork, type WantedNetwork } from '../resources/network/network.ts'
import { needed, type Saved } from '../resources/setting.ts'
import { childOf, isLeaf, isList, nameOf, type Branch } from '../wanted/node.ts'
import { environmentIn, environmentsOf } from './environments.ts'
import { MANIFEST_SCHEMA_ID } from './manifest.ts'
import { renderLike } from './keep-layout.ts'
import { EMPTY_BRANCH, Layer, mapAt, pairOf } from './layer.ts'
import { readManifest } from './read-manifest.ts'
import { addGrants, addRules, writeHub } from './write-hub.ts'
import { writeHubLoad, writeLoad } from './write-load.ts'
import { invalid, type Given } from '../inputs/given.ts'
import { input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'

export interface ManifestToWrite {
  readonly frontDoor: SavedFrontDoor
  /** The grants for all hubs. */
  readonly grantsForAll: readonly GrantSpec[]
  /** The load for all hubs, and that of each. */
  readonly loads: WantedWithLoad
  /** The text of a readable manifest; undefined for a new file. */
  readonly before: string | undefined
  /** An environment to write to. It gets only what differs from the rest of the file. */
  readonly environment: string | undefined
  /** The id and what the user typed. Undefined on the embedded Azure, whose subscription is of no use elsewhere. */
  readonly subscription: { readonly id: string; readonly words: string } | undefined
}

/** The place in a file to write to, and what is below it. */
interface Views {
  readonly top: Layer
  readonly own: Wanted
  readonly below: Wanted
  /** The rest of the file; undefined if no environment is written. */
  readonly rest: YAMLMap | undefined
}

/**
 * The text of a manifest that makes the same again. Everything in an existing file that the run did not touch stays, such as
 * comments, layout, other hubs and other environments. Text that looks like a secret is left out.
 */
export function writeManifest(toWrite: ManifestToWrite): string {
  const { frontDoor, grantsForAll, loads, before, environment, subscription } = toWrite
  const document = before === undefined ? newDocument() : parseDocument(before, { schema: 'core' })
  const views = viewsOf(document.contents as YAMLMap, before, environment)
  const { top, own, below } = views
  putSubscription(top, subscription)
  top.putAll({
    resourceGroup: needed(frontDoor.resourceGroup),
    ...(frontDoor.location === undefined ? {} : { location: needed(frontDoor.location) }),
    namespace: needed(frontDoor.namespace.name),
    ...frontDoor.namespace.values,
  })
  for (const key of frontDoor.namespace.dropped) top.drop(key)
  putRule(views, frontDoor.rule)
  putTags(views, frontDoor.namespace.tags)
  putIdentities(top, frontDoor.namespace.identities, document)
  putNetwork(top, frontDoor.network, document)
  writeLoad(top, loads.load)
  const known = [...(own.hubs?.items ?? []), ...(below.hubs?.items ?? [])]
  const hasAllHubs = known.every((hub) => frontDoor.hubs.some(({ name }) => sameName(name, nameOf(hub))))
  addRules(document, top, frontDoor.accessRules)
  const forAll = hasAllHubs ? grantsForAll.filter(({ scope }) => scope === 'hub') : []
  const standing = grantsIn(own.grants ?? below.grants)
  addGrants(document, top, [...frontDoor.grants, ...forAll], standing)
  for (const hub of frontDoor.hubs) {
    const layer = hubLayer(views, hub)
    writeHub({ document, top, layer, inherited: [...standing, ...forAll] }, hub)
    writeHubLoad(layer, loads.hubs?.items.find((one) => sameName(nameOf(one), hub.name))?.load, loads.load)
  }
  return renderLike(document, before)
}

function newDocument(): Document {
  const document = new Document({ version: 1 })
  document.commentBefore = ` yaml-language-server: $schema=${MANIFEST_SCHEMA_ID}`
  return document
}

function viewsOf(contents: YAMLMap, before: string | undefined, environment: string | undefined): Views {
  const root = before === undefined ? undefined : readManifest(before, '').root
  const whole: Wanted = root ?? EMPTY_BRANCH
  if (environment === undefined)
    return {
      top: new Layer(FRONT_DOOR, whole, EMPTY_BRANCH, () => contents),
      own: whole,
      below: EMPTY_BRANCH,
      rest: undefined,
    }
  const own: Wanted = (root && environmentIn(root, environment)) ?? EMPTY_BRANCH
  const node = () => mapAt(mapAt(contents, 'environments'), environment)
  return { top: new Layer(FRONT_DOOR, own, whole, node, contents), own, below: whole, rest: contents }
}

/** Writes the id, unless the file has what the user typed, such as a name. */
function putSubscription(top: Layer, subscription: ManifestToWrite['subscription']): void {
  const known = top.get('subscription')?.text ?? ''
  if (subscription && !sameName(known, subscription.words)) top.put('subscription', needed(subscription.id))
}

/** Writes `access` or `policy`. If neither was given, both are removed, and `access` overrules the rest of the file. */
function putRule({ top, own, below }: Views, rule: RuleChoice): void {
  if (rule.kind === 'policy') {
    top.drop('access')
    top.put('policy', needed(rule.name))
    return
  }
  top.drop('policy')
  const now = own.access ?? below.access
  if (now && now.value !== rule.access && !rule.given) top.drop('access')
  if (rule.given || below.access || below.policy) top.put('access', needed(rule.access))
}

/** A tag keeps its spelling in the file. */
function putTags({ top, own, below }: Views, tags: Tags): void {
  const known = [...(own.tags?.items ?? []), ...(below.tags?.items ?? [])]
  for (const [name, value] of Object.entries(tags)) {
    const now = known.find((one) => sameName(nameOf(one), name))
    if (!isLeaf(now?.value) || now.value.text !== value) top.set(now ? nameOf(now) : name, value, 'tags')
  }
}

function putIdentities(top: Layer, { value, isNeeded }: Saved<readonly string[]>, document: Document): void {
  // An empty list asks for nothing, and takes nothing away.
  const words = value.length === 0 && isNeeded ? [NO_IDENTITY] : value
  if (isNeeded || top.get('identity')) putWords(top, 'identity', words, document)
}

/** Network rules are written as a whole when the file has others. */
function putNetwork(top: Layer, { ipRules, subnets, ...values }: SavedNetwork, document: Document): void {
  const layer = top.child(NETWORK, 'network', (childOf(top.below, 'network') as Branch | undefined) ?? EMPTY_BRANCH)
  layer.putAll(values)
  if (ipRules.length > 0 || layer.get('ipRules')) putWords(layer, 'ipRules', ipRules, document)
  const written = layer.get('subnets')
  const said = (isList(written) ? written.items : []) as NonNullable<WantedNetwork['subnets']>['items']
  const isSaid = subnets.every((rule) =>
    said.some(
      ({ id, ignoreMissingServiceEndpoint: ignored }) =>
        sameName(id?.value ?? '', rule.id) && (ignored?.value ?? false) === rule.ignoreMissingServiceEndpoint,
    ),
  )
  if (isSaid && said.length === subnets.length) return
  const entries = subnets.map(({ id, ignoreMissingServiceEndpoint }) =>
    ignoreMissingServiceEndpoint ? { id, ignoreMissingServiceEndpoint } : id,
  )
  putList(layer, 'subnets', entries, document)
}

/** Writes a list of words, unless the file has the same. */
function putWords(layer: Layer, key: string, words: readonly string[], document: Document): void {
  const written = layer.get(key)
  const said = isList(written) ? written.items.map((one) => (isLeaf(one) ? String(one.value) : '')) : []
  const isSaid = words.every((word) => said.some((one) => sameName(one, word)))
  if (!isSaid || said.length !== words.length) putList(layer, key, words, document)
}

function putList(layer: Layer, key: string, entries: readonly unknown[], document: Document): void {
  layer.list(key, document).items = entries.map((entry) => document.createNode(entry))
}

/** The layer of a hub, with the values for all hubs below it. */
function hubLayer({ top, own, below, rest }: Views, { name }: SavedHub): Layer {
  const named = (wanted: Wanted): WantedHub | undefined => wanted.hubs?.items.find((hub) => sameName(nameOf(hub), name))
  const forAll = { ...EMPTY_BRANCH, partitions: top.get('partitions'), retention: top.get('retention') }
  const node = () => hubIn(top.node(), name) ?? addHub(top.node(), name)
  return new Layer(HUB, named(own) ?? EMPTY_BRANCH, { ...forAll, ...named(below) }, node, rest && hubIn(rest, name))
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

/** Why `--save` cannot write to a manifest: it has errors or aliases, or the environment is missing. */
export function editProblems(text: string, file: string, { env, save }: Given): readonly Problem[] {
  const { root, problems } = readManifest(text, file)
  if (!root || problems.length > 0) return problems
  const environments = environmentsOf(root)
  if (!env && environments.length > 0) {
    const message = say`has ${environments.join(', ')}: choose one with ${input('env')}`
    return [invalid('save', save, message, file)]
  }
  return aliasProblem(text, file)
}

/** A change at an alias would also change the other place. */
function aliasProblem(text: string, file: string): readonly Problem[] {
  const counter = new LineCounter()
  const found: Problem[] = []
  visit(parseDocument(text, { lineCounter: counter }), {
    Alias: (_, { range, source }) => {
      const { line, col } = counter.linePos(range?.[0] ?? 0)
      const origin = { kind: 'file', file, line, column: col, path: `*${source}` } as const
      const message = say`repeats another place, and ${input('save')} cannot write to one of them alone`
      found.push({ kind: 'invalid', input: 'save', origin, message })
      return visit.BREAK
    },
  })
  return found
}
