import { said } from '../inputs/given.ts'
import { INPUTS } from '../inputs/table.ts'
import { sameName } from '../lib/names.ts'
import { withGiven, type Invocation } from './invocation.ts'
import { problemsError } from './problems-error.ts'
import type { Run } from './run.ts'

/** The inputs of a command whose argument names the hub: it is the same as the flag. Throws a `Failure` if it is not. */
export function withHubNamed({ invocation, streams }: Run): Invocation {
  const [name] = invocation.args
  if (name === undefined) return invocation
  const { given } = invocation
  const parsed = INPUTS.hub.parse(name)
  const other = given.hub?.source === 'flag' ? given.hub.value.find((hub) => !sameName(hub.name, name)) : undefined
  if (parsed.ok && !other) return withGiven(invocation, { ...given, hub: said([parsed.value], name) })
  const origin = { kind: 'flag', name: 'HUB' } as const
  const message = parsed.ok ? `contradicts --hub ${other!.name}. Give one of the two` : parsed.message
  const problem = { kind: 'invalid', input: 'hub', origin, text: name, message } as const
  throw problemsError({ invocation, streams }, [...invocation.problems, problem])
}
