import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
// Loaded lazily by the program; while a test loads them nothing else seems to happen, and its clock would run.
import '../../src/azure/connect.ts'
import '../../src/commands/create.ts'
import '../../src/commands/plan.ts'
import '../../src/commands/show-connection.ts'
import '../../src/run/tell-error.ts'
import '../../src/ui/progress/live-reporter.ts'
import { quoteWords } from '../../src/inputs/argv.ts'
import { type LocalArm, type LocalHost, LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import type { OutputDocument } from '../../src/ui/document-schema.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { main } from '../../src/main.ts'
import type { TestAzure } from '../support/azure.ts'
import { testDeps, type TestOptions } from '../support/test-deps.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Of an embedded Azure that runs in the process of the test. */
export const SERVICE_HOST: LocalHost = {
  env: {},
  platform: process.platform,
  homedir: '/nonexistent',
  pid: process.pid,
  spawnDetached: async () => 0,
  isAlive: (pid) => pid === process.pid,
  kill: () => false,
}

/** A path in a command that is printed: tests print for a shell of POSIX, on Windows too. */
export const quoted = (path: string): string => quoteWords([path], 'posix')

export const GROUP = 'rg-clicks'
export const NAMESPACE = 'ns-clicks-test'
export const TARGET = ['-g', GROUP, '-n', NAMESPACE]
export const PLACE = [...TARGET, '-l', 'westeurope']

const HUBS = ['clicks:4:24h', 'views:2:48h', 'orders']
const CONSUMER_GROUPS = ['clicks/trainer', 'clicks/audit', 'views/trainer', 'views/report', 'orders/trainer']
/** 3 hubs and 5 consumer groups: 13 writes. */
export const RESOURCES = [
  ...HUBS.flatMap((hub) => ['--hub', hub]),
  ...CONSUMER_GROUPS.flatMap((group) => ['--consumer-group', group]),
]
export const BIG_CREATE = ['create', ...PLACE, ...RESOURCES, '--yes']
export const BIG_WRITES = 13

export const SMALL = ['--hub', 'clicks', '--consumer-group', 'trainer']
export const SMALL_CREATE = ['create', ...PLACE, ...SMALL, '--yes']

export const SUBSCRIPTION_PATH = `/subscriptions/${LOCAL_SUBSCRIPTION.subscriptionId}`
export const GROUP_PATH = `${SUBSCRIPTION_PATH}/resourceGroups/${GROUP}`
export const NAMESPACE_PATH = `${GROUP_PATH}/providers/Microsoft.EventHub/namespaces/${NAMESPACE}`

const schema = JSON.parse(
  readFileSync(new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url), 'utf8'),
) as object
const isDocument = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

/** The one JSON document that stdout is, checked against the published schema. */
export function documentOf(run: { readonly stdout: string; readonly exitCode: number }): OutputDocument {
  const document = JSON.parse(run.stdout) as OutputDocument
  expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
  expect(document.exitCode).toBe(run.exitCode)
  return document
}

export type Json = Record<string, unknown>

/** The newest versions, which show the most. */
function versionFor(path: string): string {
  if (path.includes('Microsoft.Authorization/locks')) return '2020-05-01'
  if (path.includes('Microsoft.Authorization/roleAssignments')) return '2022-04-01'
  return path.includes('Microsoft.EventHub') ? '2026-01-01' : '2021-04-01'
}

/** One GET as any client of Resource Manager sends it; undefined for 404. The text is as it came. */
export async function armGet(arm: LocalArm, path: string): Promise<string | undefined> {
  const response = await fetch(`${arm.endpoint}${path}?api-version=${versionFor(path)}`, {
    headers: { authorization: 'Bearer somebody-else' },
  })
  const text = await response.text()
  if (response.status === 404) return undefined
  expect(response.status, text).toBe(200)
  return text
}

export async function armSend(arm: LocalArm, method: string, path: string, body?: Json): Promise<number> {
  const response = await fetch(`${arm.endpoint}${path}?api-version=${versionFor(path)}`, {
    method,
    headers: { authorization: 'Bearer somebody-else', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  await response.text()
  return response.status
}

/** All that stands in the resource group of these tests, read through Resource Manager, without its times. */
export async function stateOf({ arm }: TestAzure): Promise<Json> {
  const get = async (path: string) => JSON.parse((await armGet(arm, path)) ?? 'null', withoutTimes) as Json | null
  const list = async (path: string) => ((await get(path))?.['value'] ?? []) as readonly { readonly name: string }[]
  const hubs = await list(`${NAMESPACE_PATH}/eventhubs`)
  const hubContents = hubs.map(async ({ name }) => [
    await list(`${NAMESPACE_PATH}/eventhubs/${name}/consumergroups`),
    await list(`${NAMESPACE_PATH}/eventhubs/${name}/authorizationRules`),
  ])
  const [group, namespaces, rules, ...rest] = await Promise.all([
    get(GROUP_PATH),
    list(`${SUBSCRIPTION_PATH}/providers/Microsoft.EventHub/namespaces`),
    list(`${NAMESPACE_PATH}/authorizationRules`),
    ...hubContents,
  ])
  return { group, namespaces, rules, hubs, hubContents: rest }
}

const withoutTimes = (key: string, value: unknown): unknown =>
  key === 'createdAt' || key === 'updatedAt' ? undefined : value

/** A folder with these files, for the length of a test. */
export async function aFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text)
  return cwd
}

/** The same with this text as its manifest. */
export const aFolderWith = (manifest: string): Promise<string> => aFolder({ 'ml-ingest.yaml': manifest })

/** What a message with words wrapped over lines says. */
export const unwrapped = (text: string): string => text.replace(/\s+/g, ' ')

export const ESCAPE = '\u001b'

/** Runs `local start` in the foreground until it serves, then what is given, then ends it. Answers what it told a person. */
export async function whileServing(
  argv: readonly string[],
  options: Pick<TestOptions, 'host' | 'cwd'>,
  work: (stdout: string) => Promise<void> = async () => undefined,
): Promise<string> {
  const stop = new AbortController()
  const deps = testDeps({ ...options, clock: realClock, stop: stop.signal })
  const ended = main(['local', 'start', ...argv], deps)
  const isOver = ended.then(() => true)
  while (!deps.stderr.text.includes('Serving') && !(await Promise.race([isOver, realClock.sleep(10)])));
  try {
    await work(deps.stdout.text)
  } finally {
    stop.abort(new Interruption('SIGINT'))
    expect(await ended, deps.stderr.text).toBe(0)
  }
  return unwrapped(deps.stderr.text)
}
