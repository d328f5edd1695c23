import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
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
import { Failure } from '../lib/errors.ts'
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
  const arm = await switchesOf(session)
  const wanted = await emulatorNamespace(session)
  return session.inputs.detach?.value ? startBehind(session) : runHere(session, arm, wanted)
}

async function switchesOf({ inputs }: Session): Promise<ArmSwitches> {
  return {
    ...(inputs.port && { port: inputs.port.value }),
    ...(inputs.latency && { latencyMs: inputs.latency.value }),
    ...(inputs.provisioning && { provisioningMs: inputs.provisioning.value }),
    ...(inputs.rateLimits && { rateLimits: inputs.rateLimits.value }),
    ...(inputs.fault && { faults: await faultsOf(inputs.fault.value) }),
  }
}

async function faultsOf(texts: readonly string[]): Promise<ArmSwitches['faults'] & object> {
  const { faults, mistakes } = await readFaults(texts)
  if (mistakes.length === 0) return faults
  throw new Failure({
    code: 'usage',
    message: "Can't read --fault",
    problems: mistakes.map(({ text, message }) => ({
      ...{ kind: 'invalid', input: 'fault', message },
      flag: `--fault ${text}`,
    })),
  })
}

async function startBehind(session: Session): Promise<ExitCode> {
  const { deps, inputs, io } = session
  // The process behind has another current folder.
  const config = inputs.config && { ...inputs.config, texts: [configPathOf(session)] }
  const switches = argvOf('local start', { ...inputs, config, detach: undefined, data: undefined }).slice(2)
  const dataFolder = dataFolderOf(session)
  const { started, record } = await startDetached({
    host: deps.host,
    clock: deps.clock,
    dataFolder,
    args: ['local', 'start', '--data', dataFolder, ...switches],
    signal: session.stop,
  })
  io.note(started ? '  Started.' : '  It runs already; the switches given here change nothing.')
  tellStatus(session, 'local start', { running: true, ...record })
  return EXIT.ok
}

async function runHere(session: Session, arm: ArmSwitches, wanted: WantedNamespace | undefined): Promise<ExitCode> {
  const { deps, inputs, io, stop } = session
  const host = inputs.host?.value
  if (host !== undefined && !LOOPBACK.test(host))
    io.err(`  Listening on ${host}: whoever reaches this machine and has a key can read and send events.`)
  const service = await startService({
    host: deps.host,
    clock: deps.clock,
    version: deps.version,
    dataFolder: dataFolderOf(session),
    memory: inputs.memory?.value ?? false,
    arm: { ...arm, onError: (error) => io.err(String(error instanceof Error ? error.stack : error)) },
    dataPlane: {
      ...(host !== undefined && { host }),
      ...(inputs.amqpPort && { ports: { amqp: inputs.amqpPort.value } }),
      durable: inputs.durable?.value ?? false,
    },
    log: (line) => io.err(`  ${line}`),
  })
  tellPorts(session, service)
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
  const read = await readEmulatorConfig(text)
  if (read.ok) return read.namespace
  throw problemsError(
    session,
    read.problems.map(({ path, message }) => about(path === '' ? given.value : path, message)),
  )
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

function tellPorts({ inputs, io }: Session, { listeners }: LocalService): void {
  for (const { port, portTaken } of listeners) {
    if (portTaken) io.err(`  Port ${inputs.amqpPort?.value ?? 5672} is taken: Event Hubs clients connect to ${port}`)
  }
}

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
