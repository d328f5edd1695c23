import type { BlobClient } from './blob-client.ts'

export interface ListedBlob {
  /** With slashes. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since the Unix epoch; whole seconds. */
  readonly modifiedMs: number
}

/**
 * The blobs of a container whose names begin with `prefix`, in the order of their names, a page at a time. Rejects with
 * `BlobError`, `ContainerNotFound` where there is no such container.
 */
export async function* listBlobs(
  client: BlobClient,
  container: string,
  { prefix, signal }: { readonly prefix: string; readonly signal?: AbortSignal },
): AsyncGenerator<ListedBlob> {
  let marker = ''
  do {
    const page = await client.listPage(container, { ...(prefix && { prefix }), ...(marker && { marker }) }, signal)
    for (const [, blob = ''] of page.matchAll(/<Blob>(.*?)<\/Blob>/gs)) yield blobIn(blob)
    marker = textIn(page, 'NextMarker')
  } while (marker !== '')
}

const blobIn = (xml: string): ListedBlob => ({
  // A name that XML cannot hold.
  name: xml.includes('<Name Encoded="true">') ? decodeURIComponent(textIn(xml, 'Name')) : textIn(xml, 'Name'),
  bytes: Number(textIn(xml, 'Content-Length')),
  modifiedMs: Date.parse(textIn(xml, 'Last-Modified')),
})

/**
 * The text of the first element of this name. This format has no CDATA, no comments and, as no metadata is asked for, no
 * elements that users name: a parser of XML would be a third of all that Capture adds to the package.
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
