import {
  askHeld,
  localStatus,
  resetLocal,
  stopLocal,
  type Held,
  type HubHeld,
  type LocalStatus,
} from '../local/index.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import type { LocalCommand, LocalStatus as StatusEntry } from '../ui/document-types.ts'
import { localDocument, stringifyDocument } from '../ui/documents.ts'
import { formatBytes, formatCount } from '../ui/numbers.ts'
import { count, row } from '../ui/text.ts'
import { dataFolderOf } from '../run/local-endpoint.ts'
import type { Session } from '../run/session.ts'
import { problemsError } from '../run/settle.ts'

/** `local stop`, `status` and `reset`. */
export async function local(session: Session, command: Exclude<LocalCommand, 'local start'>): Promise<ExitCode> {
  if (session.problems.length > 0) throw problemsError(session, session.problems)
  const inputs = {
    host: session.deps.host,
    clock: session.deps.clock,
    dataFolder: dataFolderOf(session),
    signal: session.stop,
  }
  switch (command) {
    case 'local status': {
      const status = await localStatus(inputs)
      tellStatus(session, command, status, status.running ? await askHeld(status) : undefined)
      break
    }
    case 'local stop': {
      const { stopped, pid } = await stopLocal(inputs)
      tell(
        session,
        command,
        stopped
          ? `Stopped the embedded Azure, process ${pid}. What it holds stays.`
          : 'The embedded Azure does not run.',
      )
      break
    }
    case 'local reset': {
      const { removed } = await resetLocal(inputs)
      tell(
        session,
        command,
        removed ? `Removed all that the embedded Azure held in ${inputs.dataFolder}` : 'There was nothing to remove.',
      )
    }
  }
  return EXIT.ok
}

/** What was done, as one line; the document says how things stand after it. */
function tell(session: Session, command: LocalCommand, text: string): void {
  const { io } = session
  if (io.json)
    io.out(stringifyDocument(localDocument(command, entryOf({ running: false, dataFolder: dataFolderOf(session) }))))
  else io.note(`  ${text}`)
}

/** How things stand, on stdout. */
export function tellStatus({ io }: Session, command: LocalCommand, status: LocalStatus, held?: Held): void {
  if (io.json) return io.out(stringifyDocument(localDocument(command, entryOf(status, held))))
  const rows: readonly (readonly [string, string])[] = status.running
    ? [
        ['Embedded Azure', 'running'],
        ['Resource Manager', status.armEndpoint],
        ['Event Hubs', dataEndpointOf(status) ?? 'localhost:'],
        ['Data folder', status.dataFolder],
        ['Process', String(status.pid)],
        ['Since', formatTime(status.startedAt)],
        ['Version', status.version],
        ...(held ? rowsOf(held) : []),
      ]
    : [
        ['Embedded Azure', 'not running'],
        ['Data folder', status.dataFolder],
      ]
  io.out(rows.flatMap(([label, text]) => row(label, text, io.width, 18)).join('\n'))
}

/** `2026-11-23 10:00:00 UTC`, of what JSON says. */
const formatTime = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')

const rowsOf = ({ connections, hubs }: Held): readonly (readonly [string, string])[] => [
  ['Clients', connections === 0 ? 'none connected' : `${connections} connected`],
  ...hubs.map((hub, i) => [i === 0 ? 'Hubs' : '', hubText(hub)] as const),
]

function hubText(hub: HubHeld): string {
  const links = [
    ...(hub.senders > 0 ? [count(hub.senders, 'sender')] : []),
    ...(hub.receivers > 0 ? [count(hub.receivers, 'receiver')] : []),
  ]
  const events = `${formatCount(hub.events)} ${hub.events === 1 ? 'event' : 'events'}, ${formatBytes(hub.bytes)}`
  return [
    `${hub.namespace}/${hub.name}: ${count(hub.partitions, 'partition')}`,
    ...(hub.status === 'Active' ? [] : [hub.status]),
    events,
    ...links,
    `groups ${hub.consumerGroups.join(' ')}`,
  ].join(', ')
}

/** Where Event Hubs clients connect. */
function dataEndpointOf(status: LocalStatus): string | undefined {
  const amqp = status.running ? status.listeners.find(({ protocol }) => protocol === 'amqp') : undefined
  return amqp && `localhost:${amqp.port}`
}

const entryOf = (status: LocalStatus, held?: Held): StatusEntry => ({
  running: status.running,
  armEndpoint: status.running ? status.armEndpoint : null,
  dataEndpoint: dataEndpointOf(status) ?? null,
  dataFolder: status.dataFolder,
  pid: status.running ? status.pid : null,
  version: status.running ? status.version : null,
  connections: held?.connections ?? null,
  hubs: held?.hubs ?? [],
})
