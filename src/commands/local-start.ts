import { parseFaults } from '../local/arm/faults.ts'
import type { LocalArmOptions } from '../local/arm/server.ts'
import { startDetached } from '../local/launcher.ts'
import { startService, type Companion, type CompanionInputs } from '../local/service.ts'
import { EXIT, type ExitCode } from '../lib/errors.ts'
import { argvOf } from '../spec/command-line.ts'
import { dataFolderOf } from './local-endpoint.ts'
import { tellStatus } from './local.ts'
import type { Session } from './session.ts'
import { problemsError } from './settle.ts'

/** Runs the embedded Azure here until it is told to end, or leaves it running with `--detach`. */
export async function localStart(session: Session): Promise<ExitCode> {
  if (session.problems.length > 0) throw problemsError(session, session.problems)
  const arm = switchesOf(session)
  return session.inputs.detach?.value ? startBehind(session) : runHere(session, arm)
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
  const args = argvOf('local start', { ...inputs, detach: undefined, data: undefined }).slice(1)
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

async function runHere(session: Session, arm: ReturnType<typeof switchesOf>): Promise<ExitCode> {
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
  tellStatus(session, 'local start', { running: true, ...service.record })
  io.note('  Serving until Ctrl-C.')
  await untilStopped(stop)
  await service.close()
  return EXIT.ok
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
