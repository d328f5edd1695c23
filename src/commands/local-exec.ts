import type { Connection } from '../engine/connection.ts'
import { constants } from 'node:os'
import type { EndSignal, Ending, ForegroundChild } from '../run/foreground.ts'
import { LOCAL_LOCATION, LOCAL_SUBSCRIPTION, startInProcess } from '../local/index.ts'
import { Failure } from '../lib/errors.ts'
import { EXIT } from '../ui/exit.ts'
import type { GivenValue, Given } from '../inputs/given.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import type { Io } from '../ui/io.ts'
import { create } from './create.ts'
import { readConnections } from '../run/read-connections.ts'
import type { Session } from '../run/session.ts'

/** How long a command that was told to end may take before it is killed. */
const GRACE_MS = 10_000

/**
 * Runs a command beside an embedded Azure of its own, which has what `create` would make and keeps nothing. The command
 * finds its way by environment variables; its exit code is ours, 128 and the number of the signal that ended it.
 */
export async function localExec(session: Session): Promise<number> {
  const [command, ...args] = session.args
  if (command === undefined) throw noCommand()
  const { deps, io } = session
  const azure = await startInProcess({ clock: deps.clock, log: (line) => io.note(`  ${line}`) })
  try {
    const inside = sessionInside(session, azure.armEndpoint)
    const exitCode = await create(inside)
    if (exitCode !== EXIT.ok) return exitCode
    const { connections } = await readConnections(inside)
    session.stop.throwIfAborted()
    const ending = await runCommand(session, command, args, { ...deps.env, ...variablesOf(connections, inside) })
    return exitCodeOf(ending, command)
  } finally {
    await azure.close()
  }
}

/** This run as one that creates in the new Azure, and says nothing unless it fails. */
function sessionInside(session: Session, armEndpoint: string): Session {
  const { inputs } = session
  const made = <T>(value: T, texts: readonly string[] = []): GivenValue<T> => ({ value, source: 'flag', texts })
  const fixed: Given = {
    ...{ tenant: undefined, cloud: undefined, auth: undefined, policy: undefined, local: undefined },
    subscription: made(LOCAL_SUBSCRIPTION.subscriptionId, [LOCAL_SUBSCRIPTION.subscriptionId]),
    location: inputs.location ?? made(LOCAL_LOCATION, [LOCAL_LOCATION]),
    yes: made(true),
    noConnection: made(true),
    ci: made('off', ['off']),
  }
  const silent = () => undefined
  const io: Io = {
    ...session.io,
    ...{ json: false, canPrompt: false, canAnimate: false, progress: 'none', quiet: true, out: silent },
    ...(session.io.debug ? {} : { note: silent }),
  }
  const deps = { ...session.deps, env: { ...session.deps.env, ML_INGEST_ARM_ENDPOINT: armEndpoint } }
  return { ...session, deps, io, inputs: { ...inputs, ...fixed } }
}

/** What the command finds in its environment: the first hub under the usual names, each of several under its own. */
function variablesOf(connections: readonly Connection[], { deps }: Session): Readonly<Record<string, string>> {
  const [first] = connections
  if (!first) return {}
  const stringOf = ({ sign }: Connection) => (sign.kind === 'sas' ? sign.connectionString.reveal() : '')
  const own = connections.length < 2 ? [] : connections
  return {
    EVENTHUB_CONNECTION_STRING: stringOf(first),
    EVENTHUB_NAME: first.hub,
    EVENTHUB_CONSUMER_GROUP: first.consumerGroups[0] ?? DEFAULT_CONSUMER_GROUP,
    ...Object.fromEntries(
      own.map((one) => [`EVENTHUB_CONNECTION_STRING_${one.hub.toUpperCase().replace(/\W/g, '_')}`, stringOf(one)]),
    ),
    ML_INGEST_ARM_ENDPOINT: deps.env['ML_INGEST_ARM_ENDPOINT'] ?? '',
    AZURE_SUBSCRIPTION_ID: first.subscriptionId,
    ML_INGEST_RESOURCE_GROUP: first.resourceGroup,
    ML_INGEST_NAMESPACE: first.namespace,
  }
}

async function runCommand(
  { deps }: Session,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ending> {
  const ended = new AbortController()
  let isEnding = false
  const onSignal = (signal: EndSignal, child: ForegroundChild) => {
    // A terminal tells everybody in the foreground of Ctrl-C; a second time would be one too many.
    if (signal === 'SIGINT') return deps.stdin.isTTY ? undefined : child.kill(signal)
    child.kill(isEnding ? 'SIGKILL' : signal)
    isEnding = true
    deps.clock.sleep(GRACE_MS, ended.signal).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
  }
  try {
    return await deps.runForeground(command, args, { env, cwd: deps.cwd, onSignal })
  } finally {
    ended.abort()
  }
}

/** As a shell: https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
function exitCodeOf(ending: Ending, command: string): number {
  switch (ending.kind) {
    case 'code':
      return ending.code
    case 'signal':
      return 128 + constants.signals[ending.signal]
    case 'failed':
      throw new Failure({
        code: 'usage',
        message: `Can't run ${command}`,
        why: [ending.reason === 'ENOENT' ? 'There is no such command.' : `The system says ${ending.reason}.`],
        hint: 'Check its name and the PATH.',
      })
  }
}

const noCommand = (): Failure =>
  new Failure({
    code: 'usage',
    message: "Can't run anything: no command is given",
    hint: 'Put it behind --, as in: npx ml-ingest local exec -- npm test',
  })
