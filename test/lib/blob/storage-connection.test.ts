import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStorageConnection } from '../../../src/lib/blob/storage-connection.ts'
import { connectionOf } from '../../support/azurite.ts'

const KEY = Buffer.alloc(64, 7).toString('base64')
const SAS = 'sv=2022-11-02&ss=b&srt=sco&sp=rwdlac&se=2030-01-01T00:00:00Z&spr=https,http&sig=abc%2Bdef%3D'

const seen = (text: string) => {
  const { credential, ...where } = connectionOf(text)
  return { ...where, secret: (credential.kind === 'key' ? credential.key : credential.sas).reveal() }
}

test.each([
  [
    `DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
    { accountName: 'lake', blobEndpoint: 'https://lake.blob.core.windows.net', secret: KEY },
  ],
  [
    `AccountName=lake;AccountKey=${KEY};EndpointSuffix=core.chinacloudapi.cn;`,
    { accountName: 'lake', blobEndpoint: 'https://lake.blob.core.chinacloudapi.cn', secret: KEY },
  ],
  [
    `accountname=devstoreaccount1; ACCOUNTKEY=${KEY}; BlobEndpoint=http://azurite:10000/devstoreaccount1/`,
    { accountName: 'devstoreaccount1', blobEndpoint: 'http://azurite:10000/devstoreaccount1', secret: KEY },
  ],
  [
    `BlobEndpoint=https://lake.blob.core.windows.net/;QueueEndpoint=https://lake.queue.core.windows.net/;SharedAccessSignature=?${SAS}`,
    { accountName: 'lake', blobEndpoint: 'https://lake.blob.core.windows.net', secret: SAS },
  ],
  [
    `BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;SharedAccessSignature=${SAS}`,
    { accountName: 'devstoreaccount1', blobEndpoint: 'http://127.0.0.1:10000/devstoreaccount1', secret: SAS },
  ],
])('%#: where the blobs are, and what allows to read them', (text, expected) => {
  expect(seen(text)).toEqual(expected)
})

test('the development storage is the Azurite of this machine', () => {
  expect(connectionOf('UseDevelopmentStorage=true')).toMatchObject({
    accountName: 'devstoreaccount1',
    blobEndpoint: 'http://127.0.0.1:10000/devstoreaccount1',
  })
})

test.each([
  [' ', 'is empty'],
  ['x', 'has no AccountName and no BlobEndpoint, and has no AccountKey and no SharedAccessSignature'],
  [`AccountName=La_ke;AccountKey=${KEY}`, 'has an AccountName that is not 3 to 24 lower-case letters and digits'],
  ['AccountName=lake', 'has no AccountKey and no SharedAccessSignature'],
  ['AccountName=lake;AccountKey=no base64!', 'has an AccountKey that is not base64'],
  ['AccountName=lake;SharedAccessSignature=sv=1', 'has a SharedAccessSignature without sig='],
  [`AccountName=lake;AccountKey=${KEY};EndpointSuffix=a/b`, 'has an EndpointSuffix that is not the name of a host'],
  [`AccountName=lake;AccountKey=${KEY};DefaultEndpointsProtocol=ftp`, 'has a DefaultEndpointsProtocol that is neither'],
  [`AccountName=lake;AccountKey=${KEY};BlobEndpoint=lake`, 'has a BlobEndpoint that is not an http or https URL'],
  [`AccountKey=${KEY};BlobEndpoint=https://u:p@lake`, 'has a BlobEndpoint that is not an http or https URL'],
  [`AccountKey=${KEY};BlobEndpoint=https://lake`, 'has an AccountKey and no AccountName'],
])('%#: what is wrong is told', (text, message) => {
  expect(parseStorageConnection(text)).toMatchObject({ ok: false })
  expect((parseStorageConnection(text) as { message: string }).message).toContain(message)
})

test('no message and no JSON repeats what a connection string holds', () => {
  const names = ['AccountName', 'AccountKey', 'BlobEndpoint', 'EndpointSuffix', 'SharedAccessSignature', 'What']
  const value = fc.stringMatching(/^[!-:<-~]{1,9}$/).map((text) => `~${text}`)
  const part = fc.tuple(fc.constantFrom(...names), value)
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const read = parseStorageConnection(parts.map(([name, text]) => `${name}=${text}`).join(';'))
      expect(read.ok ? '' : read.message).not.toContain('~')
    }),
  )
  expect(JSON.stringify(connectionOf(`AccountName=lake;AccountKey=${KEY}`))).not.toContain(KEY)
})
