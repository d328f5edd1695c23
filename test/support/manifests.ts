import { expect } from 'vitest'
import { plan, type Plan } from '../../src/engine/plan.ts'
import type { Given } from '../../src/inputs/given.ts'
import { wantedIn } from '../../src/manifest/environments.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { judge, wantedOf, type Judged, type Spec, type Wanted } from '../../src/resources/front-door.ts'
import { givenBy } from './argv.ts'
import { tell, toldOf } from './told.ts'
import { homeWords, type World } from './worlds.ts'

const FILE = 'm.yaml'

/** What a manifest wants, under what is given besides. Throws when it cannot be read: then the test is wrong. */
export function wantedFrom(text: string, given: Given = {}, environment?: string): Wanted {
  const { root, problems } = readManifest(text, FILE)
  if (!root || problems.length > 0) throw new Error(`${problems.map(toldOf).join('\n')} in\n${text}`)
  return wantedOf(given, wantedIn(root, environment))
}

/** What the root of a manifest says, with these flags besides. */
export const judgeRoot = (root: object, line: string): Judged =>
  judge(wantedFrom(JSON.stringify({ version: 1, ...root }), givenBy(homeWords(line))))

/** Hub `clicks` as a manifest says it, without consumer groups, with these flags besides. */
const judgeHub = (hub: object, line: string): Judged =>
  judgeRoot({ hubs: [{ name: 'clicks', consumerGroups: [], ...hub }] }, line)

export const aRootSpec = (root: object, line = ''): Spec => specIn(judgeRoot(root, line))
export const aHubSpec = (hub: object, line = ''): Spec => specIn(judgeHub(hub, line))

function specIn(judged: Judged): Spec {
  if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
  return judged.spec
}

/** With the path in the file, without the line. */
export function problemsOfRoot(root: object, line = ''): readonly string[] {
  const judged = judgeRoot(root, line)
  return judged.ok ? [] : judged.problems.map((problem) => tell(problem).message)
}

/** Without the place where each is. */
export function problemsOfHub(hub: object, line = ''): readonly string[] {
  const judged = judgeHub(hub, line)
  return judged.ok ? [] : judged.problems.map((problem) => tell(problem).message.replace(/^hubs\[0\][\w.[\]]* /, ''))
}

/** Plans what is left after a first plan was applied. */
export function planAgain(spec: Spec, world: World): Plan {
  const planned = plan(spec, world.actual(spec))
  expect(planned.outcome).toBe('applicable')
  return plan(spec, world.after(planned).actual(spec))
}
