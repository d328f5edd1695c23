import { RestError } from '@azure/core-rest-pipeline'
import { afterEach, describe, expect, it } from 'vitest'
import { ApiVersions, type Api } from '../../src/azure/api-versions.ts'
import type { NewNamespace } from '../../src/resources/namespace/namespace.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Answer, type Awkward } from './support.ts'

interface Refused {
  readonly version: string
  readonly code?: string
  /** What the cloud says it has. */
  readonly has?: readonly string[] | undefined
}

const MESSAGES: Readonly<Record<string, (version: string) => string>> = {
  NoRegisteredProviderFound: (version) =>
    `No registered resource provider found for location 'local' and API version '${version}' for type 'namespaces'.`,
  InvalidApiVersionParameter: (version) => `The api-version '${version}' is invalid.`,
  InvalidResourceType: (version) =>
    `The resource type 'namespaces' could not be found in the namespace 'Microsoft.EventHub' for api version '${version}'.`,
}

function bodyOf({ version, code = 'NoRegisteredProviderFound', has }: Refused) {
  const word = code === 'InvalidApiVersionParameter' ? 'versions' : 'api-versions'
  const list = has && ` The supported ${word} are '${has.join(code === 'NoRegisteredProviderFound' ? ', ' : ',')}'.`
  return { error: { code, message: `${MESSAGES[code]!(version)}${list ?? ''}` } }
}

function refuse(refused: Refused): never {
  const status = refused.code === 'InvalidResourceType' ? 404 : 400
  const response = { status, bodyAsText: JSON.stringify(bodyOf(refused)), headers: { get: () => undefined } }
  throw Object.assign(new RestError('no', { statusCode: status }), { response })
}

/** The versions that are asked for of a cloud that has some. */
async function askedOf(versions: ApiVersions, api: Api, has: readonly string[], more: Partial<Refused> = {}) {
  const asked: string[] = []
  const answer = versions.ask(api, async (version) => {
    asked.push(version)
    return has.includes(version) ? version : refuse({ version, has, ...more })
  })
  await answer.catch(() => undefined)
  return asked
}

