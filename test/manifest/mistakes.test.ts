import { describe, expect, test } from 'vitest'
import { wantedIn } from '../../src/manifest/environments.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { brokenRules } from '../../src/resources/front-door.ts'
import { inOrder } from '../../src/ui/problems.ts'
import { tell } from '../support/told.ts'
import { STORAGE_ID } from '../support/worlds.ts'

/** Every problem of a manifest, from reading it and from checking it, as `line:column message`. */
function problemsOf(text: string, environment?: string): readonly string[] {
  const { root, problems } = readManifest(text, 'm.yaml')
  const broken = root ? brokenRules(wantedIn(root, environment)) : []
  return inOrder([...problems, ...broken])
    .map(tell)
    .map(({ flag, message }) => `${flag.replace('m.yaml:', '')} ${message}`)
}

const lines = (...text: readonly string[]): string => ['version: 1', ...text].join('\n')
const hub = (...text: readonly string[]): string =>
  lines('hubs:', '  - name: clicks', ...text.map((line) => `    ${line}`))
const hubs = (...items: readonly string[]): string => lines('hubs:', ...items.map((item) => `  - ${item}`))

const KEY = `${'k'.repeat(43)}=`
const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'

/** Name, text, where it is, and what the message says. */
const MISTAKES: readonly (readonly [string, string, string, RegExp])[] = [
  ['no version', 'tier: Basic', '1:1', /has no version/],
  ['another version', 'version: 2', '1:10', /is not a version/],
  ['an empty file', '', '1:1', /the file is empty: .*version: 1/],
  ['a file of comments', '# nothing yet\n', '1:1', /the file is empty/],
  ['a file too large', `version: 1 # ${'x'.repeat(4 * 1024 * 1024)}`, '1:1', /larger than 4 MB/],
  ['a zero byte', 'version: 1\n\0', '2:1', /zero byte/],
  ['two documents', 'version: 1\n---\nversion: 1', '2:1', /begins a second document/],
  ['a line indented too far', 'version: 1\nhubs:\n  - name: a\n   partitions: 2', '4:1', /indented more or less/],
  [
    'a key in a list',
    'version: 1\nhubs:\n  - name: a\n  name: b',
    '4:',
    /a list goes on without a -|indented more or less/,
  ],
  ['a value with a colon', lines('tags:', '  a: b: c'), '3:6', /put a value with ": " in quotes/],
  ['a value that begins with @', lines('tags: { a: @x }'), '2:12', /cannot begin with @x?\. Put it in quotes/],
  ['a type of another tool', lines('tier: !Ref tier'), '2:7', /has the type !Ref, which means nothing here/],
  ['a quote that stays open', 'version: 1\ntier: "Basic', '2:', /a quote is opened but not closed/],
  ['a bracket that stays open', 'version: 1\nhubs: [', '2:', /a \] is missing/],
  ['lists in lists', `version: 1\nhubs: ${'['.repeat(150)}${']'.repeat(150)}`, '2:', /nested too deep/],
  ['lists in lists by hyphens', `version: 1\nhubs:\n  ${'- '.repeat(10_000)}`, '3:', /nested too deep/],
  ['keys in keys', `version: 1\nhubs:\n  ${'? '.repeat(10_000)}`, '3:', /nested too deep/],
  ['a merge key', lines('<<: { tier: Basic }'), '2:1', /merge key, which is not supported/],
  ['a list as the file', '- a', '1:1', /is a list where a mapping/],
  ['a word as the file', 'hello', '1:1', /single value where a mapping/],
  ['no YAML at all', 'version: [1', '1:', /is not YAML/],
  ['a tab for indentation', 'version: 1\nhubs:\n\t- name: a', '3:', /is not YAML/],
  ['a key twice', lines('tier: Basic', 'tier: Standard'), '3:1', /tier is there twice: line 2 has it already/],
  ['a key twice in a mapping', lines('tags: { a: x, a: y }'), '2:15', /tags\.a is there twice/],
  ['an unknown key', lines('colour: red'), '2:1', /colour is not a key here/],
  ['a mistyped key', lines('capacty: 2'), '2:1', /Did you mean capacity\?/],
  ['a mistyped key of a hub', hub('partitons: 4'), '4:5', /hubs\[0\].partitons.*Did you mean partitions\?/],
  ['a mistyped key of a consumer group', hub('consumerGroups: [{ nam: x }]'), '4:24', /Did you mean name\?/],
  [
    'a mistyped key of an environment',
    lines('environments:', '  dev:', '    namespac: x'),
    '4:5',
    /Did you mean namespace\?/,
  ],
  ['an empty value', lines('tier:'), '2:', /tier is empty/],
  ['a mistyped tier', lines('tier: Standrad'), '2:7', /Did you mean Standard\?/],
  ['a mapping for a tier', lines('tier: { name: Basic }'), '2:7', /is a mapping where a text is expected/],
  ['a list for a capacity', lines('capacity: [1]'), '2:11', /is a list where a whole number/],
  ['a word for a capacity', lines('capacity: two'), '2:11', /is not a whole number/],
  ['a capacity out of range', lines('capacity: 41'), '2:11', /1 to 40/],
  ['a fraction for a capacity', lines('capacity: 1.5'), '2:11', /is not a whole number/],
  [
    'a capacity that Premium does not have',
    lines('tier: Premium', 'capacity: 3'),
    '3:11',
    /1, 2, 4, 6, 8, 10, 12 or 16/,
  ],
  ['an auto-inflate maximum out of range', lines('autoInflateMax: 50'), '2:17', /0 to 40/],
  ['auto-inflate below capacity', lines('capacity: 4', 'autoInflateMax: 2'), '3:17', /auto-inflate/],
  ['auto-inflate on Basic', lines('tier: Basic', 'autoInflateMax: 5'), '3:17', /autoInflateMax needs Standard/],
  ['a namespace too short', lines('namespace: abc'), '2:12', /6 to 50/],
  ['a namespace with a bad ending', lines('namespace: clicks-mgmt'), '2:12', /-mgmt/],
  ['a group name with a period at its end', lines('resourceGroup: rg.'), '2:16', /period/],
  ['a mistyped region', lines('location: westeurop'), '2:11', /Did you mean westeurope\?/],
  ['a tag without a name', lines('tags: { "": x }'), '2:9', /which is empty/],
  [
    'a tag with a letter that Azure forbids',
    lines('tags: { "c<d>": x }'),
    '2:9',
    /which holds one of < > % & \\ \? \//,
  ],
  ['a tag name too long', lines(`tags: { ${'x'.repeat(513)}: y }`), '2:9', /513 characters: a tag name has up to 512/],
  ['a tag that is a key', lines(`tags: { note: ${KEY} }`), '2:15', /"\*\*\*" holds what looks like a key/],
  ['a tag name that is a key', lines(`tags: { "${KEY}": x }`), '2:9', /"\*\*\*", which holds what looks like a key/],
  ['user metadata that is a key', lines(`userMetadata: a ${KEY}`), '2:15', /"a \*\*\*" holds what looks like a key/],
  ['a version in quotes', 'version: "1"', '1:10', /is a text where a whole number is expected: remove the quotes/],
  ['a switch in quotes', lines('disableLocalAuth: "true"'), '2:19', /remove the quotes/],
  [
    'an environment with a blank in its name',
    lines('environments: { "prod 1": { tier: Basic } }'),
    '2:17',
    /"prod 1", which is not an environment/,
  ],
  ['an environment without a name', lines('environments: { "": { tier: Basic } }'), '2:17', /which is empty/],
  [
    'two environments of one namespace',
    lines('environments:', '  dev: { namespace: clicks }', '  prod: { namespace: Clicks }'),
    '4:22',
    /environments\.prod\.namespace is the namespace of environments\.dev too/,
  ],
  [
    'two environments without a namespace',
    lines('subscription: Ours', 'environments:', '  dev: { tier: Basic }', '  prod: { tier: Standard }'),
    '5:9',
    /environments\.prod is the namespace of environments\.dev too/,
  ],
  ['tags as a list', lines('tags: [a]'), '2:7', /is a list where a mapping/],
  ['a tag value too long', lines(`tags: { a: ${'x'.repeat(257)} }`), '2:12', /256/],
  ['hubs as a mapping', lines('hubs: { name: a }'), '2:7', /is a mapping where a list/],
  ['a hub that is a word', hubs('clicks'), '3:5', /single value where a mapping/],
  ['a hub without a name', hubs('partitions: 4'), '3:5', /has no name/],
  ['a hub name with a blank', hubs('name: "a b"'), '3:11', /letters, digits/],
  ['no hubs', lines('hubs: []'), '2:7', /hubs is empty: name a hub/],
  ['a hub twice', hubs('name: a', 'name: A'), '4:11', /hubs\[1\]\.name A is given twice/],
  ['a hub twice by an alias', hubs('&h { name: a, partitions: 2 }', '*h'), '4:5', /hubs\[1\]\.name a is given twice/],
  [
    'too many hubs',
    hubs(...Array.from({ length: 11 }, (_, i) => `name: h${i}`)),
    '3:3',
    /hubs is given 11 times, above 10/,
  ],
  ['no partitions', hub('partitions: 0'), '4:17', /1 to 1024/],
  ['partitions above the tier', hub('partitions: 64'), '4:17', /above 32/],
  ['a retention without a unit', hub('retention: 24'), '4:16', /24h or 7d/],
  ['a retention above the tier', hub('retention: 30d'), '4:16', /7d/],
  ['a retention above Basic', `${hub('retention: 48h')}\ntier: Basic`, '4:16', /24h/],
  ['a cleanup policy that is none', hub('cleanupPolicy: Compcat'), '4:20', /Did you mean Compact\?/],
  ['a retention of a compacted hub', hub('cleanupPolicy: Compact', 'retention: 24h'), '5:16', /compacted hub/],
  ['a consumer group name too long', hub(`consumerGroups: [${'g'.repeat(51)}]`), '4:22', /1 to 50/],
  ['a consumer group twice', hub('consumerGroups: [a, A]'), '4:', /is given twice/],
  ['a consumer group on Basic', `${hub('consumerGroups: [a]')}\ntier: Basic`, '4:22', /only \$Default/],
  [
    'too many consumer groups',
    hub(`consumerGroups: [${Array.from({ length: 20 }, (_, i) => `g${i}`).join(', ')}]`),
    '4:',
    /20/,
  ],
  ['user metadata too long', hub(`consumerGroups: [{ name: a, userMetadata: ${'x'.repeat(1025)} }]`), '4:47', /1024/],
  ['a right that is none', hub('accessRules: [{ name: p, rights: [Sned] }]'), '4:39', /Did you mean Send\?/],
  ['a rule without rights', hub('accessRules: [{ name: p }]'), '4:19', /has no rights/],
  [
    'Manage alone',
    hub('accessRules: [{ name: p, rights: [Manage] }]'),
    '4:38',
    /accessRules\[0\]\.rights gives Manage alone: it needs Send and Listen/,
  ],
  [
    'a rule of no rights',
    hub('accessRules: [{ name: p, rights: [] }]'),
    '4:38',
    /accessRules\[0\]\.rights is empty: a rule gives Send/,
  ],
  [
    'a rule twice',
    hub('accessRules: [{ name: p, rights: [Send] }, { name: P, rights: [Send] }]'),
    '4:56',
    /accessRules\[1\]\.name P is given twice/,
  ],
  [
    'a grant twice',
    hub(`grants: [{ principalId: ${ANN}, role: sender }, { principalId: ${ANN}, role: sender }]`),
    '4:83',
    /hubs\[0\]\.grants\[1\] is given twice/,
  ],
  ['a role by another name', hub(`grants: [{ principalId: ${ANN}, role: reader }]`), '4:73', /Did you mean receiver\?/],
  [
    'a rule with our name',
    hub('accessRules: [{ name: ml-ingest-send, rights: [Send] }]'),
    '4:27',
    /accessRules\[0\]\.name is ml-ingest-send, which ml-ingest keeps/,
  ],
  ['a mistyped key of Capture', hub('capture: { contaner: raw }'), '4:16', /Did you mean container\?/],
  ['Capture as a switch', hub('capture: true'), '4:14', /is a single value where a mapping/],
  [
    'a storage account with capitals',
    hub('capture: { storageAccount: Lake }'),
    '4:32',
    /is not the name of a storage account/,
  ],
  ['a container with capitals', hub('capture: { container: Raw }'), '4:27', /lower-case/],
  ['an interval that nobody has', hub('capture: { interval: 16m }'), '4:26', /60s to 15m/],
  [
    'an interval of the embedded Azure',
    hub(`capture: { storageAccount: lake, container: raw, interval: 30s }`),
    '4:64',
    /is below 60s, the shortest interval of Azure\. Only the embedded Azure takes it: --local/,
  ],
  ['a size limit without a unit', hub('capture: { sizeLimit: 300 }'), '4:27', /such as 300MB/],
  ['names of files that miss a part', lines("capture: { archiveNameFormat: '{Year}' }"), '2:31', /has no {Namespace}/],
  ['a word for a switch of Capture', lines('capture: { skipEmptyArchives: maybe }'), '2:31', /neither true nor false/],
  [
    'Capture without a container',
    lines(`capture: { storageAccount: ${STORAGE_ID} }`),
    '2:10',
    /capture has no container/,
  ],
  [
    'Capture of a hub without an account',
    hub('capture: { container: raw }'),
    '4:14',
    /hubs\[0\]\.capture has no storageAccount/,
  ],
  [
    'Capture on Basic',
    lines('tier: Basic', `capture: { storageAccount: ${STORAGE_ID}, container: raw }`),
    '3:10',
    /capture asks for Capture, which Basic does not have/,
  ],
  [
    'an alias of nothing',
    lines('tier: *standard'),
    '2:7',
    /tier is an alias of nothing: there is no &standard before it/,
  ],
  ['a rule and an access', lines('access: send', 'policy: mine'), '3:9', /policy contradicts access:/],
]

