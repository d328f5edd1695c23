import { createHash } from 'node:crypto'
import { Failure } from '../../lib/errors.ts'
import { isDeviceName, sameName } from '../../lib/names.ts'
import { CommittedOffsets } from './committed-offsets.ts'
import { Cursors } from './cursors.ts'
import type { Folder } from './files.ts'
import { Ledger } from './ledger.ts'
import { PartitionLog, type PartitionOptions } from './partition-log.ts'
import { Scratch } from './record.ts'
import { parseSegmentName } from './segment.ts'

/** The layout of the files. A newer one is left alone. In format 1 records had no numbers, and before 3 there were no batches. */
const FORMAT = 3
/** Since this format there is a ledger. */
const LEDGER_FORMAT = 2
const DESCRIPTION_FILE = 'hub.json'
/** Beside the folders of the partitions, whose names are numbers. */
const OFFSETS_FOLDER = 'offsets'
const LONGEST_FOLDER_NAME = 80

/** A hub as the log knows it. Name and time of its creation together tell it from one that was deleted. */
export interface LoggedHub {
  readonly namespace: string
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
}

interface Description {
  readonly format: number
  readonly namespace: string
  readonly name: string
  readonly createdAt: number
}

export type StoreOptions = Pick<PartitionOptions, 'durable' | 'log' | 'maxBytes' | 'unpack'>

/** What all partitions have in common. */
type SharedOptions = StoreOptions & Pick<PartitionOptions, 'scratch'>

/**
 * All logs: `<namespace>/<hub>/<partition>/<segments>`, and beside the partitions what their readers keep. A hub that was
 * deleted and created again starts empty.
 */
export class LogStore {
  readonly #root: Folder
  readonly #options: SharedOptions
  readonly #hubs = new Map<string, HubLog>()
  /** Hubs with events that nobody has asked for since the start. */
  readonly #unopened = new Set<string>()
  #isClosed = false

  constructor(root: Folder, options: StoreOptions) {
    this.#root = root
    this.#options = { ...options, scratch: new Scratch() }
  }

  /** Throws as `adopt` does. */
  partition(hub: LoggedHub, partition: number): PartitionLog {
    return this.#hub(hub).partition(partition)
  }

  /** The named cursors of a hub. Throws as `adopt` does. */
  cursors(hub: LoggedHub): Cursors {
    return this.#hub(hub).cursors
  }

  /** What groups of readers have committed in a hub. Throws as `adopt` does. */
  committedOffsets(hub: LoggedHub): CommittedOffsets {
    return this.#hub(hub).committedOffsets
  }

