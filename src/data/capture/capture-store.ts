import { readdir, stat } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { blobOfPath, pathOfBlob } from '../../lib/capture-folder.ts'
import { blobNameReader, blobPrefixOf, type CapturedHub, type CapturedWindow } from '../../lib/capture-names.ts'

/** What Capture wrote into one container. */
export interface CaptureStore {
  /** Where people find it: a folder or a URL. */
  readonly where: string
  /** The files whose names begin so; none where there is no such container on this machine. */
  list(prefix: string): AsyncIterable<StoredFile>
  /** The bytes of a file. */
  open(name: string): AsyncIterable<Buffer>
  whereIs(name: string): string
}

export interface StoredFile {
  /** With slashes. */
  readonly name: string
  readonly bytes: number
}

/** A file of a hub. */
export interface CapturedFile extends StoredFile, CapturedWindow {
  /** A path or a URL. */
  readonly where: string
  /** Without events. */
  readonly isEmpty: boolean
}

/** The header of a file takes 490 bytes or more, a block 18, and an event 24. */
const MOST_OF_EMPTY = 520

/** Which files, and which of their events. */
export interface Selection {
  /** Undefined: all. */
  readonly partition: number | undefined
  /** Milliseconds since the Unix epoch; undefined: from the first event. */
  readonly sinceMs: number | undefined
}

/** The files of a hub, newest last; of files that begin at the same time, by partition. */
export async function capturedFiles(
  store: CaptureStore,
  { archiveNameFormat, ...hub }: CapturedHub & { readonly archiveNameFormat: string },
  selection: Selection,
): Promise<readonly CapturedFile[]> {
  const windowOf = blobNameReader(archiveNameFormat, hub)
  const found: CapturedFile[] = []
  for await (const { name, bytes } of store.list(blobPrefixOf(archiveNameFormat, hub))) {
    const window = windowOf(name)
    if (!window || (selection.partition ?? window.partition) !== window.partition) continue
    found.push({ name, bytes, ...window, where: store.whereIs(name), isEmpty: bytes <= MOST_OF_EMPTY })
  }
  found.sort((a, b) => a.timeMs - b.timeMs || a.partition - b.partition || (a.name < b.name ? -1 : 1))
  return selection.sinceMs === undefined ? found : endingAfter(found, selection.sinceMs)
}

/** Without files that ended before: the next one of their partition begins no later. */
function endingAfter(files: readonly CapturedFile[], sinceMs: number): readonly CapturedFile[] {
  const nextAt = new Map<number, number>()
  return files
    .toReversed()
    .filter(({ partition, timeMs }) => {
      const endsAt = nextAt.get(partition) ?? Infinity
      nextAt.set(partition, timeMs)
      return endsAt > sinceMs
    })
    .toReversed()
}

const READ_BYTES = 1024 * 1024

/** A folder on this machine, in which Capture wrote the files of a container. */
export class FolderStore implements CaptureStore {
  readonly where: string

  constructor(folder: string) {
    this.where = resolve(folder)
  }

  async *list(prefix: string): AsyncGenerator<StoredFile> {
    const above = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
    const entries = await readdir(this.whereIs(above), { recursive: true, withFileTypes: true }).catch(noneIfAbsent)
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name)
      const name = blobOfPath(relative(this.where, path).split(sep))
      if (entry.isFile() && name.startsWith(prefix)) yield { name, bytes: (await stat(path)).size }
    }
  }

  open(name: string): AsyncIterable<Buffer> {
    return createReadStream(this.whereIs(name), { highWaterMark: READ_BYTES })
  }

  whereIs(name: string): string {
    return join(this.where, ...(name === '' ? [] : pathOfBlob(name)))
  }
}

function noneIfAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}
