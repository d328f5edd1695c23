import { expect, test } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { judge } from '../../src/resources/front-door.ts'
import { LOAD } from '../../src/resources/load/load.ts'
import { blocksOf, USER_PAGES } from '../support/pages.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'
import { SUBSCRIPTION } from '../support/worlds.ts'

const PAGE = USER_PAGES.find(({ path }) => path === 'docs/manifest.md')!
const EXAMPLES = blocksOf(PAGE).filter(({ language, text }) => language === 'yaml' && !text.includes('…'))
const whole = (text: string): string => (/^version:/m.test(text) ? text : `version: 1\n${text}`)

test.each(EXAMPLES.map(({ text }) => ({ text: whole(text) })))(
  'an example of the page can be read: $text',
  ({ text }) => {
    expect(readManifest(text, 'm.yaml').problems.map(toldOf)).toEqual([])
  },
)

test('the load of the page is sized by its numbers', () => {
  const example = EXAMPLES.find(({ text }) => text.includes('eventsPerSecond'))!
  const judged = judge(wantedFrom(example.text), { subscriptionId: SUBSCRIPTION })
  if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
  const { namespace, hubs } = judged.spec
  // Out: 3 x 5 MB/s and a little, which needs 8 units on average and 16 at the busiest.
  expect([namespace.capacity.value, namespace.autoInflateMax.value]).toEqual([8, 16])
  expect(hubs.map(({ partitions }) => partitions.value)).toEqual([10, 1])
})

test('the table of the load has each key once', () => {
  const section = /^## The load\n([^]*?)^## /m.exec(PAGE.text)?.[1] ?? ''
  const keys = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key!)
  expect(keys.sort()).toEqual(Object.keys(LOAD.keys).sort())
})