describe('ApiVersions', () => {
  it.each<[string, Api, readonly string[], readonly string[], Partial<Refused>?]>([
    ['the newest that the cloud has', 'eventHubs', ['2017-04-01', '2021-11-01'], ['2026-01-01', '2021-11-01']],
    ['no preview', 'eventHubs', ['2021-11-01', '2025-05-01-preview'], ['2026-01-01', '2021-11-01']],
    ['none newer than ours', 'storageAccounts', ['2018-07-01', '2024-01-01'], ['2023-05-01', '2018-07-01']],
    ['nothing in common', 'locks', ['2020-05-01', '2020-06-01-preview'], ['2016-09-01']],
    ['ours, where it names none', 'eventHubs', ['2024-01-01'], ['2026-01-01', '2024-01-01'], { has: undefined }],
    [
      'by another code',
      'resources',
      ['2020-06-01', '2018-05-01'],
      ['2025-04-01', '2020-06-01'],
      { code: 'InvalidApiVersionParameter' },
    ],
    [
      'of a type',
      'roleAssignments',
      ['2015-07-01', '2018-01-01-preview'],
      ['2022-04-01', '2015-07-01'],
      { code: 'InvalidResourceType' },
    ],
    [
      'the region is the cause where the version is listed',
      'eventHubs',
      [],
      ['2026-01-01'],
      { has: ['2024-01-01', '2026-01-01'] },
    ],
  ])('%s', async (_, api, has, asked, more) => {
    expect(await askedOf(new ApiVersions(), api, has, more)).toEqual(asked)
  })

  it('goes on from a list that is of all types to that of the type', async () => {
    const asked: string[] = []
    await new ApiVersions().ask('resources', async (version) => {
      asked.push(version)
      if (version === '2025-04-01') refuse({ version, code: 'InvalidApiVersionParameter', has: ['2024-03-01'] })
      if (version === '2024-03-01') refuse({ version, has: ['2016-02-01', '2019-10-01'] })
    })
    expect(asked).toEqual(['2025-04-01', '2024-03-01', '2019-10-01'])
  })

  it('keeps for each kind the version that worked, whatever is asked at the same time', async () => {
    const versions = new ApiVersions()
    const has = ['2021-11-01']
    await Promise.all([askedOf(versions, 'eventHubs', has), askedOf(versions, 'eventHubs', has)])
    expect(await askedOf(versions, 'eventHubs', has)).toEqual(has)
    expect(await askedOf(versions, 'locks', ['2016-09-01'])).toEqual(['2016-09-01'])
  })

  it('gives the first refusal, and other errors as they are', async () => {
    const versions = new ApiVersions()
    const all = versions.ask('eventHubs', async (version) => refuse({ version }))
    await expect(all).rejects.toMatchObject({
      response: { bodyAsText: expect.stringContaining('2026-01-01') as string },
    })
    await expect(versions.ask('locks', () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug')
  })
})

/** Of Azure Stack Hub, without previews. */
const STACK: readonly string[] = [
  '2018-01-01',
  '2015-07-01',
  '2015-01-01',
  '2016-06-01',
  '2017-04-01',
  '2017-10-01',
  '2018-05-01',
]
const NEWEST: readonly (readonly [RegExp, string])[] = [
  [/\/locks\?/, '2015-01-01'],
  [/\/roleAssignments[/?]/, '2015-07-01'],
  [/Microsoft\.Insights/, '2018-01-01'],
  [/Microsoft\.Storage/, '2017-10-01'],
  [/\/namespaces\/|checkNameAvailability/, '2017-04-01'],
  [/\/subscriptions\?|\/locations\?/, '2016-06-01'],
  [/./, '2018-05-01'],
]

let server: Awkward | undefined
afterEach(async () => server?.close())

const versionOf = (url: string): string => /api-version=([\d-]+)/.exec(url)?.[1] ?? ''

/** A cloud in which each type has one version, which it tells. */
async function old(): Promise<Awkward> {
  return serve(({ url }): Answer => {
    const has = NEWEST.find(([path]) => path.test(url))![1]
    const version = versionOf(url)
    if (version !== has) return { status: 400, body: bodyOf({ version, has: [has, '2014-01-01-preview'] }) }
    return { status: 200, body: { value: [], nameAvailable: true, id: '/x', name: 'x', location: 'local' } }
  })
}

describe('a cloud that is far behind', () => {
  const HUB = { ...AT, hub: 'h' }
  const ACCOUNT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/lake`
  const GRANT = {
    principalId: '22222222-0000-4000-8000-000000000001',
    role: 'sender',
    principalType: 'User',
    scope: 'hub',
  } as const

  it('gets every kind of request in a version that it has, each found out once', async () => {
    server = await old()
    const connection = connect(server.endpoint)
    const cloud = connection.cloud(SUBSCRIPTION)
    const body = { location: 'local', tier: 'Standard', capacity: 1 } as NewNamespace
    const requests: readonly (() => Promise<unknown>)[] = [
      () => cloud.readProvider(call),
      () => cloud.registerProvider(call),
      () => cloud.readGroup('rg', call),
      () => cloud.createGroup('rg', { location: 'local', tags: {} }, call),
      () => cloud.deleteGroup('rg', call),
      () => cloud.listResources('rg', call),
      () => cloud.listLocks('rg', call),
      () => cloud.listRoleAssignments(AT, GRANT.principalId, call),
      () => cloud.assignRole(HUB, GRANT, call),
      () => cloud.readStorageAccount(ACCOUNT, call),
      () =>
        cloud.readMetrics(
          AT,
          { metrics: ['Size'], aggregation: 'average', splitBy: [], fromMs: 0, toMs: 60_000 },
          call,
        ),
      () => cloud.checkNamespaceName('ns', call),
      () => cloud.createNamespace(AT, body, call),
      () => cloud.updateNamespace(AT, { tags: {} }, call),
      () => cloud.updateHub(HUB, { partitions: 4 }, call),
      () => cloud.deleteNamespace(AT, call),
      () => connection.catalog.listSubscriptions(call),
      () => connection.catalog.listLocations(SUBSCRIPTION, call),
      () => connection.catalog.listGroups(SUBSCRIPTION, call),
    ]
    for (const request of requests) await request()
    const refused = server.seen.filter(({ url }) => !STACK.includes(versionOf(url)))
    // Event Hubs, resources, subscriptions, locks, role assignments, storage accounts and metrics.
    expect(refused.map(({ url }) => versionOf(url)).sort()).toEqual(
      ['2026-01-01', '2025-04-01', '2022-12-01', '2016-09-01', '2022-04-01', '2023-05-01', '2024-02-01'].sort(),
    )
  })

  it.each<readonly [string, Partial<NewNamespace>, RegExp]>([
    ['minimumTls', { minimumTls: '1.3' }, /2017-04-01, has no minimum TLS version, and no TLS 1.3\.$/],
    ['publicNetworkAccess', { publicNetworkAccess: 'Disabled' }, /has no public network access\.$/],
    ['localAuthDisabled', { localAuthDisabled: true }, /has no switch for local authentication\.$/],
    ['identities', { identities: ['SystemAssigned'] }, /has no managed identities\.$/],
  ])('refuses what its version would drop without a word: %s', async (_, more, why) => {
    server = await old()
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    const plain: NewNamespace = {
      ...{ location: 'local', tier: 'Standard', capacity: 1, autoInflateMax: 0, minimumTls: '1.2', tags: {} },
    }
    await cloud.createNamespace(AT, plain, call)
    const before = server.seen.length
    const refusal = { code: 'refused', why: [expect.stringMatching(why) as unknown] }
    await expect(cloud.createNamespace(AT, { ...plain, ...more }, call)).rejects.toMatchObject(refusal)
    expect(server.seen).toHaveLength(before)
  })

  it('is named with its versions where there is none in common; a region is named as one', async () => {
    const answerOf = (has: readonly string[]) =>
      serve(({ url }) => ({ status: 400, body: bodyOf({ version: versionOf(url), has }) }))
    server = await answerOf(['2030-01-01', '2014-01-01-preview'])
    expect(await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))).toMatchObject({
      code: 'azure',
      why: [
        'This cloud does not have the api-version 2026-01-01 of namespaces. It has 2030-01-01, 2014-01-01-preview.',
      ],
      hint: expect.stringContaining('--cloud') as string,
    })
    expect(server.seen).toHaveLength(1)
    await server.close()
    server = await answerOf(['2024-01-01', '2026-01-01'])
    expect(await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))).toMatchObject({
      code: 'refused',
      why: ['The region local does not exist or does not offer this.'],
    })
    expect(server.seen).toHaveLength(1)
  })
})
