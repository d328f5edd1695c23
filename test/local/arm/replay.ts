import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalArm, startLocalArm } from '../../../src/local/arm/local-arm.ts'
import { ManualClock } from '../../support/manual-clock.ts'

interface Exchange {
  readonly seq: number
  readonly method: string
  readonly path: string
  readonly requestBody: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly responseBody: unknown
}

/** One recorded exchange and how the answer of our server differs; no differences means that it matches. */
export interface Comparison {
  /** `file#seq` */
  readonly id: string
  readonly request: string
  readonly differences: readonly string[]
}

const TRANSITION_MS = 60_000
const KEY = 'A'.repeat(43) + '='

export const recordingNames = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()

const readRecording = (file: string): readonly Exchange[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Exchange)

/** Replays a recording in its order against a fresh server, with what the recording takes for granted seeded. */
export async function replay(folder: string, name: string): Promise<readonly Comparison[]> {
  const exchanges = readRecording(join(folder, name))
  const clock = new ManualClock()
  const arm = await startLocalArm({
    clock,
    provisioningMs: TRANSITION_MS,
    providerState: exchanges.some((exchange) => exchange.status === 409) ? 'NotRegistered' : 'Registered',
    seed: { groups: groupsTakenForGranted(exchanges) },
  })
  /** Recorded operation links, by the link that our server gave in their place. */
  const links = new Map<string, string>()
  const comparisons: Comparison[] = []
  const deleted = new Set<string>()
  try {
    for (const exchange of exchanges) {
      const again = exchange.method === 'DELETE' && exchange.status === 202 && deleted.has(exchange.path)
      if (exchange.method === 'DELETE') deleted.add(exchange.path)
      if (!again && !isOnTheWay(exchange) && isMoving(arm)) clock.advance(TRANSITION_MS)
      const path = links.get(linkKey(exchange.path)) ?? exchange.path
      const body = exchange.requestBody ?? bodyFromAnswer(exchange)
      const response = await fetch(arm.endpoint + path, {
        method: exchange.method,
        headers: { authorization: 'Bearer test', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      for (const header of ['location', 'azure-asyncoperation']) {
        const [theirs, ours] = [exchange.headers[header], response.headers.get(header)]
        if (theirs !== undefined && ours !== null) links.set(linkKey(pathOf(theirs)), pathOf(ours))
      }
      comparisons.push({
        id: `${name.replace('.jsonl', '')}#${exchange.seq}`,
        request: `${exchange.method} ${exchange.path.split('?')[0]!}`,
        differences: compare(exchange, response, text === '' ? null : (JSON.parse(text) as unknown)),
      })
    }
  } finally {
    await arm.close()
  }
  return comparisons
}

/** Whether anything is in a state that will end by itself. */
function isMoving({ store }: LocalArm): boolean {
  const { namespaces, groups, registrations } = store.state
  const moving = [...namespaces.values()].some(({ transition }) => transition)
  const leaving = [...groups.values()].some(({ deletingUntil }) => deletingUntil !== undefined)
  return moving || leaving || [...registrations.values()].some(({ state }) => state.endsWith('ing'))
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '')

/** Recorders changed the times and signatures in links from one exchange to the next. */
const linkKey = (path: string): string => path.replace(/&(?:t|c|s|h)=[^&]*/g, '').toLowerCase()

/** The state was seen before it became final, so the clock stands still. */
function isOnTheWay({ status, method, responseBody }: Exchange): boolean {
  if (status === 202 && method === 'GET') return true
  const text = JSON.stringify(responseBody) ?? ''
  return /"(?:provisioningState|registrationState|status)":"(?:Created|Creating|Updating|Activating|Deleting|Registering|Running)"/.test(
    text,
  )
}

interface KnownGroup {
  readonly name: string
  readonly location: string
  readonly tags?: Record<string, string>
}

/** Groups that are used before, or without, being created in the recording; as they are first shown in it. */
function groupsTakenForGranted(exchanges: readonly Exchange[]): readonly KnownGroup[] {
  const firstUse = new Map<string, Exchange>()
  const shown = new Map<string, KnownGroup>()
  for (const exchange of exchanges) {
    for (const group of groupsInList(exchange))
      shown.set(group.name.toLowerCase(), shown.get(group.name.toLowerCase()) ?? group)
    const name = /\/resourcegroups\/([^/?]+)/i.exec(exchange.path)?.[1]
    if (name === undefined) continue
    if (!firstUse.has(name.toLowerCase())) firstUse.set(name.toLowerCase(), exchange)
    const body = exchange.responseBody as KnownGroup | null
    const isGet =
      exchange.method === 'GET' && /\/resourcegroups\/[^/?]+\?/i.test(exchange.path) && exchange.status === 200
    if (isGet && body && !shown.has(name.toLowerCase())) shown.set(name.toLowerCase(), body)
  }
  const isBorn = (exchange: Exchange | undefined) =>
    exchange !== undefined &&
    (exchange.status === 404 ||
      (exchange.method === 'PUT' && exchange.status === 201 && /\/resourcegroups\/[^/?]+\?/i.test(exchange.path)))
  const names = [...new Set([...shown.keys(), ...firstUse.keys()])].filter((name) => !isBorn(firstUse.get(name)))
  return names.map((key) => {
    const { name, location, tags } = shown.get(key) ?? { name: nameIn(firstUse.get(key)!), location: 'westus' }
    return { name, location, ...(tags && { tags }) }
  })
}

const nameIn = ({ path }: Exchange): string => /\/resourcegroups\/([^/?]+)/i.exec(path)![1]!

function groupsInList({
  path,
  responseBody,
}: Exchange): { name: string; location: string; tags?: Record<string, string> }[] {
  if (!/^\/subscriptions\/[^/]+\/resourcegroups\?/i.test(path)) return []
  return ((responseBody as { value?: { name: string; location: string }[] })?.value ?? []).map(
    ({ name, location, ...rest }) => ({
      name,
      location,
      ...('tags' in rest && { tags: rest.tags as Record<string, string> }),
    }),
  )
}

const SETTABLE = ['location', 'tags', 'sku', 'identity', 'properties']

/** Recordings of the Java SDK hold no request bodies: what came back is what was sent. */
function bodyFromAnswer({ method, responseBody, status }: Exchange): unknown {
  if (!['PUT', 'PATCH', 'POST'].includes(method) || typeof responseBody !== 'object' || responseBody === null)
    return undefined
  if (method === 'POST' || status >= 300) return undefined
  const entries = Object.entries(responseBody).filter(([key]) => SETTABLE.includes(key))
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)).replaceAll(/,?"location":null/g, ''))
}

