import { suggest } from '../lib/suggest.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { invalid, type InputProblem } from '../inputs/given.ts'
import { nameKeyOf } from '../lib/names.ts'
import { objectAt, valueAt, type ManifestObject, type Spot } from './nodes.ts'
import type { ManifestProblem } from './reader.ts'

/** The environments of a manifest, those that could not be read behind the others. */
export function environmentsOf(root: ManifestObject): readonly string[] {
  const all = objectAt(root, 'environments')
  return [...(all?.entries.keys() ?? []), ...(all?.unread ?? [])]
}

/** What an environment says; undefined where there is none of that name, or nothing of it could be read. */
export const environmentNode = (root: ManifestObject, name: string): ManifestObject | undefined =>
  objectAt(objectAt(root, 'environments'), name)

/** What is wrong with the environment that was asked for, if anything. */
export function environmentProblem(root: ManifestObject, asked: string | undefined): InputProblem | undefined {
  if (root.unread.includes('environments')) return undefined
  const known = environmentsOf(root)
  if (asked === undefined) {
    return known.length === 0 ? undefined : invalid('env', '--env', `is needed: the manifest has ${known.join(', ')}`)
  }
  if (known.includes(asked)) return undefined
  const meant = suggest(asked, known)
  const has = known.length === 0 ? 'The manifest has none' : `The manifest has ${known.join(', ')}`
  return invalid('env', `--env ${asked}`, `is not an environment.${meant ? ` Did you mean ${meant}?` : ''} ${has}`)
}

/**
 * Environments that are the same namespace, so that each run of one undoes what the other made. Where the file leaves the
 * namespace to be named after subscription and resource group, it has to say the subscription for that to be known.
 */
export function sharedNamespaces(root: ManifestObject): readonly ManifestProblem[] {
  const seen = new Map<string, string>()
  return [...(objectAt(root, 'environments')?.entries.keys() ?? [])].flatMap((name) => {
    const target = targetOf(root, name)
    if (!target) return []
    const other = seen.get(target.key)
    seen.set(target.key, other ?? name)
    if (other === undefined) return []
    return [
      { ...target.at, message: `is the namespace of environments.${other} too: one would undo what the other makes` },
    ]
  })
}

function targetOf(root: ManifestObject, name: string): { readonly key: string; readonly at: Spot } | undefined {
  const own = environmentNode(root, name)
  const unread = [...root.unread, ...(own?.unread ?? [])]
  if (!own || (['subscription', 'resourceGroup', 'namespace'] as const).some((key) => unread.includes(key)))
    return undefined
  const said = (key: string) => valueAt(own, key) ?? valueAt(root, key)
  const [namespace, subscription] = [said('namespace'), said('subscription')]
  if (!namespace && !subscription) return undefined
  const group = said('resourceGroup')?.text ?? DEFAULTS.resourceGroup
  const key = [subscription?.text ?? '', group, namespace?.text ?? ''].map(nameKeyOf).join('\n')
  return { key, at: (valueAt(own, 'namespace') ?? own).at }
}