  /**
   * Compares what is stored with the hubs at a start. Events that belong to none of them are set aside and reported: the hub
   * was deleted just before a crash, or the state of the resources is not the one that the events came with. Throws
   * Failure `local-state` where it is not known whose the events are. Those stay.
   */
  adopt(hubs: readonly LoggedHub[]): void {
    this.#dispose(hubs, (namespace, name) => {
      const parent = this.#root.folder(namespace)
      if (!holdsEvents(parent.folder(name))) return parent.remove(name)
      const aside = firstFree(parent.list(), name)
      parent.rename(name, aside)
      this.#options.log(
        `${keyOf(namespace, name)}: these events belong to no present hub. They were set aside in ${parent.pathOf(aside)}`,
      )
    })
    for (const hub of hubs) if (this.storedPartitions(hub).length > 0) this.#unopened.add(keyOfHub(hub))
  }

  /**
   * Removes the events of hubs that are not among `hubs` any more, or were deleted and made again. Throws as `adopt` does.
   */
  reconcile(hubs: readonly LoggedHub[]): void {
    this.#dispose(hubs, (namespace, name) => this.#remove(namespace, name))
  }

  /** Disposes of each stored hub that is not among `hubs`. */
  #dispose(hubs: readonly LoggedHub[], dispose: (namespace: string, name: string) => void): void {
    const wanted = new Map<string, Map<string, LoggedHub>>()
    for (const hub of hubs) {
      const namespace = folderName(hub.namespace)
      const ofNamespace = wanted.get(namespace) ?? new Map<string, LoggedHub>()
      wanted.set(namespace, ofNamespace.set(folderName(hub.name), hub))
    }
    for (const namespace of this.#root.list()) {
      const folder = this.#root.folder(namespace)
      for (const name of folder.list().filter((one) => !isAside(one))) {
        const hub = wanted.get(namespace)?.get(name)
        if (!hub || readDescription(folder.folder(name), hub)?.createdAt !== hub.createdAt) dispose(namespace, name)
      }
      if (!wanted.has(namespace) && folder.list().length === 0) this.#root.remove(namespace)
    }
  }

  /** The partitions of a hub that have been stored, in no order. */
  storedPartitions(hub: LoggedHub): readonly number[] {
    return this.#root
      .folder(folderName(hub.namespace))
      .folder(folderName(hub.name))
      .list()
      .filter(isPartition)
      .map(Number)
  }

  /** The bytes of the events of a hub; undefined while some of its partitions are not open. No file is read. */
  bytesOf(hub: LoggedHub): number | undefined {
    const key = keyOfHub(hub)
    const open = this.#hubs.get(key)
    if (open?.createdAt === hub.createdAt) return open.bytes
    return this.#unopened.has(key) ? undefined : 0
  }

  /** For good: the folder may be another process's from now on. */
  close(): void {
    this.#isClosed = true
    for (const hub of this.#hubs.values()) hub.close()
    this.#hubs.clear()
  }

  #hub(hub: LoggedHub): HubLog {
    if (this.#isClosed) throw new Error('The events are closed')
    const key = keyOfHub(hub)
    const open = this.#hubs.get(key)
    if (open?.createdAt === hub.createdAt) return open
    const locate = () => this.#root.folder(folderName(hub.namespace)).folder(folderName(hub.name))
    const stored = open ? undefined : readDescription(locate(), hub)
    const isOurs = stored?.createdAt === hub.createdAt
    if (!isOurs) this.#remove(folderName(hub.namespace), folderName(hub.name))
    // An earlier version would take the records of this one for damage.
    if (!isOurs || stored.format < FORMAT) {
      const { namespace, name, createdAt } = hub
      locate().writeText(
        DESCRIPTION_FILE,
        JSON.stringify({ format: FORMAT, namespace, name, createdAt } satisfies Description),
      )
    }
    const opened = new HubLog(locate(), hub, this.#options, isOurs && stored.format >= LEDGER_FORMAT)
    this.#hubs.set(key, opened)
    this.#unopened.delete(key)
    return opened
  }

  #remove(namespace: string, name: string): void {
    const key = keyOf(namespace, name)
    this.#hubs.get(key)?.close()
    this.#hubs.delete(key)
    this.#unopened.delete(key)
    const parent = this.#root.folder(namespace)
    if (holdsEvents(parent.folder(name))) this.#options.log(`${key}: removed its events, as the hub was deleted`)
    parent.remove(name)
  }
}

class HubLog {
  readonly createdAt: number
  readonly #folder: Folder
  readonly #hub: LoggedHub
  readonly #options: SharedOptions
  readonly #partitions = new Map<number, PartitionLog>()
  readonly #unopened: Set<number>
  readonly #ledger: Ledger
  #cursors: Cursors | undefined
  #committedOffsets: CommittedOffsets | undefined

  constructor(folder: Folder, hub: LoggedHub, options: SharedOptions, hasLedger: boolean) {
    this.createdAt = hub.createdAt
    this.#folder = folder
    this.#hub = hub
    this.#options = options
    this.#unopened = new Set(folder.list().filter(isPartition).map(Number))
    this.#ledger = new Ledger(folder, options.log, this.#unopened.size > 0 && hasLedger)
  }

