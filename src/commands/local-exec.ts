import { KAFKA_USER, type Connection } from '../engine/connection.ts'
import { constants } from 'node:os'
import type { EndSignal, Ending, ForegroundChild } from '../run/foreground.ts'
import { LOCAL_LOCATION, LOCAL_SUBSCRIPTION, startInProcess } from '../local/index.ts'
import { Failure } from '../lib/errors.ts'
import { EXIT } from '../ui/exit.ts'
import { type Given, said } from '../inputs/given.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import type { Io } from '../ui/io.ts'
import { create } from './create.ts'
import { readConnections } from '../run/connections.ts'
import { appendFile } from 'node:fs/promises'
import { wantedOf } from '../resources/front-door.ts'
import type { Deps } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import { waitFor } from '../run/wait.ts'
import { openCi } from '../ui/ci.ts'

/** How long a command may take to end after a signal, before it is killed. */
const GRACE_MS = 10_000

/**
 * Runs a command with a temporary embedded Azure that has the resources of `create`, and with environment variables for
 * the connection. Answers the exit code of the command, or 128 plus the number of the signal that ended it.
 */
export async function localExec(run: Run): Promise<number> {
  const [command, ...args] = run.invocation.args
  if (command === undefined) throw noCommand()
  const { streams, azure, deps } = run
  const log = (line: string) => streams.io.note(`  ${line}`)
  const enforceLimits = run.invocation.given.enforceLimits?.value ?? false
  const embedded = await waitFor(run, STARTING, () => startInProcess({ clock: azure.clock, enforceLimits, log }))
  try {
    const inner = innerRun(run, embedded.armEndpoint)
    const exitCode = await waitFor(run, 'Making the hubs', () => create(inner))
    if (exitCode !== EXIT.ok) return exitCode
    const { connections } = await readConnections(inner, 'show-connection')
    azure.stop.throwIfAborted()
    const variables = variablesOf(connections, embedded.armEndpoint)
    const ending = await runCommand(deps, command, args, { ...deps.env, ...variables })
    return exitCodeOf(ending, command)
  } finally {
    await embedded.close()
  }
}

const STARTING = 'Starting an embedded Azure for the command'

/** The run for `create` in the temporary Azure, which prints only errors. */
function innerRun({ invocation, streams, azure, deps }: Run, armEndpoint: string): Run {
  const { subscriptionId } = LOCAL_SUBSCRIPTION
  const given: Given = {
    ...invocation.given,
    subscription: said(subscriptionId, subscriptionId),
    location: said(LOCAL_LOCATION, LOCAL_LOCATION),
    yes: said(true),
    noConnection: said(true),
    // It runs already.
    enforceLimits: said(false),
  }
  const wanted = wantedOf(given, invocation.below, invocation.problems)
  const silent = () => undefined
  const io: Io = {
    ...streams.io,
    ...{ json: false, canPrompt: false, canAnimate: false, progress: 'none', quiet: true, out: silent },
    ...(streams.io.debug ? {} : { note: silent }),
  }
  const env = { ...deps.env, ML_INGEST_ARM_ENDPOINT: armEndpoint }
  const ci = openCi({ choice: 'off', env, io, appendFile })
  return {
    invocation: { ...invocation, given, wanted: { ...wanted, tenant: undefined, policy: undefined } },
    streams: { ...streams, io, ci },
    azure,
    deps: { ...deps, env },
  }
}

/** Environment variables for the command: the first hub under the usual names, several hubs also under their own. */
function variablesOf(connections: readonly Connection[], armEndpoint: string): Readonly<Record<string, string>> {
  const [first] = connections
  if (!first) return {}
  const stringOf = ({ sign }: Connection) => (sign.kind === 'sas' ? sign.connectionString.reveal() : '')
  const own = connections.length < 2 ? [] : connections
  const { kafka } = first
  return {
    EVENTHUB_CONNECTION_STRING: stringOf(first),
    EVENTHUB_NAME: first.hub,
    ...(kafka && {
      KAFKA_BOOTSTRAP_SERVERS: kafka.servers,
      KAFKA_SECURITY_PROTOCOL: kafka.protocol,
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: KAFKA_USER,
      KAFKA_SASL_PASSWORD: stringOf(first),
    }),
    EVENTHUB_CONSUMER_GROUP: first.consumerGroups[0] ?? DEFAULT_CONSUMER_GROUP,
    ...Object.fromEntries(
      own.map((one) => [`EVENTHUB_CONNECTION_STRING_${one.hub.toUpperCase().replace(/\W/g, '_')}`, stringOf(one)]),
    ),
    ML_INGEST_ARM_ENDPOINT: armEndpoint,
    AZURE_SUBSCRIPTION_ID: first.subscriptionId,
    ML_INGEST_RESOURCE_GROUP: first.resourceGroup,
    ML_INGEST_NAMESPACE: first.namespace,
  }
}

async function runCommand(
  deps: Deps,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ending> {
  const ended = new AbortController()
  let isEnding = false
  const onSignal = (signal: EndSignal, child: ForegroundChild) => {
    // A terminal sends Ctrl-C to the command too, so it must not get it twice.
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

/** Like a shell: https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
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
    hint: 'Put it after --, as in: npx ml-ingest local exec -- npm test',
  })
