import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withPath } from '../../../lib/errors.ts'
import type { Clock } from '../../../lib/clock.ts'
import { draftBeside, removeFile, writeWhole } from '../../../lib/whole-file.ts'
import {
  type Resource,
  type ResourceType,
  type State,
  emptyState,
  forgetScope,
  groupId,
  resourceId,
  resourcesOf,
} from './model.ts'
import { decodeState, encodeState } from './state-codec.ts'

/** Answers to polls are kept this long after an operation ended. */
const OPERATION_MEMORY_MS = 24 * 3_600_000

/**
 * The state in memory, in step with its storage. A change is made at once, and is in the storage after the next
 * `durable()`. Changes that come while a save runs share the next save.
 */
export class Store {
  /** The types of resource that the state keeps. */
  readonly types: readonly ResourceType[]
  readonly #clock: Clock
  readonly #storage: StateStorage
  readonly #state: State
  readonly #listeners = new Set<() => void>()
  #revision = 0
  #savedRevision = 0
  #saving: Promise<void> | undefined

  private constructor(state: State, storage: StateStorage, clock: Clock, types: readonly ResourceType[]) {
    this.types = types
    this.#state = state
    this.#storage = storage
    this.#clock = clock
  }

  /** Throws Failure when what the storage holds cannot be read. */
  static async open(storage: StateStorage, clock: Clock, types: readonly ResourceType[]): Promise<Store> {
    return new Store(await storage.load(types), storage, clock, types)
  }

  /** The state of this moment: transitions whose time has come are over. */
  get state(): State {
    this.#settle()
    return this.#state
  }

  /** Edits the state and tells the listeners. */
  change<T>(edit: (state: State) => T): T {
    this.#settle()
    const result = edit(this.#state)
    this.#revision++
    for (const listener of this.#listeners) listener()
    return result
  }

  /** The same state, in memory alone: what is changed there, is not changed here. */
  copy(): Store {
    return new Store(structuredClone(this.state), memoryStorage(), this.#clock, this.types)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when every change made so far is on the storage; rejects when the storage refuses. */
  async durable(): Promise<void> {
    const target = this.#revision
    while (this.#savedRevision < target) {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined
      })
      await this.#saving
    }
  }

  async #save(): Promise<void> {
    const revision = this.#revision
    await this.#storage.save(this.#state)
    this.#savedRevision = revision
  }

  #settle(): void {
    const now = this.#clock.now()
    const over = (until: number | undefined): boolean => until !== undefined && until <= now
    const { groups, registrations, operations } = this.#state
    for (const [key, group] of groups) {
      if (!over(group.deletingUntil)) continue
      groups.delete(key)
      forgetScope(this.#state, groupId(group))
    }
    for (const type of this.types) {
      const resources = resourcesOf(this.#state, type)
      for (const [key, resource] of resources) {
        if (!over(resource.transition?.until)) continue
        if (resource.transition?.state === 'Deleting') {
          resources.delete(key)
          forgetScope(this.#state, resourceId(type.type, resource))
        } else resources.set(key, settled(resource))
      }
    }
    for (const [key, { state, until }] of registrations) {
      if (state === 'Registering' && over(until)) registrations.set(key, { state: 'Registered', until })
      if (state === 'Unregistering' && over(until)) registrations.set(key, { state: 'NotRegistered', until })
    }
    for (const [id, { until }] of operations) if (over(until + OPERATION_MEMORY_MS)) operations.delete(id)
  }
}

function settled({ transition, ...rest }: Resource): Resource {
  return { ...rest, updatedAt: transition?.until ?? rest.updatedAt, failed: transition?.outcome === 'Failed' }
}

/** Where the state lives between two runs. */
export interface StateStorage {
  load(types: readonly ResourceType[]): Promise<State>
  /** Resolves when the state would survive a loss of power. */
  save(state: State): Promise<void>
}

/** Keeps nothing. */
export const memoryStorage = (): StateStorage => ({
  load: async (types) => emptyState(types),
  save: async () => {},
})

/**
 * Keeps the state in one file of `folder` (0700, the file 0600: it holds keys). A save writes a new file beside the old
 * one and renames it, so that at any moment the file is either the old state or the new one.
 */
export function folderStorage(folder: string, clock: Clock): StateStorage {
  const file = join(folder, 'state.json')
  return {
    load: async (types) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await removeFile(draftBeside(file))
      const text = await readFile(file, 'utf8').catch((error: unknown) => undefinedWhenAbsent(error, file))
      return text === undefined ? emptyState(types) : decodeState(text, file, types)
    },
    save: (state) => writeWhole(file, encodeState(state), { synced: true, clock }),
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function undefinedWhenAbsent(error: unknown, file: string): undefined {
  if (codeOf(error) !== 'ENOENT') throw withPath(error as NodeJS.ErrnoException, file)
}