  get cursors(): Cursors {
    return (this.#cursors ??= new Cursors(this.#folder, this.#options.log))
  }

  get committedOffsets(): CommittedOffsets {
    return (this.#committedOffsets ??= new CommittedOffsets(this.#folder.folder(OFFSETS_FOLDER), this.#options))
  }

  partition(partition: number): PartitionLog {
    const open = this.#partitions.get(partition)
    if (open) return open
    const label = `${this.#hub.namespace}/${this.#hub.name} partition ${partition}`
    const log = new PartitionLog(this.#folder.folder(String(partition)), {
      ...{ ...this.#options, label, given: this.#ledger.of(partition) },
      onGivenOut: () => this.#keepLedger(),
    })
    this.#partitions.set(partition, log)
    this.#unopened.delete(partition)
    return log
  }

  /** Undefined while a stored partition is not open. */
  get bytes(): number | undefined {
    if (this.#unopened.size > 0) return undefined
    return [...this.#partitions.values()].reduce((sum, log) => sum + log.state().bytes, 0)
  }

  close(): void {
    for (const partition of this.#partitions.values()) partition.close()
    this.#keepLedger()
  }

  #keepLedger(): boolean {
    return this.#ledger.keep([...this.#partitions].map(([partition, { givenOut }]) => [partition, givenOut]))
  }
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`

const keyOfHub = ({ namespace, name }: LoggedHub): string => keyOf(folderName(namespace), folderName(name))

/** A name for every file system: short, in lower case, and none that Windows reserves for devices. */
export function folderName(name: string): string {
  const lower = name.toLowerCase()
  if (lower.length <= LONGEST_FOLDER_NAME && !isDeviceName(lower)) return lower
  const hash = createHash('sha256').update(lower).digest('hex').slice(0, 16)
  return `${lower.slice(0, LONGEST_FOLDER_NAME - 17).replaceAll('.', '_')}~${hash}`
}

const isPartition = (name: string): boolean => /^\d+$/.test(name)

/** Events that were set aside: `clicks+1`. No hub has a `+` in its name. */
const isAside = (name: string): boolean => name.includes('+')

function firstFree(taken: readonly string[], name: string): string {
  for (let i = 1; ; i++) if (!taken.includes(`${name}+${i}`)) return `${name}+${i}`
}

/** What the folder of a hub says of its events; undefined when it holds none. Throws Failure `local-state` as `adopt` does. */
function readDescription(folder: Folder, hub: LoggedHub): Description | undefined {
  const text = folder.readText(DESCRIPTION_FILE)
  const read = text === undefined ? 'is missing' : parse(text, hub)
  if (typeof read === 'object') return read
  // A crash between the folder and the file, before any event.
  if (!holdsEvents(folder)) return undefined
  throw new Failure({
    code: 'local-state',
    message: `Can't use the stored events: ${folder.pathOf(DESCRIPTION_FILE)} ${read}`,
    why: ['That file says which event hub the events beside it belong to. They were left as they are.'],
    hint: 'Restore the file. To continue with an empty event hub, move the folder of the file to another place.',
  })
}

/** What the file says, or what is wrong with it. We never leave half of one, because a rename puts it in place. */
function parse(text: string, hub: LoggedHub): Description | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'is not JSON'
  }
  const { format, namespace, name, createdAt } = (value ?? {}) as Partial<Description>
  if (typeof format === 'number' && format > FORMAT) return `has format ${format}; this version reads format ${FORMAT}`
  if (
    typeof format !== 'number' ||
    typeof createdAt !== 'number' ||
    typeof namespace !== 'string' ||
    typeof name !== 'string'
  )
    return 'does not name a hub'
  if (!sameName(namespace, hub.namespace) || !sameName(name, hub.name)) return `names another hub, ${namespace}/${name}`
  return value as Description
}

/** Whether a hub's folder holds a segment with anything in it. */
const holdsEvents = (hub: Folder): boolean =>
  hub
    .list()
    .filter(isPartition)
    .map((partition) => hub.folder(partition))
    .some((partition) =>
      partition.list().some((name) => parseSegmentName(name) !== undefined && partition.file(name).size > 0),
    )
