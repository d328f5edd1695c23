import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startTestAzure } from '../support/azure.ts'
import { contentsOf, type Place } from './contents.ts'
import { aFolder, unwrapped } from './support.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/real')
const ELSEWHERE: Place = { group: 'rg-elsewhere', namespace: 'ns-elsewhere-test' }
/** Storage accounts may not be read, so that what is captured into them is taken at its word. */
const UNSEEN_STORAGE = [{ kind: '403', path: 'storageAccounts' }] as const
const AGREED = ['--yes', '--no-connection']

interface Stage {
  readonly resourceGroup: string
  readonly namespace: string
}

/** What a file says of one place: the whole of it, or one of its environments. */
interface Configuration {
  readonly title: string
  /** How a command names it. */
  readonly argv: readonly string[]
  readonly place: Place
}

/** The namespaces that a file makes. */
async function configurationsIn(file: string): Promise<readonly Configuration[]> {
  const { environments = {}, ...all } = parse(await readFile(join(FOLDER, file), 'utf8')) as Stage & {
    readonly environments?: Readonly<Record<string, Partial<Stage>>>
  }
  const placeOf = ({ resourceGroup, namespace }: Stage): Place => ({ group: resourceGroup, namespace })
  const path = ['-f', join(FOLDER, file)]
  const names = Object.keys(environments)
  if (names.length === 0) return [{ title: file, argv: path, place: placeOf(all) }]
  return names.map((name) => ({
    title: `${file}, ${name}`,
    argv: [...path, '-e', name],
    place: placeOf({ ...all, ...environments[name] }),
  }))
}

/** Azure has no consumer groups on Basic, whoever asks. */
const REFUSED = 'dev-and-prod.yaml, dev'

const FILES = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml'))
const ALL = (await Promise.all(FILES.map(configurationsIn))).flat()
const POSSIBLE = ALL.filter(({ title }) => title !== REFUSED)

test('all ten are here', () => {
  expect(FILES).toHaveLength(10)
  expect(POSSIBLE).toHaveLength(ALL.length - 1)
})

test.each(POSSIBLE)('$title is made, stays as it is, and is the same elsewhere', async ({ argv, place }) => {
  const azure = await startTestAzure({ faults: UNSEEN_STORAGE })
  const cwd = await aFolder()
  const run = async (words: readonly string[]) => {
    const ended = await azure.run(words, { cwd })
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    return ended
  }

  await run(['create', ...argv, ...AGREED])
  await run(['plan', ...argv, '--exit-code'])
  const made = await contentsOf(azure.arm, place)

  azure.requests.length = 0
  await run(['create', ...argv, ...AGREED, '--save', 'saved.yaml'])
  expect(azure.writes()).toEqual([])

  const saved = ['-f', 'saved.yaml', ...argv.slice(2)]
  await run(['create', ...saved, '-g', ELSEWHERE.group, '-n', ELSEWHERE.namespace, ...AGREED])
  expect(await contentsOf(azure.arm, ELSEWHERE)).toEqual(made)
  expect(await contentsOf(azure.arm, place)).toEqual(made)
})

test(`${REFUSED} is refused before anything is sent: Basic has no consumer groups`, async () => {
  const azure = await startTestAzure()
  const { argv } = ALL.find(({ title }) => title === REFUSED)!
  const run = await azure.run(['create', ...argv, ...AGREED])
  expect(run.exitCode).toBe(2)
  expect(unwrapped(run.stderr)).toContain('1 input is not valid')
  expect(unwrapped(run.stderr)).toContain('hubs[0].consumerGroups[0] cannot be on Basic: a hub has only $Default there')
  expect(azure.requests).toEqual([])
})
