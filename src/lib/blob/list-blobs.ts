import type { BlobClient } from './blob-client.ts'

export interface ListedBlob {
  /** With slashes. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since the Unix epoch; whole seconds. */
  readonly modifiedMs: number
  /** By name, which Azure ignores the case of: here in lower case. Empty unless it was asked for. */
  readonly metadata: ReadonlyMap<string, string>
}

export interface ListOptions {
  readonly prefix: string
  readonly withMetadata?: boolean
  readonly signal?: AbortSignal
}

/**
 * The blobs of a container whose names begin with `prefix`, in the order of their names, a page at a time. Rejects with
 * `BlobError`, `ContainerNotFound` where there is no such container.
 */
export async function* listBlobs(
  client: BlobClient,
  container: string,
  { prefix, withMetadata = false, signal }: ListOptions,
): AsyncGenerator<ListedBlob> {
  const query = { ...(prefix && { prefix }), ...(withMetadata && { include: 'metadata' }) }
  let marker = ''
  do {
    const page = await client.listPage(container, { ...query, ...(marker && { marker }) }, signal)
    for (const [, blob = '', metadata = ''] of page.matchAll(BLOB)) yield blobIn(blob, metadata)
    // The last one: users name the elements of metadata.
    marker = textIn(page.slice(page.lastIndexOf('<NextMarker')), 'NextMarker')
  } while (marker !== '')
}

const BLOB = /<Blob>(.*?)(?:<Metadata(?: [^>/]*)?>(.*?)<\/Metadata>.*?)?<\/Blob>/gs

const blobIn = (xml: string, metadata: string): ListedBlob => ({
  // A name that XML cannot hold.
  name: xml.includes('<Name Encoded="true">') ? decodeURIComponent(textIn(xml, 'Name')) : textIn(xml, 'Name'),
  bytes: Number(textIn(xml, 'Content-Length')),
  modifiedMs: Date.parse(textIn(xml, 'Last-Modified')),
  metadata: new Map(
    [...metadata.matchAll(/<([^\s/>]+)(?: [^/>]*)?(?:\/>|>([^<]*)<\/\1>)/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      unescaped(value),
    ]),
  ),
})

/**
 * The text of the first element of this name. This format has no CDATA, no comments and, outside of metadata, no elements
 * that users name: a parser of XML would be a third of all that Capture adds to the package.
 */
const textIn = (xml: string, name: string): string =>
  unescaped(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1] ?? '')

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name = '') => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return ENTITIES[name as string] ?? whole
  })
