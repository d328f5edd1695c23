import { parseFaults } from '../local/arm/faults.ts'
import type { LocalArmOptions } from '../local/arm/server.ts'
import { startDetached } from '../local/launcher.ts'
import { startService } from '../local/service.ts'
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
    arm: { ...arm, onError: (error) => io.err(String(error instanceof Error ? error.stack : error)) },
  })
  tellStatus(session, 'local start', { running: true, ...service.record })
  io.note('  Serving until Ctrl-C.')
  await untilStopped(stop)
  await service.close()
  return EXIT.ok
}

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
