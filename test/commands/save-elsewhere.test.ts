import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OWNERSHIP_TAG } from '../../src/inputs/defaults.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { azureNamespace, UNSAYABLE, type AzureNamespace, type Unsayable } from '../support/azure-namespaces.ts'
import { contentsOf, groupPath, namespacePath, type Place } from './contents.ts'
import { aFolder, armSend, type Json, unwrapped } from './support.ts'

/** The seed is in the message of a failure, with the path to the smallest namespace that fails. */
const RUNS = { seed: 20_261_129, numRuns: 60 }
/** Longer than the embedded Azure takes to make a namespace. */
const UNTIL_READY_MS = 120_000
/** Storage accounts may not be read, so that what is captured into them is taken at its word. */
const UNSEEN_STORAGE = [{ kind: '403', path: 'storageAccounts' }] as const
const AGREED = ['--yes', '--no-connection']

/** As another tool does it: nothing of this goes through the planner. */
async function makeByHand({ arm, clock }: TestAzure, place: Place, { puts }: AzureNamespace): Promise<void> {
  const put = async (path: string, body: Json): Promise<void> => {
    const status = await armSend(arm, 'PUT', path, body)
    expect(status, `${path} ${JSON.stringify(body)}`).toBeLessThan(300)
  }
  await put(groupPath(place), { location: 'westeurope' })
  for (const { below, body } of puts) {
    await put(`${namespacePath(place)}${below}`, body)
    if (below === '') await clock.sleep(UNTIL_READY_MS)
  }
}

/** A role on a hub adds nothing to the same one on the namespace, and is not given again. */
function withoutRepeated({ roles, ...contents }: Json): Json {
  const all = roles as readonly Json[]
  const isAbove = (one: Json, other: Json): boolean =>
    String(one['scope']).startsWith(`${String(other['scope'])}/`) &&
    ['principalId', 'roleDefinitionId'].every((key) => one[key] === other[key])
  return { ...contents, roles: all.filter((one) => !all.some((other) => isAbove(one, other))) }
}

/** The same without what was told to be missing, and without the tag of what this program makes. */
function without(told: readonly Unsayable[], value: unknown, key = ''): unknown {
  const isLeftOut = (below: string, one: unknown): boolean =>
    below === OWNERSHIP_TAG.name || told.some((what) => UNSAYABLE[what].isAt(below, one))
  if (Array.isArray(value)) return value.filter((one) => !isLeftOut(key, one)).map((one) => without(told, one, key))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([below, one]) => !isLeftOut(below, one))
  return Object.fromEntries(kept.map(([below, one]) => [below, without(told, one, below)]))
}

test('any namespace that another tool made is the same elsewhere, but for what the saved file is said to lack', async () => {
  const azure = await startTestAzure({ faults: UNSEEN_STORAGE })
  const cwd = await aFolder()
  let count = 0

  const isSameElsewhere = async (made: AzureNamespace): Promise<void> => {
    const number = String(++count).padStart(4, '0')
    const [here, elsewhere] = ['here', 'elsewhere'].map((where): Place => ({
      group: `rg-${where}-${number}`,
      namespace: `ns-${where}-${number}`,
    })) as [Place, Place]
    await makeByHand(azure, here, made)

    const hubs = made.hubs.flatMap((hub) => ['--hub', hub])
    const names = ['-g', here.group, '-n', here.namespace, ...hubs]
    const saving = await azure.run(['create', ...names, ...AGREED, '--save', `${number}.yaml`], { cwd })
    expect(saving.exitCode, saving.stderr).toBe(0)
    const told = unwrapped(saving.stderr).match(/Not saved: .*/)?.[0] ?? ''
    const file = await readFile(join(cwd, `${number}.yaml`), 'utf8')
    for (const what of made.unsayable) expect(told, file).toMatch(UNSAYABLE[what].words)

    const planning = await azure.run(['plan', '-f', `${number}.yaml`, '--exit-code'], { cwd })
    expect(planning.exitCode, `${planning.stdout}${planning.stderr}\n${file}`).toBe(0)

    const there = ['-f', `${number}.yaml`, '-g', elsewhere.group, '-n', elsewhere.namespace]
    const making = await azure.run(['create', ...there, ...AGREED], { cwd })
    expect(making.exitCode, `${making.stdout}${making.stderr}\n${file}`).toBe(0)
    const [first, second] = await Promise.all([here, elsewhere].map((place) => contentsOf(azure.arm, place)))
    const inShort = (contents: Json = {}) => without(made.unsayable, withoutRepeated(contents))
    expect(inShort(second), file).toEqual(inShort(first))
  }

  await fc.assert(fc.asyncProperty(azureNamespace, isSameElsewhere), RUNS)
}, 90_000)
