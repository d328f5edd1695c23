import { said } from '../inputs/given.ts'
import { INPUTS } from '../inputs/table.ts'
import type { Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { withGiven, type Invocation } from './invocation.ts'
import { problemsError } from './problems-error.ts'
import { type Run, withInvocation } from './run.ts'
import { problemsBefore } from './settle.ts'

/**
 * What is wrong with the argument that names the hub: it is no hub, or not that of the flag. In the embedded Azure, the
 * namespace may stand before it: `ns-one/clicks`.
 */
export function hubProblems({ args: [name], given }: Invocation, { isLocal = false } = {}): readonly Problem[] {
  if (name === undefined) return []
  const hub = isLocal ? name.slice(name.indexOf('/') + 1) : name
  const parsed = INPUTS.hub.parse(hub)
  const other = given.hub?.source === 'flag' ? given.hub.value.find((one) => !sameName(one.name, hub)) : undefined
  if (parsed.ok && !other) return []
  const message = parsed.ok ? `contradicts --hub ${other!.name}. Give one of the two` : parsed.message
  return [{ kind: 'invalid', input: 'hub', origin: { kind: 'flag', name: 'HUB' }, text: name, message }]
}

/** The run of a command whose argument names the hub, as if its flag had. Throws a `Failure` with these and all problems. */
export function withHubNamed(run: Run, more: readonly Problem[] = []): Run {
  const { invocation } = run
  const [name] = invocation.args
  const problems = [...hubProblems(invocation), ...more]
  if (problems.length > 0) {
    const all = withInvocation(run, { ...invocation, problems: [...invocation.problems, ...problems] })
    throw problemsError(run, problemsBefore(all))
  }
  const parsed = name === undefined ? undefined : INPUTS.hub.parse(name)
  if (!parsed?.ok) return run
  return withInvocation(run, withGiven(invocation, { ...invocation.given, hub: said([parsed.value], name!) }))
}
