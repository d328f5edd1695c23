import { DEFAULTS } from '../inputs/defaults.ts'
import { invalid, type Given } from '../inputs/given.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { Problem } from '../lib/errors.ts'
import { suggest } from '../lib/suggest.ts'
import { FRONT_DOOR, type Wanted } from '../resources/front-door.ts'
import { layOver } from '../wanted/merge.ts'
import { isUnread, nameOf, type Node } from '../wanted/node.ts'
import type { ManifestTree } from './manifest.ts'
import type { ManifestProblem } from './reader.ts'

/** The names of the environments in a manifest. */
export const environmentsOf = ({ environments }: ManifestTree): readonly string[] =>
  (environments?.items ?? []).map(nameOf)

/** An environment by name; undefined if there is none, or if it could not be read. */
export const environmentIn = ({ environments }: ManifestTree, name: string): Wanted | undefined =>
  environments?.items.find((one) => nameOf(one) === name)?.value

/**
 * What a manifest wants: an environment merged with the rest of it. Without an environment that it needs, all keys count as
 * unread, because the environment may set them.
 */
export function wantedIn(root: ManifestTree, environment: string | undefined): Wanted {
  const own = environment === undefined ? undefined : environmentIn(root, environment)
  if (own) return layOver<Wanted>(own, root, FRONT_DOOR, 'extends')
  const isWhole = environment === undefined && environmentsOf(root).length === 0
  return isWhole ? root : { ...root, unread: Object.keys(FRONT_DOOR.keys) }
}

/** What is wrong with the given environment, if anything. */
export function environmentProblem(root: ManifestTree, { env }: Given): Problem | undefined {
  if (root.unread?.includes('environments')) return undefined
  const known = environmentsOf(root)
  if (!env)
    return known.length === 0 ? undefined : invalid('env', env, `is needed: the manifest has ${known.join(', ')}`)
  if (known.includes(env.value)) return undefined
  const meant = suggest(env.value, known)
  const has = known.length === 0 ? 'The manifest has none' : `The manifest has ${known.join(', ')}`
  return invalid('env', env, `is not an environment.${meant ? ` Did you mean ${meant}?` : ''} ${has}`)
}

/**
 * Reports environments with the same namespace, because a run of one would undo the other. A default namespace is only known
 * if the file has the subscription.
 */
export function sharedNamespaces(root: ManifestTree): readonly ManifestProblem[] {
  const seen = new Map<string, string>()
  return environmentsOf(root).flatMap((name) => {
    const target = targetOf(root, name)
    if (!target) return []
    const other = seen.get(target.key)
    seen.set(target.key, other ?? name)
    const { origin } = target.at
    if (other === undefined || origin.kind !== 'file') return []
    const message = `is the namespace of environments.${other} too: one would undo what the other makes`
    return [{ kind: 'invalid', input: 'file', origin, message }]
  })
}

function targetOf(root: ManifestTree, name: string): { readonly key: string; readonly at: Node } | undefined {
  const own = environmentIn(root, name)
  const mayBeGiven = (key: string): boolean => isUnread(root, key) || isUnread(own, key)
  if (!own || ['subscription', 'resourceGroup', 'namespace'].some(mayBeGiven)) return undefined
  const said = (key: 'namespace' | 'subscription' | 'resourceGroup') => own[key] ?? root[key]
  const [namespace, subscription] = [said('namespace'), said('subscription')]
  if (!namespace && !subscription) return undefined
  const group = said('resourceGroup')?.text ?? DEFAULTS.resourceGroup
  const key = [subscription?.text ?? '', group, namespace?.text ?? ''].map(nameKeyOf).join('\n')
  return { key, at: own.namespace ?? own }
}
