import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { argvOf } from '../inputs/argv.ts'
import { startProblems } from '../inputs/contradictions.ts'
import { invalid, type Given } from '../inputs/given.ts'
import { command } from '../inputs/refer.ts'
import { INPUTS } from '../inputs/table.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import { Secret } from '../lib/secret.ts'
import {
  askHeld,
  emulatorConnection,
  isDetached,
  readEmulatorConfig,
  readFaults,
  startDetached,
  startService,
  type ArmSwitches,
  type Held,
  type LocalRecord,
  type WantedNamespace,
} from '../local/index.ts'
import { dataFolderOf, notAsAsked } from '../run/local-azure.ts'
import type { Run } from '../run/run.ts'
import { storageForgotten, storageOf, storageVariables } from '../run/storage.ts'
import { waitFor } from '../run/wait.ts'
import { problemsError } from '../run/problems-error.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { tellStatus } from './local.ts'

/** Runs the embedded Azure until it is stopped, or in the background with `--detach`. */
export async function localStart(run: Run): Promise<ExitCode> {
  const { given } = run.invocation
  const problems = [...run.invocation.problems, ...startProblems(given)]
  if (problems.length > 0) throw problemsError(run, problems)
  const arm = await switchesOf(run)
  const wanted = await emulatorNamespace(run)
  return given.detach?.value ? startInBackground(run, wanted) : runInForeground(run, arm, wanted)
}

async function switchesOf(run: Run): Promise<ArmSwitches> {
  const { port, latency, provisioning, rateLimits, fault } = run.invocation.given
  return {
    ...(port && { port: port.value }),
    ...(latency && { latencyMs: latency.value }),
    ...(provisioning && { provisioningMs: provisioning.value }),
    ...(rateLimits && { rateLimits: rateLimits.value }),
    ...(fault && { faults: await faultsOf(run, fault) }),
  }
}

async function faultsOf(run: Run, fault: NonNullable<Given['fault']>): Promise<ArmSwitches['faults'] & object> {
  const { faults, mistakes } = await readFaults(fault.value)
  if (mistakes.length === 0) return faults
  throw problemsError(
    run,
    mistakes.map(({ text, message }) => invalid('fault', fault, message, text)),
  )
}

const STARTING = 'Starting the embedded Azure'

async function startInBackground(run: Run, wanted: WantedNamespace | undefined): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { given, command } = invocation
  // The background process has another current folder.
  const config = given.config && { ...given.config, texts: [configPathOf(run)] }
  const words = argvOf(command, { ...given, config, detach: undefined, data: undefined })
  const dataFolder = dataFolderOf(invocation, deps)
  const { started, record } = await waitFor(run, STARTING, () =>
    startDetached({
      ...{ host: deps.host, clock: azure.clock, dataFolder, signal: azure.stop },
      args: [...words, '--data', dataFolder],
      variables: storageVariables(given),
    }),
  )
  const differences = started ? [] : notAsAsked(invocation, record)
  const isRunning = `It is already running.${differences.length > 0 ? '' : ' The flags given here have no effect.'}`
  streams.io.note(`  ${started ? 'Started.' : isRunning}`)
  if (started) tellStart(run, record)
  for (const line of differences) streams.io.err(`  ${line}`)
  const held = await askHeld(record)
  if (wanted && !started) assertHeld(record, held, wanted)
  return tellServing(run, record, held, wanted)
}

/** Throws a `Failure` if a running embedded Azure lacks hubs of the file. */
function assertHeld({ pid, dataFolder }: LocalRecord, held: Held | undefined, wanted: WantedNamespace): void {
  const isHeld = ({ name, partitions }: WantedNamespace['hubs'][number]) =>
    held?.hubs.some((hub) => hub.namespace === wanted.name && sameName(hub.name, name) && hub.partitions === partitions)
  const lacking = wanted.hubs.filter((hub) => !isHeld(hub)).map(({ name }) => name)
  if (lacking.length === 0) return
  throw new Failure({
    code: 'local-running',
    message: `The embedded Azure already runs in ${dataFolder}, without the hubs of --config`,
    why: [`Process ${pid} was started before, and lacks: ${lacking.join(', ')}.`],
    hint: say`Run the same command again after stopping it with: ${command('local stop')}`,
  })
}