describe('a mistake is told with its line and column', () => {
  test.each(MISTAKES)('%s', (_name, text, place, message) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
    expect(problems[0]!.startsWith(place)).toBe(true)
  })
})

const placesOf = (problems: readonly string[]) => problems.map((problem) => problem.split(' ')[0])

test('what could be read is checked beside what could not, in the order of the file', () => {
  const text = lines(
    'colour: red',
    'autoInflateMax: 2',
    'capacity: 4',
    'hubs:',
    '  - name: clicks',
    '    partitions: 64',
    '    retention: 24',
    '  - name: Clicks',
    '    retention: 30d',
    '    accessRules:',
    '      - { name: p, rights: [] }',
    '      - { name: q, rights: [Manage] }',
    '  - name: "a b"',
    '    partitions: 40',
  )
  expect(placesOf(problemsOf(text))).toEqual([
    ...['2:1', '3:17', '7:17', '8:16', '9:11', '10:16', '12:28', '13:28', '14:11', '15:17'],
  ])
})

describe('what could not be read is no reason for a second complaint', () => {
  test.each([
    ['a tier, and what depends on it', lines('tier: Gold', 'capacity: 40', 'autoInflateMax: 40', 'partitions: 100')],
    ['a subscription', lines('subscription: "a<b"')],
    ['a key that is meant', lines('subscripton: Ours')],
    ['a part of Capture', hub(`capture: { storageAccount: Lake, container: raw }`)],
    ['a mistyped part of Capture', lines(`capture: { contaner: raw, storageAccount: ${STORAGE_ID} }`)],
    ['a right', hub('accessRules: [{ name: p, rights: [Manage, Sned, Listen] }]')],
    ['the name of a hub with groups', hubs('{ name: "a b", consumerGroups: [x] }', '{ name: c, consumerGroups: [x] }')],
    [
      'the type of a grant',
      lines(
        `grants: [{ principalId: ${ANN}, role: sender, principalType: Usr }, { principalId: ${ANN}, role: owner, principalType: User }]`,
      ),
    ],
    [
      'an alias of a mistake',
      hubs('&h { name: a, partitions: 0 }', 'name: b').concat(
        '\nenvironments: { dev: { namespace: ns-dev, hubs: [*h] } }',
      ),
    ],
  ])('%s', (_name, text) => {
    expect(problemsOf(text)).toHaveLength(1)
  })

  test('an environment that is not a mapping', () => {
    expect(problemsOf(lines('partitions: 64', 'environments: { dev: 5 }'), 'dev')).toHaveLength(1)
  })
})

