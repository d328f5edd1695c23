import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BlobClient } from '../../../src/lib/blob/blob-client.ts'
import { listBlobs, type ListedBlob, type ListOptions } from '../../../src/lib/blob/list-blobs.ts'
import { realClock } from '../../../src/lib/clock.ts'
import { type Azurite, startAzurite } from '../../support/azurite.ts'

let azurite: Azurite
beforeAll(async () => {
  azurite = await startAzurite()
})
afterAll(() => azurite.stop())

async function listed(container: string, options: Partial<ListOptions> = {}): Promise<readonly ListedBlob[]> {
  const blobs: ListedBlob[] = []
  const client = BlobClient.of(azurite.connection, realClock)
  for await (const blob of listBlobs(client, container, { prefix: '', ...options })) blobs.push(blob)
  return blobs
}

/** Some are those of elements of the list. */
const metadataName = fc.oneof(
  fc.constantFrom('Blob', 'Name', 'NextMarker', 'Properties', 'Blobs', 'sequencenumber'),
  // Azurite drops one whose name is _.
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/),
)
/** What a header can hold. */
const metadataValue = fc.stringMatching(/^([!-~]([ -~]{0,12}[!-~])?)?$/)
const metadata = fc.uniqueArray(fc.tuple(metadataName, metadataValue), {
  ...{ maxLength: 4, selector: ([name]: [string, string]) => name.toLowerCase() },
})

test(
  'metadata of any names is listed as it was written, and changes nothing of the blobs',
  { timeout: 60_000 },
  async () => {
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.array(metadata, { minLength: 1, maxLength: 3 }), async (blobs) => {
        const name = `metadata-${++number}`
        const container = azurite.referee.getContainerClient(name)
        await container.create()
        for (const [i, one] of blobs.entries())
          await container.getBlockBlobClient(`b/${i}`).upload('', 0, { metadata: Object.fromEntries(one) })
        const read = await listed(name, { withMetadata: true })
        expect(read.map((blob) => blob.name)).toEqual(blobs.map((_, i) => `b/${i}`))
        for (const [i, one] of blobs.entries())
          expect(read[i]!.metadata).toEqual(new Map(one.map(([key, value]) => [key.toLowerCase(), value])))
        for (const blob of await listed(name)) expect(blob.metadata.size).toBe(0)
      }),
      { numRuns: 20 },
    )
  },
)
