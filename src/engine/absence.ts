import { command, input } from '../inputs/refer.ts'
import { Failure } from '../lib/errors.ts'
import { findByName } from '../lib/names.ts'
import { listOf, say, type Text } from '../lib/phrase.ts'
import { suggest } from '../lib/suggest.ts'
import type { NamespaceRef } from './cloud.ts'

const USUAL_HINT = say`Name another with ${input('resourceGroup')}, ${input('namespace')} and ${input('hub')}, or make it with: ${command('create')}`

interface Telling {
  readonly why?: readonly string[]
  /** Default: to name another, or to make it. */
  readonly hint?: Text
}

/** What to throw when a command needs something that does not exist. `doing` completes "Can't": `show a connection`. */
export const absent = (
  doing: string,
  what: string,
  where: string,
  { why = [], hint = USUAL_HINT }: Telling = {},
): Failure => new Failure({ code: 'absent', message: `Can't ${doing}: there is no ${what} in ${where}`, why, hint })

export const absentNamespace = (doing: string, { namespace, group }: NamespaceRef, telling?: Telling): Failure =>
  absent(doing, `namespace ${namespace}`, `resource group ${group}`, telling)

interface Named {
  readonly name: string
}

/** The hub of that name. Throws what says which hubs the namespace has. */
export function needHub<H extends Named>(
  doing: string,
  name: string,
  { namespace, hubs }: { readonly namespace: string; readonly hubs: readonly H[] },
  telling?: Pick<Telling, 'hint'>,
): H {
  const found = findByName(hubs, name)
  if (found) return found
  const names = hubs.map((hub) => hub.name)
  const near = suggest(name, names)
  const has = names.length === 0 ? 'It has no hub.' : `It has: ${listOf(names)}.`
  const why = [...(near === undefined ? [] : [`Did you mean ${near}?`]), has]
  throw absent(doing, `hub ${name}`, `namespace ${namespace}`, { why, ...telling })
}