function compare(exchange: Exchange, response: Response, body: unknown): readonly string[] {
  const differences: string[] = []
  if (response.status !== exchange.status) differences.push(`status ${response.status} for ${exchange.status}`)
  if (response.ok !== exchange.status < 400) return [...differences, `body ${JSON.stringify(body)?.slice(0, 200)}`]
  differences.push(...compareShape('', plain(exchange.responseBody), plain(body)))
  const theirs = errorCode(exchange.responseBody)
  const ours = errorCode(body)
  if (theirs !== ours) differences.push(`code ${ours} for ${theirs}`)
  const charset = (type: string | null | undefined) => (type?.includes('json') ? type.includes('charset') : undefined)
  const [theirType, ourType] = [exchange.headers['content-type'], response.headers.get('content-type')]
  if (exchange.responseBody !== null && charset(theirType) !== charset(ourType)) {
    differences.push(`content-type ${ourType} for ${theirType}`)
  }
  for (const header of ['location', 'azure-asyncoperation', 'x-ms-failure-cause']) {
    const [has, had] = [response.headers.has(header), header in exchange.headers]
    if (has !== had) differences.push(`header ${header} ${has ? 'not recorded' : 'missing'}`)
  }
  return differences
}

const errorCode = (body: unknown): string | undefined => (body as { error?: { code?: string } } | null)?.error?.code

/** Names that differ from one recording to the next are keys of maps, not of shapes. */
function plain(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) =>
    key === 'tags' || key === 'userAssignedIdentities' ? {} : value,
  ) as unknown
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** Values that decide what a client does: compared, not only their types. */
const TELLING = ['provisioningState', 'status', 'type', 'kafkaEnabled', 'zoneRedundant', 'capacity', 'partitionCount']
const TELLING_TOO = [
  'messageRetentionInDays',
  'retentionTimeInHours',
  'nameAvailable',
  'reason',
  'registrationState',
  'location',
  'id',
]

function compareShape(path: string, theirs: unknown, ours: unknown): string[] {
  const [was, is] = [typeOf(theirs), typeOf(ours)]
  if (was !== is) return [`${path || 'body'}: ${is} for ${was}`]
  if (is === 'array') return compareLists(path, theirs as unknown[], ours as unknown[])
  if (is === 'object') return compareObjects(path, theirs as Record<string, unknown>, ours as Record<string, unknown>)
  const key = path.split('.').at(-1)!
  const telling = [...TELLING, ...TELLING_TOO].includes(key)
  return telling && normalized(theirs) !== normalized(ours) ? [`${path}: ${String(ours)} for ${String(theirs)}`] : []
}

const normalized = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/\/operationresults\/.*/, '').replace(KEY, '') : value

interface Names {
  readonly name?: string
  readonly resourceType?: string
}

/** Both empty, or the first entries alike. Lists of a whole subscription hold what others made: only the shape counts. */
function compareLists(path: string, theirs: unknown[], ours: unknown[]): string[] {
  if (theirs.length === 0 || ours.length === 0) {
    const filled = theirs.length !== ours.length && path.endsWith('partitionIds')
    return filled ? [`${path}: ${ours.length} entries for ${theirs.length}`] : []
  }
  const named = (entry: unknown) => (entry as Names | null)?.name ?? (entry as Names | null)?.resourceType
  return ours.flatMap((entry, i) => {
    const twin =
      theirs.find((other) => named(other) !== undefined && named(other) === named(entry)) ??
      (named(entry) === undefined ? theirs[i] : undefined)
    return twin === undefined ? [] : compareShape(`${path}[]`, twin, entry)
  })
}

function compareObjects(path: string, theirs: Record<string, unknown>, ours: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`
    if (!(key in ours)) return [`${at}: missing`]
    if (!(key in theirs)) return [`${at}: not recorded`]
    return compareShape(at, theirs[key], ours[key])
  })
}
