import type { Claims } from './access.ts'
import { type Directory, hasGroup, isClosedFor, isSameHub, type LocalHub, type Right } from './directory.ts'
import { HubError, type Owner } from './errors.ts'

/** A client's connection to a hub that is open now, so that a change of the hub or the end of a token can reach it. */
export interface HubLink {
  readonly hub: LocalHub
  readonly claims: Claims
  readonly right: Right
  /** As the client wrote it. */
  readonly path: string
  /** For readers. */
  readonly group: string | undefined
  close(reason: HubError): void
}

/** All links to hubs that are open. */
export class HubLinks {
  readonly #links = new Set<HubLink>()

  add(link: HubLink): void {
    this.#links.add(link)
  }

  delete(link: HubLink): void {
    this.#links.delete(link)
  }

  count(hub: LocalHub, right: Right): number {
    return [...this.#links].filter((link) => isSameHub(link.hub, hub) && link.right === right).length
  }

  /** Closes the links whose hub or group is gone or disabled by now. */
  followDirectory(directory: Directory): void {
    for (const link of this.#links) {
      const because = reasonToClose(link, directory)
      if (because) link.close(new HubError({ because, path: link.path }))
    }
  }

  /** Closes the links whose token has expired and was not renewed. */
  followClaims(): void {
    for (const link of this.#links) {
      const { claims, right, path } = link
      if (!claims.find(path, right)) link.close(new HubError({ because: 'claim-over', right, path }))
    }
  }
}

/** How many connections there are, or those whose client has shown a key of the namespace. */
export function countOf(
  open: ReadonlyMap<unknown, { readonly namespace: string | undefined }>,
  namespace: string | undefined,
): number {
  if (namespace === undefined) return open.size
  return [...open.values()].filter((client) => client.namespace === namespace).length
}

function reasonToClose(link: HubLink, directory: Directory): 'deleted' | 'disabled' | undefined {
  const hub = directory.hub(link.hub.namespace, link.hub.name)
  if (!hub || !isSameHub(hub, link.hub)) return 'deleted'
  if (isClosedFor(hub, link.right)) return 'disabled'
  return link.group !== undefined && !hasGroup(hub, link.group) ? 'deleted' : undefined
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const MOST_READERS = 5

export interface PartitionReader extends Owner {
  close(reason: HubError): void
}

/**
 * The readers of each partition in each consumer group, and who has to give way to whom.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-event-processor-host#epoch
 */
export class PartitionReaders {
  readonly #readers = new Map<string, Set<PartitionReader>>()

  /** Lets a reader in, or throws HubError, and closes those that give way to it. `remove` when it ends. */
  add(key: string, reader: PartitionReader): { remove(): void } {
    const readers = this.#readers.get(key) ?? new Set()
    // The owner, when there is one, is the only reader.
    const owner = [...readers].find((other) => other.epoch !== undefined)
    if (reader.epoch === undefined) {
      if (owner) throw new HubError({ because: 'owned', level: owner.epoch! })
      if (readers.size >= MOST_READERS)
        throw new HubError({ because: 'too-many-readers', most: MOST_READERS, connected: [...readers] })
    } else if (owner && reader.epoch < owner.epoch!) {
      throw new HubError({ because: 'higher-owner', reader, owner })
    } else {
      for (const other of readers) {
        readers.delete(other)
        other.close(new HubError({ because: 'replaced', reader: other, by: reader }))
      }
    }
    this.#readers.set(key, readers.add(reader))
    return { remove: () => this.#remove(key, reader) }
  }

  #remove(key: string, reader: PartitionReader): void {
    const readers = this.#readers.get(key)
    readers?.delete(reader)
    if (readers?.size === 0) this.#readers.delete(key)
  }
}
