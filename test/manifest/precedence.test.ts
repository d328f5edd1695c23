import { describe, expect, test } from 'vitest'
import { judge, wantedOf, type Wanted } from '../../src/resources/front-door.ts'
import type { HubSpec } from '../../src/resources/hub/hub.ts'
import { nameOf } from '../../src/wanted/node.ts'
import { givenBy } from '../support/argv.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'
import { SUBSCRIPTION } from '../support/worlds.ts'

const FILE = `version: 1
userMetadata: of the file
partitions: 2
hubs:
  - name: clicks
    partitions: 8
    retention: 48h
    consumerGroups: [trainer, { name: audit, userMetadata: the auditors }]
    accessRules: [{ name: producer, rights: [Send] }]
  - name: views
environments:
  prod:
    partitions: 3
    tags: { Team: b }
    hubs: [{ name: Clicks, retention: 5d }, { name: more }]
tags: { team: a, other: x }
`

const wantedWith = (line: string, environment?: string): Wanted =>
  wantedFrom(FILE, givenBy(line === '' ? [] : line.split(' ')), environment)

function hubsWith(line: string, environment?: string): readonly string[] {
  const judged = judge(wantedWith(line, environment), { subscriptionId: SUBSCRIPTION })
  if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
  return judged.spec.hubs.map(wordsOf)
}
const wordsOf = ({ name, partitions, retentionHours, consumerGroups, accessRules }: HubSpec): string =>
  [
    ...[name, partitions.value, retentionHours.value],
    ...consumerGroups.map((group) => `${group.name}=${group.userMetadata.value}`),
    ...accessRules.map((rule) => rule.name),
  ].join(' ')

const VIEWS = 'views 2 24 ml-data-consumer-group=of the file'

test.each<[string, string | undefined, readonly string[]]>([
  ['', undefined, ['clicks 8 48 trainer=of the file audit=the auditors producer', VIEWS]],
  [
    '--partitions 5',
    undefined,
    ['clicks 5 48 trainer=of the file audit=the auditors producer', 'views 5 24 ml-data-consumer-group=of the file'],
  ],
  [
    '--retention 3d',
    undefined,
    ['clicks 8 72 trainer=of the file audit=the auditors producer', 'views 2 72 ml-data-consumer-group=of the file'],
  ],
  [
    '--user-metadata mine',
    undefined,
    ['clicks 8 48 trainer=mine audit=mine producer', 'views 2 24 ml-data-consumer-group=mine'],
  ],
  ['--hub views', undefined, [VIEWS]],
  ['--hub brandnew', undefined, ['brandnew 2 24 ml-data-consumer-group=of the file']],
  ['--hub views --hub brandnew', undefined, [VIEWS, 'brandnew 2 24 ml-data-consumer-group=of the file']],
  ['--hub clicks:12 --retention 3d', undefined, ['clicks 12 72 trainer=of the file audit=the auditors producer']],
  [
    '--hub clicks:12:1h --partitions 5 --retention 3d',
    undefined,
    ['clicks 12 1 trainer=of the file audit=the auditors producer'],
  ],
  ['--hub new --partitions 5', undefined, ['new 5 24 ml-data-consumer-group=of the file']],
  ['--consumer-group x', undefined, ['clicks 8 48 x=of the file producer', 'views 2 24 x=of the file']],
  [
    '',
    'prod',
    [
      'Clicks 8 120 trainer=of the file audit=the auditors producer',
      'views 3 24 ml-data-consumer-group=of the file',
      'more 3 24 ml-data-consumer-group=of the file',
    ],
  ],
])('%s in %s', (line, environment, expected) => {
  expect(hubsWith(line, environment)).toEqual(expected)
})

test('a tag of an environment is the same tag in other letters', () => {
  expect(wantedWith('', 'prod').tags?.items.map((tag) => [nameOf(tag), tag.value?.value])).toEqual([
    ['other', 'x'],
    ['Team', 'b'],
  ])
})

test.each<[string, string, string | undefined, object]>([
  ['access: send', '--policy theirs', undefined, { kind: 'policy', name: 'theirs' }],
  ['policy: theirs', '--access listen', undefined, { kind: 'access', access: 'listen', given: true }],
  ['access: send', '', 'prod', { kind: 'policy', name: 'ours' }],
  ['policy: theirs', '', 'prod', { kind: 'policy', name: 'ours' }],
  ['access: send', '--access listen', 'prod', { kind: 'access', access: 'listen', given: true }],
])('a rule and an access are one question: %s, %s in %s', (line, flags, environment, rule) => {
  const environments = environment === undefined ? '' : 'environments: { prod: { policy: ours } }'
  const text = `version: 1\n${line}\n${environments}`
  const judged = judge(wantedFrom(text, givenBy(flags === '' ? [] : flags.split(' ')), environment), {
    subscriptionId: SUBSCRIPTION,
  })
  expect(judged).toMatchObject({ ok: true, spec: { rule } })
})

describe('a hub gets the consumer groups that were said for it, or the default one', () => {
  const USUAL = 'ml-data-consumer-group'
  const TEXT = `version: 1
hubs:
  - { name: audit, consumerGroups: [trainer] }
  - { name: none, consumerGroups: [] }
  - { name: clicks }`
  const HUBS = '--hub audit --hub none --hub clicks'

  const groupsIn = (wanted: Wanted): readonly string[] => {
    const judged = judge(wanted, { subscriptionId: SUBSCRIPTION })
    if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
    return judged.spec.hubs.map((hub) => [hub.name, ...hub.consumerGroups.map(({ name }) => name)].join(' '))
  }

  test.each<[string, string, readonly string[]]>([
    ['nothing by flags', '', ['audit trainer', 'none', `clicks ${USUAL}`]],
    ['one for a hub', '--consumer-group clicks/x', ['audit trainer', 'none', 'clicks x']],
    ['one for another hub', '--consumer-group audit/x', ['audit x', 'none', `clicks ${USUAL}`]],
    ['$Default alone for a hub', '--consumer-group audit/$Default', ['audit', 'none', `clicks ${USUAL}`]],
    ['one for all', '--consumer-group x', ['audit x', 'none x', 'clicks x']],
    ['none', '--no-consumer-group', ['audit', 'none', 'clicks']],
  ])('in a manifest, with %s', (_, line, expected) => {
    expect(groupsIn(wantedFrom(TEXT, givenBy(line === '' ? [] : line.split(' '))))).toEqual(expected)
  })

  test('by flags as in a manifest', () => {
    const said = `${HUBS} --consumer-group audit/trainer --consumer-group none/$Default`
    expect(groupsIn(wantedOf(givenBy(said.split(' '))))).toEqual(groupsIn(wantedFrom(TEXT)))
  })
})
