import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseFaults } from '../local/arm/faults.ts'
import type { LocalArmOptions } from '../local/arm/server.ts'
import { startDetached } from '../local/launcher.ts'
import { provision, type WantedNamespace } from '../local/provision.ts'
import { askHeld } from '../local/status.ts'
import { startService, type Companion, type CompanionInputs } from '../local/service.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { argvOf } from '../inputs/argv.ts'
import { invalid, writtenInput } from '../inputs/given.ts'
import { dataFolderOf } from '../run/local-endpoint.ts'
import { tellStatus } from './local.ts'
import type { Session } from '../run/session.ts'
import { problemsError } from '../run/settle.ts'

/** Runs the embedded Azure here until it is told to end, or leaves it running with `--detach`. */
export async function localStart(session: Session): Promise<ExitCode> {
  if (session.problems.length > 0) throw problemsError(session, session.problems)
  const arm = switchesOf(session)
  const wanted = await emulatorNamespace(session)
  return session.inputs.detach?.value ? startBehind(session) : runHere(session, arm, wanted)
}

function switchesOf({ inputs }: Session): Omit<LocalArmOptions, 'clock' | 'state' | 'dataPlanePort' | 'extra'> {
  return {
    ...(inputs.port && { port: inputs.port.value }),
    ...(inputs.latency && { latencyMs: inputs.latency.value }),
    ...(inputs.provisioning && { provisioningMs: inputs.provisioning.value }),
    ...(inputs.rateLimits && { rateLimits: inputs.rateLimits.value }),
    ...(inputs.fault && { faults: parseFaults(inputs.fault.value) }),
  }
}

async function startBehind(session: Session): Promise<ExitCode> {
  const { deps, inputs, io } = session
  // The process behind has another current folder.
  const config = inputs.config && { ...inputs.config, texts: [configPathOf(session)] }
  const args = argvOf('local start', { ...inputs, config, detach: undefined, data: undefined }).slice(2)
  const dataFolder = dataFolderOf(session)
  const { started, record } = await startDetached({
    host: deps.host,
    clock: deps.clock,
    dataFolder,
    args,
    signal: session.stop,
  })
  io.note(started ? '  Started.' : '  It runs already; the switches given here change nothing.')
  tellStatus(session, 'local start', { running: true, ...record })
  return EXIT.ok
}

async function runHere(
  session: Session,
  arm: ReturnType<typeof switchesOf>,
  wanted: WantedNamespace | undefined,
): Promise<ExitCode> {
  const { deps, inputs, io, stop } = session
  const service = await startService({
    host: deps.host,
    clock: deps.clock,
    version: deps.version,
    dataFolder: dataFolderOf(session),
    memory: inputs.memory?.value ?? false,
    startCompanion: (plane) => startDataPlane(session, plane),
    arm: { ...arm, onError: (error) => io.err(String(error instanceof Error ? error.stack : error)) },
  })
  try {
    if (wanted) await provision(service.record.armEndpoint, wanted)
    tellStatus(session, 'local start', { running: true, ...service.record }, await askHeld(service.record))
    io.note('  Serving until Ctrl-C.')
    await untilStopped(stop)
  } finally {
    await service.close()
  }
  return EXIT.ok
}

const configPathOf = ({ deps, inputs }: Session): string => resolve(deps.cwd, inputs.config?.value ?? '')

/** What the Config.json of the official emulator asks for; every mistake in it is told at once. */
async function emulatorNamespace(session: Session): Promise<WantedNamespace | undefined> {
  const given = session.inputs.config
  if (!given) return undefined
  const about = (flag: string, message: string) => invalid('config', flag, message)
  const text = await readFile(configPathOf(session), 'utf8').catch((error: NodeJS.ErrnoException) => {
    const because = error.code === 'ENOENT' ? 'does not exist' : `cannot be read: ${error.code ?? error.message}`
    throw problemsError(session, [about(writtenInput('config', given), because)])
  })
  const { readEmulatorConfig } = await import('../local/emulator-config.ts')
  const read = readEmulatorConfig(text)
  if (read.ok) return read.namespace
  throw problemsError(
    session,
    read.problems.map(({ path, message }) => about(path === '' ? given.value : path, message)),
  )
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

/** The data plane in the same process, so that the connection string works. */
async function startDataPlane(
  session: Session,
  { directory, eventsFolder, clock }: CompanionInputs,
): Promise<Companion> {
  const { inputs, io } = session
  const { startBroker } = await import('../local/broker/broker.ts')
  const host = inputs.host?.value ?? '127.0.0.1'
  if (!LOOPBACK.test(host))
    io.err(`  Listening on ${host}: whoever reaches this machine and has a key can read and send events.`)
  const broker = await startBroker({
    directory,
    clock,
    storage: eventsFolder === undefined ? 'memory' : { folder: eventsFolder },
    host,
    durable: inputs.durable?.value ?? false,
    ...(inputs.amqpPort && { port: inputs.amqpPort.value }),
    log: (line) => io.err(`  ${line}`),
  })
  if (broker.portTaken)
    io.err(`  Port ${inputs.amqpPort?.value ?? 5672} is taken: Event Hubs clients connect to ${broker.port}`)
  return broker
}

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