test('the keys that there are are listed once', () => {
  const many = hubs(...Array.from({ length: 20 }, (_, i) => `{ name: h${i % 9}, zzzzzzzzz: 1 }`))
  expect(problemsOf(many).filter((problem) => problem.includes('Keys:'))).toHaveLength(1)
})

test('groups of a hub that comes twice are told once', () => {
  const problems = problemsOf(hubs('{ name: a, consumerGroups: [x, X] }', 'name: A'))
  expect(placesOf(problems)).toEqual(['3:36', '4:11'])
})

test('each repetition of a hub is told', () => {
  expect(placesOf(problemsOf(hubs('name: clicks', 'name: Clicks', 'name: clicks')))).toEqual(['4:11', '5:11'])
})

test('all mistakes come at once, in the order of the file', () => {
  const problems = problemsOf(lines('tier: Gold', 'capacity: x', 'hubs:', '  - partitions: 0', '    nme: a'))
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['2:7', '3:11', '5:17', '6:5'])
})

test('an environment has its own mistakes', () => {
  const text = lines(
    'hubs:',
    '  - name: clicks',
    'environments:',
    '  dev:',
    '    tier: Basic',
    '    hubs:',
    '      - name: clicks',
    '        retention: 7d',
  )
  expect(problemsOf(text)).toEqual([])
  expect(problemsOf(text, 'dev').join()).toMatch(/^9:20/)
})

test('aliases are followed, and bounded', () => {
  expect(
    problemsOf(lines('hubs: [&a { name: clicks, consumerGroups: [x] }]', 'environments:', '  dev: { hubs: [*a] }')),
  ).toEqual([])
  const bomb = Array.from({ length: 200 }, () => '*g').join(', ')
  expect(problemsOf(lines('hubs:', `  - name: a`, `    consumerGroups: [&g g, ${bomb}]`)).join('\n')).toMatch(
    /one alias more than 100/,
  )
  const loop = problemsOf(lines('hubs: &h', '  - name: a', '    consumerGroups: *h'))
  expect(loop.length).toBeGreaterThan(0)
})

test('nothing in a manifest can run', () => {
  expect(problemsOf('version: 1\ntier: !!js/function "function () { return 1 }"').join()).toMatch(/2:/)
})
