import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { BlobSink } from '../../../src/local/capture/blob-sink.ts'
import { NameTaken } from '../../../src/local/capture/sink.ts'
import { type Azurite, connectionOf, startAzurite, stringAt } from '../../support/azurite.ts'

let azurite: Azurite
let sink: BlobSink
beforeAll(async () => {
  azurite = await startAzurite()
  sink = new BlobSink(azurite.connection, realClock)
})
afterAll(() => azurite.stop())

const placeIn = (container: string, blob = 'ns/hub/0/2026/11/30/07/54/43.avro') => ({
  ...{ account: 'lake', container, blob },
})
type Place = ReturnType<typeof placeIn>

/** As the writer does: the bytes are gone when `write` resolves. */
async function writeAll(file: Awaited<ReturnType<BlobSink['begin']>>, bytes: Buffer, chunkBytes = 300_001) {
  const chunk = Buffer.alloc(chunkBytes)
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const length = bytes.copy(chunk, 0, at)
    await file.write(chunk.subarray(0, length))
    chunk.fill(0)
  }
}
async function writeFile(place: Place, bytes: Buffer): Promise<void> {
  const file = await sink.begin(place)
  await writeAll(file, bytes)
  await file.commit()
}

/** Every stretch of it is different. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at)
  return bytes
}

const readerOf = ({ container, blob }: Place) => azurite.referee.getContainerClient(container).getBlobClient(blob)
async function namesIn(container: string): Promise<readonly string[]> {
  const names = []
  for await (const { name } of azurite.referee.getContainerClient(container).listBlobsFlat()) names.push(name)
  return names
}

test.each([0, 508, 1024 * 1024, 13_000_007])('%i bytes land as they are, in a container that is made', async (size) => {
  const place = placeIn(`sizes-${size}`)
  const bytes = bytesOf(size, 1)
  expect(await sink.head(place, 4)).toBeUndefined()
  await writeFile(place, bytes)
  expect(await namesIn(place.container)).toEqual([place.blob])
  expect((await readerOf(place).downloadToBuffer()).equals(bytes)).toBe(true)
  expect(await sink.head(place, 4)).toEqual(bytes.subarray(0, 4))
})

test('a file is seen when it is whole, and never takes the place of another one', async () => {
  const place = placeIn('atomic')
  const [first, second] = [bytesOf(5_000_000, 1), bytesOf(9_000_000, 2)]
  const [mine, theirs] = [await sink.begin(place), await sink.begin(place)]
  await writeAll(mine, first)
  await writeAll(theirs, second)
  expect(await sink.head(place, 1)).toBeUndefined()
  await mine.commit()
  await expect(writeFile(place, second)).rejects.toThrow(NameTaken)
  await expect(theirs.commit()).rejects.toThrow()
  expect((await readerOf(place).downloadToBuffer()).equals(first)).toBe(true)
})

test('a blob without bytes has a head without bytes', async () => {
  const place = placeIn('no-bytes')
  await writeFile(place, Buffer.alloc(0))
  expect(await sink.head(place, 16)).toEqual(Buffer.alloc(0))
})

test('what was given up or broken off is never seen, nor mixed into the next attempt', async () => {
  const place = placeIn('attempts')
  const abandoned = await sink.begin(place)
  await writeAll(abandoned, bytesOf(9_000_000, 1))
  await abandoned.abandon()
  // As after a kill: nobody says anything more.
  await writeAll(await sink.begin(place), bytesOf(9_000_000, 2))
  expect(await sink.head(place, 4)).toBeUndefined()
  expect(await namesIn(place.container)).toEqual([])
  const bytes = bytesOf(9_000_000, 3)
  await writeFile(place, bytes)
  expect((await readerOf(place).downloadToBuffer()).equals(bytes)).toBe(true)
})

test('to give up a file that was shown changes nothing', async () => {
  const place = placeIn('shown')
  const file = await sink.begin(place)
  await file.write(Buffer.from('whole'))
  await file.commit()
  await file.abandon()
  expect(String(await readerOf(place).downloadToBuffer())).toBe('whole')
})

test('a container that is deleted meanwhile: the attempt fails, and the next one makes it again', async () => {
  const place = placeIn('deleted')
  const bytes = bytesOf(9_000_000, 4)
  const file = await sink.begin(place)
  await writeAll(file, bytes)
  await azurite.referee.deleteContainer('deleted')
  await expect(file.commit()).rejects.toThrow(/parts of the file are gone.*400 InvalidBlockList/)
  await writeFile(place, bytes)
  expect((await readerOf(place).downloadToBuffer()).equals(bytes)).toBe(true)
})

test('an endpoint that is down is named, and used again when it is up', async () => {
  const own = await startAzurite()
  const there = new BlobSink(own.connection, realClock)
  const place = placeIn('outage')
  const attempt = async () => {
    const file = await there.begin(place)
    await file.write(Buffer.from('event'))
    await file.commit()
  }
  await attempt()
  await own.stop()
  await expect(attempt()).rejects.toThrow(`${there.whereIs(place)}: nothing listens there (ECONNREFUSED)`)
  await expect(there.head(place, 1)).rejects.toThrow('nothing listens there')
  const again = await startAzurite(own.port)
  onTestFinished(() => again.stop())
  expect(await there.head(place, 1)).toBeUndefined()
  await attempt()
  expect(String(await again.referee.getContainerClient('outage').getBlobClient(place.blob).downloadToBuffer())).toBe(
    'event',
  )
})

test('a wrong key is told without the key', async () => {
  const key = Buffer.alloc(64, 9).toString('base64')
  const stranger = new BlobSink(connectionOf(stringAt(azurite.connection.blobEndpoint, key)), realClock)
  const file = await stranger.begin(placeIn('wrong-key'))
  await file.write(Buffer.from('x'))
  const error = await file.commit().catch((error: unknown) => error as Error)
  expect(String(error)).toMatch(/403 Auth/)
  expect(JSON.stringify([error, String(error), stranger, stranger.whereIs(placeIn('c'))])).not.toContain(key)
})

test('one block is on its way while the next one is filled, and no more', async () => {
  const answers: (() => void)[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => answers.push(() => response.writeHead(201).end()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const slow = new BlobSink(connectionOf(stringAt(`http://127.0.0.1:${port}/devstoreaccount1`)), realClock)
  const file = await slow.begin(placeIn('slow'))
  const block = Buffer.alloc(1024 * 1024)
  await file.write(block)
  let second = 'waits'
  const writing = file.write(block).then(() => (second = 'done'))
  await expect.poll(() => answers.length).toBe(1)
  expect(second).toBe('waits')
  answers.shift()!()
  await writing
  await expect.poll(() => answers.length).toBe(1)
  const closing = file.commit()
  answers.shift()!()
  await expect.poll(() => answers.length).toBe(1)
  answers.shift()!()
  await closing
})
