import { Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq, LineCounter, visit } from 'yaml'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import type { RuleChoice } from '../resources/access-rule.ts'
import { FRONT_DOOR, type SavedFrontDoor, type Wanted } from '../resources/front-door.ts'
import { grantsIn } from '../resources/grant.ts'
import { HUB, type SavedHub, type WantedHub } from '../resources/hub/hub.ts'
import type { Tags } from '../resources/namespace/namespace.ts'
import { needed } from '../resources/setting.ts'
import { isLeaf, nameOf } from '../wanted/node.ts'
import { environmentIn, environmentsOf } from './environments.ts'
import { MANIFEST_SCHEMA_ID } from './json-schema.ts'
import { renderLike } from './keep-layout.ts'
import { Layer, mapAt, NOTHING, pairOf } from './layer.ts'
import { readManifest } from './read-manifest.ts'
import { addGrants, writeHub } from './write-hub.ts'
import { invalid, type Given } from '../inputs/given.ts'
import { input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'

export interface ManifestToWrite {
  /** What there is now. */
  readonly made: SavedFrontDoor
  /** Roles that were given for all hubs; the others are those of their hub. */
  readonly grantsForAll: readonly GrantSpec[]
  /** The text that is there already, a manifest that can be read; undefined for a new file. */
  readonly before: string | undefined
  /** Written under `environments:` when given: only what differs from the rest of the file. */
  readonly environment: string | undefined
  /** With the words it was said in. Undefined on the embedded Azure, whose subscription says nothing to others. */
  readonly subscription: { readonly id: string; readonly words: string } | undefined
}

/** What a file says where it is written to, and below that. */
interface Views {
  readonly top: Layer
  readonly said: Wanted
  readonly below: Wanted
  /** The rest of the file, where an environment is written. */
  readonly rest: YAMLMap | undefined
}

/**
 * The text of a manifest that makes the same again. Of a file that is there, what a run says nothing about stays:
 * comments, layout, other hubs, other environments, what has yet to be made. Holds no secret: what is made has none, and
 * what people write themselves is left out where it looks like one.
 */
export function writeManifest({ made, grantsForAll, before, environment, subscription }: ManifestToWrite): string {
  const document = before === undefined ? newDocument() : parseDocument(before, { schema: 'core' })
  const views = viewsOf(document.contents as YAMLMap, before, environment)
  const { top, said, below } = views
  putSubscription(top, subscription)
  top.putAll({
    resourceGroup: needed(made.resourceGroup),
    ...(made.location === undefined ? {} : { location: needed(made.location) }),
    namespace: needed(made.namespace.name),
    ...made.namespace.values,
  })
  for (const key of made.namespace.dropped) top.drop(key)
  putRule(views, made.rule)
  putTags(views, made.namespace.tags)
  const known = [...(said.hubs?.items ?? []), ...(below.hubs?.items ?? [])]
  const isWhole = known.every((hub) => made.hubs.some(({ name }) => sameName(name, nameOf(hub))))
  const forAll = isWhole ? grantsForAll : []
  const standing = grantsIn(said.grants ?? below.grants)
  addGrants(document, top, forAll, standing)
  for (const hub of made.hubs)
    writeHub({ document, top, layer: hubLayer(views, hub), inherited: [...standing, ...forAll] }, hub)
  return renderLike(document, before)
}

function newDocument(): Document {
  const document = new Document({ version: 1 })
  document.commentBefore = ` yaml-language-server: $schema=${MANIFEST_SCHEMA_ID}`
  return document
}

function viewsOf(contents: YAMLMap, before: string | undefined, environment: string | undefined): Views {
  const root = before === undefined ? undefined : readManifest(before, '').root
  const whole: Wanted = root ?? NOTHING
  if (environment === undefined)
    return { top: new Layer(FRONT_DOOR, whole, NOTHING, () => contents), said: whole, below: NOTHING, rest: undefined }
  const said: Wanted = (root && environmentIn(root, environment)) ?? NOTHING
  const node = () => mapAt(mapAt(contents, 'environments'), environment)
  return { top: new Layer(FRONT_DOOR, said, whole, node, contents), said, below: whole, rest: contents }
}

/** A name that the file says stays where it stands for that id. */
function putSubscription(top: Layer, subscription: ManifestToWrite['subscription']): void {
  const said = top.holds('subscription')?.text ?? ''
  if (subscription && !sameName(said, subscription.words)) top.put('subscription', needed(subscription.id))
}

/** One of the two keys says which rule; nobody having said, both are gone, and what the rest of the file says is outdone. */
function putRule({ top, said, below }: Views, rule: RuleChoice): void {
  if (rule.kind === 'policy') {
    top.drop('access')
    top.put('policy', needed(rule.name))
    return
  }
  top.drop('policy')
  const now = said.access ?? below.access
  if (now && now.value !== rule.access && !rule.given) top.drop('access')
  if (rule.given || below.access || below.policy) top.put('access', needed(rule.access))
}

/** Names compare without regard to case, and keep the spelling of the file. */
function putTags({ top, said, below }: Views, tags: Tags): void {
  const known = [...(said.tags?.items ?? []), ...(below.tags?.items ?? [])]
  for (const [name, value] of Object.entries(tags)) {
    const now = known.find((one) => sameName(nameOf(one), name))
    if (!isLeaf(now?.value) || now.value.text !== value) top.set(now ? nameOf(now) : name, value, 'tags')
  }
}

/** A hub of the file: what is said of it there, and what holds for hubs that do not say. */
function hubLayer({ top, said, below, rest }: Views, { name }: SavedHub): Layer {
  const named = (wanted: Wanted): WantedHub | undefined => wanted.hubs?.items.find((hub) => sameName(nameOf(hub), name))
  const forAll = { ...NOTHING, partitions: top.holds('partitions'), retention: top.holds('retention') }
  const node = () => hubIn(top.node(), name) ?? addHub(top.node(), name)
  return new Layer(HUB, named(said) ?? NOTHING, { ...forAll, ...named(below) }, node, rest && hubIn(rest, name))
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

/** Why a manifest cannot be written to: it can be read, has the environment's place, and says each thing once. */
export function editProblems(text: string, file: string, { env, save }: Given): readonly Problem[] {
  const { root, problems } = readManifest(text, file)
  if (!root || problems.length > 0) return problems
  const environments = environmentsOf(root)
  if (!env && environments.length > 0) {
    const message = say`has ${environments.join(', ')}: say with ${input('env')} which of them this is`
    return [invalid('save', save, message, file)]
  }
  return aliasProblem(text, file)
}

/** What is changed in one place would change in another. */
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
