import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { argvOf } from '../inputs/argv.ts'
import { invalid, type Given } from '../inputs/given.ts'
import type { Problem } from '../lib/errors.ts'
import {
  askHeld,
  provision,
  readEmulatorConfig,
  readFaults,
  startDetached,
  startService,
  type ArmSwitches,
  type LocalService,
  type WantedNamespace,
} from '../local/index.ts'
import type { Invocation } from '../run/invocation.ts'
import { dataFolderOf } from '../run/local-azure.ts'
import type { Run, Streams } from '../run/run.ts'
import { problemsError } from '../run/settle.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { tellStatus } from './local.ts'

/** Runs the embedded Azure until it is stopped, or in the background with `--detach`. */
export async function localStart(run: Run): Promise<ExitCode> {
  const { problems, given } = run.invocation
  if (problems.length > 0) throw problemsError(run, problems)
  const arm = await switchesOf(run)
  const wanted = await emulatorNamespace(run)
  return given.detach?.value ? startInBackground(run) : runInForeground(run, arm, wanted)
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

async function startInBackground(run: Run): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { given, command } = invocation
  // The background process has another current folder.
  const config = given.config && { ...given.config, texts: [configPathOf(run)] }
  const words = argvOf(command, { ...given, config, detach: undefined, data: undefined })
  const dataFolder = dataFolderOf(invocation, deps)
  const { started, record } = await startDetached({
    ...{ host: deps.host, clock: azure.clock, dataFolder, signal: azure.stop },
    args: [...words, '--data', dataFolder],
  })
  streams.io.note(started ? '  Started.' : '  It is already running. Switches given here have no effect.')
  tellStatus(run, { running: true, ...record })
  return EXIT.ok
}

async function runInForeground(run: Run, arm: ArmSwitches, wanted: WantedNamespace | undefined): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { io } = streams
  const { host, memory, amqpPort, durable, maxPartitionSize } = invocation.given
  const service = await startService({
    ...{ host: deps.host, clock: azure.clock, version: deps.version, dataFolder: dataFolderOf(invocation, deps) },
    memory: memory?.value ?? false,
    arm: { ...arm, onError: (error) => io.err(String(error instanceof Error ? error.stack : error)) },
    dataPlane: {
      ...(host && { host: host.value }),
      ...(amqpPort && { ports: { amqp: amqpPort.value } }),
      durable: durable?.value ?? false,
      ...(maxPartitionSize && { maxPartitionBytes: maxPartitionSize.value }),
    },
    log: (line) => io.err(`  ${line}`),
  })
  if (host && !LOOPBACK.test(host.value))
    io.err(`  Listening on ${host.value}: everybody who can reach this machine and has a key can read and send events.`)
  tellPorts(invocation, streams, service)
  try {
    if (wanted) await provision(service.record.armEndpoint, wanted)
    tellStatus(run, { running: true, ...service.record }, await askHeld(service.record))
    io.note('  Serving until Ctrl-C.')
    await untilStopped(azure.stop)
  } finally {
    await service.close()
  }
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
  if (read.ok) return read.namespace
  throw problemsError(
    run,
    read.problems.map(({ path, message }) => problem(`${path} ${message}`.trim())),
  )
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

function tellPorts({ given }: Invocation, { io }: Streams, { listeners }: LocalService): void {
  for (const { port, portTaken } of listeners) {
    if (portTaken) io.err(`  Port ${given.amqpPort?.value ?? 5672} is taken: Event Hubs clients connect to ${port}`)
  }
}

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
