import { describe, expect, test } from 'vitest'
import { manifestInputs } from '../../../src/spec/manifest/manifest-inputs.ts'
import { readManifest } from '../../../src/spec/manifest/read-manifest.ts'
import { validate } from '../../../src/spec/validate.ts'
import { STORAGE_ID } from '../../support/worlds.ts'

/** Every problem of a manifest, from reading it and from checking it, as `line:column message`. */
function problemsOf(text: string, environment?: string): readonly string[] {
  const read = readManifest(text)
  if (!read.ok) return read.problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`)
  const validated = validate(manifestInputs(read.root, environment, 'm.yaml'), { subscriptionId: '0' })
  return validated.ok ? [] : validated.problems.map(({ flag, message }) => `${flag.replace('m.yaml:', '')} ${message}`)
}

const lines = (...text: readonly string[]): string => ['version: 1', ...text].join('\n')
const hub = (...text: readonly string[]): string =>
  lines('hubs:', '  - name: clicks', ...text.map((line) => `    ${line}`))
const hubs = (...items: readonly string[]): string => lines('hubs:', ...items.map((item) => `  - ${item}`))

/** Name, text, where it is, and what the message says. */
const MISTAKES: readonly (readonly [string, string, string, RegExp])[] = [
  ['no version', 'tier: Basic', '1:1', /has no version/],
  ['another version', 'version: 2', '1:10', /is not a version/],
  ['an empty file', '', '1:1', /nothing where a mapping/],
  ['a list as the file', '- a', '1:1', /is a list where a mapping/],
  ['a word as the file', 'hello', '1:1', /single value where a mapping/],
  ['no YAML at all', 'version: [1', '1:', /is not YAML/],
  ['a tab for indentation', 'version: 1\nhubs:\n\t- name: a', '3:', /is not YAML/],
  ['a key twice', lines('tier: Basic', 'tier: Standard'), '3:1', /is not YAML.*unique/],
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
  ['a capacity that Premium has not', lines('tier: Premium', 'capacity: 3'), '3:11', /1, 2, 4, 6, 8, 10, 12 or 16/],
  ['an auto-inflate maximum out of range', lines('autoInflateMax: 50'), '2:17', /0 to 40/],
  ['auto-inflate below capacity', lines('capacity: 4', 'autoInflateMax: 2'), '3:17', /auto-inflate/],
  ['auto-inflate on Basic', lines('tier: Basic', 'autoInflateMax: 5'), '3:17', /needs Standard/],
  ['a namespace too short', lines('namespace: abc'), '2:12', /6 to 50/],
  ['a namespace with a bad ending', lines('namespace: clicks-mgmt'), '2:12', /-mgmt/],
  ['a group name with a period at its end', lines('resourceGroup: rg.'), '2:16', /period/],
  ['a mistyped region', lines('location: westeurop'), '2:11', /Did you mean westeurope\?/],
  ['tags as a list', lines('tags: [a]'), '2:7', /is a list where a mapping/],
  ['a tag value too long', lines(`tags: { a: ${'x'.repeat(257)} }`), '2:12', /256/],
  ['hubs as a mapping', lines('hubs: { name: a }'), '2:7', /is a mapping where a list/],
  ['a hub that is a word', hubs('clicks'), '3:5', /single value where a mapping/],
  ['a hub without a name', hubs('partitions: 4'), '3:5', /has no name/],
  ['a hub name with a blank', hubs('name: "a b"'), '3:11', /letters, digits/],
  ['a hub twice', hubs('name: a', 'name: A'), '4:11', /is given twice/],
  ['no partitions', hub('partitions: 0'), '4:17', /1 to 1024/],
  ['partitions above the tier', hub('partitions: 64'), '4:17', /above 32/],
  ['a retention without a unit', hub('retention: 24'), '4:16', /24h or 7d/],
  ['a retention above the tier', hub('retention: 30d'), '4:16', /7d/],
  ['a retention above Basic', `${hub('retention: 48h')}\ntier: Basic`, '4:16', /24h/],
  ['a cleanup policy that is none', hub('cleanupPolicy: Compcat'), '4:20', /Did you mean Compact\?/],
  ['a retention of a compacted hub', hub('cleanupPolicy: Compact', 'retention: 24h'), '5:16', /no retention/],
  ['a consumer group name too long', hub(`consumerGroups: [${'g'.repeat(51)}]`), '4:22', /1 to 50/],
  ['a consumer group twice', hub('consumerGroups: [a, A]'), '4:', /is given twice/],
  ['a consumer group on Basic', `${hub('consumerGroups: [a]')}\ntier: Basic`, '4:22', /\$Default alone/],
  [
    'too many consumer groups',
    hub(`consumerGroups: [${Array.from({ length: 20 }, (_, i) => `g${i}`).join(', ')}]`),
    '4:',
    /20/,
  ],
  ['user metadata too long', hub(`consumerGroups: [{ name: a, userMetadata: ${'x'.repeat(1025)} }]`), '4:47', /1024/],
  ['a right that is none', hub('accessRules: [{ name: p, rights: [Sned] }]'), '4:39', /Did you mean Send\?/],
  ['a rule without rights', hub('accessRules: [{ name: p }]'), '4:19', /has no rights/],
  ['Manage alone', hub('accessRules: [{ name: p, rights: [Manage] }]'), '3:11', /needs Send and Listen/],
  [
    'a rule with our name',
    hub('accessRules: [{ name: ml-ingest-send, rights: [Send] }]'),
    '3:11',
    /keeps for the connection/,
  ],
  ['a mistyped key of Capture', hub('capture: { contaner: raw }'), '4:16', /Did you mean container\?/],
  ['Capture as a switch', hub('capture: true'), '4:14', /is a single value where a mapping/],
  ['a storage account by its name', hub('capture: { storageAccount: lake }'), '4:32', /the resource id is needed/],
  ['a container with capitals', hub('capture: { container: Raw }'), '4:27', /lower-case/],
  ['an interval that Azure has not', hub('capture: { interval: 30s }'), '4:26', /60s to 15m/],
  ['a size limit without a unit', hub('capture: { sizeLimit: 300 }'), '4:27', /such as 300MB/],
  ['names of files that miss a part', lines("capture: { archiveNameFormat: '{Year}' }"), '2:31', /has no {Namespace}/],
  ['a word for a switch of Capture', lines('capture: { skipEmptyArchives: maybe }'), '2:31', /neither true nor false/],
  ['Capture without a container', lines(`capture: { storageAccount: ${STORAGE_ID} }`), '2:28', /without container/],
  ['Capture of a hub without an account', hub('capture: { container: raw }'), '3:11', /without storageAccount/],
  [
    'Capture on Basic',
    lines('tier: Basic', `capture: { storageAccount: ${STORAGE_ID}, container: raw }`),
    '3:28',
    /which Basic has not/,
  ],
  ['an alias of nothing', lines('tier: *standard'), '2:7', /alias of nothing|unresolved alias/i],
  ['a rule and an access', lines('access: send', 'policy: mine'), '3:9', /contradicts/],
]

describe('a mistake is told with its line and column', () => {
  test.each(MISTAKES)('%s', (_name, text, place, message) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
    expect(problems[0]!.startsWith(place)).toBe(true)
  })
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