async function runInForeground(run: Run, arm: ArmSwitches, wanted: WantedNamespace | undefined): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { io } = streams
  const { host, memory, amqpPort, kafkaPort, kafkaRange } = invocation.given
  const { durable, maxPartitionSize, enforceLimits, healthPort } = invocation.given
  const service = await waitFor(run, STARTING, () =>
    startService({
      ...{ host: deps.host, clock: azure.clock, version: deps.version, dataFolder: dataFolderOf(invocation, deps) },
      memory: memory?.value ?? false,
      arm: {
        ...arm,
        ...(wanted && { namespaces: [wanted] }),
        onError: (error) => io.err(String(error instanceof Error ? error.stack : error)),
      },
      dataPlane: {
        ...(host && { host: host.value }),
        ports: { ...(amqpPort && { amqp: amqpPort.value }), ...(kafkaPort && { kafka: kafkaPort.value }) },
        ...(kafkaRange && { kafkaRange: kafkaRange.value }),
        durable: durable?.value ?? false,
        enforceLimits: enforceLimits?.value ?? false,
        ...(maxPartitionSize && { maxPartitionBytes: maxPartitionSize.value }),
        capture: { storage: storageOf(invocation.given) },
      },
      healthPort: healthPort?.value ?? (wanted && INPUTS.healthPort.default),
      log: (line) => io.err(`  ${line}`),
    }),
  )
  for (const line of storageForgotten(invocation, service.record)) io.err(`  ${line}`)
  tellExposure(run)
  try {
    await tellServing(run, service.record, await askHeld(service.record), wanted)
    io.note('  Serving until Ctrl-C.')
    await untilStopped(AbortSignal.any([azure.stop, service.stopAsked]))
  } finally {
    await service.close()
  }
  return EXIT.ok
}

/** Prints what a process in the background told at its start. */
function tellStart(run: Run, record: LocalRecord): void {
  const { notes = [] } = record
  for (const line of [...notes, ...storageForgotten(run.invocation, record)]) run.streams.io.err(`  ${line}`)
  tellExposure(run)
}

function tellExposure({ invocation: { given }, streams: { io } }: Run): void {
  if (given.host && !LOOPBACK.test(given.host.value))
    io.err(
      `  Listening on ${given.host.value}: everybody who can reach this machine and has a key can read and send events.`,
    )
}

/** Prints the state, with the connection string for the hubs of the file. A log gets no connection string. */
async function tellServing(
  run: Run,
  record: LocalRecord,
  held: Held | undefined,
  wanted: WantedNamespace | undefined,
): Promise<ExitCode> {
  const { streams, deps } = run
  const hasHubs = wanted !== undefined && wanted.hubs.length > 0 && !isDetached(deps.host)
  const connection = hasHubs ? await emulatorConnection(record) : undefined
  if (connection !== undefined) streams.ci.mask([new Secret(connection), new Secret(wanted?.rootKey ?? connection)])
  tellStatus(run, { running: true, ...record }, { held, connection })
  return EXIT.ok
}

const configPathOf = ({ invocation, deps }: Run): string => resolve(deps.cwd, invocation.given.config?.value ?? '')

/** The namespace in a Config.json of the official emulator. Reports all of its problems at once. */
async function emulatorNamespace(run: Run): Promise<WantedNamespace | undefined> {
  const { config } = run.invocation.given
  if (!config) return undefined
  const problem = (message: string): Problem => invalid('config', config, message)
  const text = await readFile(configPathOf(run), 'utf8').catch((error: NodeJS.ErrnoException) => {
    const because = error.code === 'ENOENT' ? 'does not exist' : `cannot be read: ${error.code ?? error.message}`
    throw problemsError(run, [problem(because)])
  })
  const read = await readEmulatorConfig(text)
  if (read.ok) {
    for (const { path, message } of read.warnings) run.streams.io.err(`  ${config.value}: ${path} ${message}`)
    return read.namespace
  }
  throw problemsError(
    run,
    read.problems.map(({ path, message }) => problem(`${path} ${message}`.trim())),
  )
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
