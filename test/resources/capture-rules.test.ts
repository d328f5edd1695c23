import { describe, expect, it, test } from 'vitest'
import { CAPTURE_DEFAULTS } from '../../src/inputs/capture.ts'
import { runProblems } from '../../src/inputs/contradictions.ts'
import { brokenRules, judge, wantedOf, type Spec } from '../../src/resources/front-door.ts'
import { givenBy } from '../support/argv.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'
import { aSpec, homeWords, STORAGE_ID, SUBSCRIPTION } from '../support/worlds.ts'

const FORMAT = CAPTURE_DEFAULTS.archiveNameFormat
const INTO_LAKE = `--capture-storage-account ${STORAGE_ID} --capture-container raw`

const problemsIn = (line: string): readonly string[] => {
  const given = givenBy(homeWords(line))
  const judged = judge(wantedOf(given))
  return [...(judged.ok ? [] : judged.problems), ...runProblems(given)].map(toldOf)
}

describe('flags', () => {
  it('say nothing where nothing is said', () => {
    expect(aSpec('--hub clicks').hubs[0].capture).toBeUndefined()
  })

  it('hold for every hub, with the rest filled in', () => {
    const { hubs } = aSpec(`--hub clicks --hub views ${INTO_LAKE} --capture-interval 90s --capture-skip-empty`)
    expect(hubs[1]?.capture).toEqual(hubs[0].capture)
    expect(hubs[0].capture).toEqual({
      enabled: true,
      accountText: STORAGE_ID,
      storageAccount: { value: STORAGE_ID, given: true },
      container: { value: 'raw', given: true },
      intervalSeconds: { value: 90, given: true },
      sizeLimitBytes: { value: 314_572_800, given: false },
      archiveNameFormat: { value: FORMAT, given: false },
      skipEmptyArchives: { value: true, given: true },
      encoding: { value: 'Avro', given: false },
      identity: { value: 'None', given: false },
    })
  })

  it.each([
    ['--capture-container raw', ['--capture-storage-account is missing, and Capture needs it']],
    [`--capture-storage-account ${STORAGE_ID}`, ['--capture-container is missing, and Capture needs it']],
    [
      '--hub a --hub b --capture-interval 5m',
      ['--capture-storage-account is missing', '--capture-container is missing'],
    ],
    [
      `${INTO_LAKE} --capture-interval 59s`,
      [
        '--capture-interval 59s is below 60s, the shortest interval of Azure. Only the embedded Azure takes it: --local',
      ],
    ],
    ['--no-capture --capture-container raw', ['--capture-container raw contradicts --no-capture']],
    [
      `${INTO_LAKE} --tier Basic --no-consumer-group`,
      ['asks for Capture, which Basic does not have. --tier Standard has it'],
    ],
    [INTO_LAKE, []],
    ['--no-capture', []],
  ])('%s', (line, expected) => {
    const problems = problemsIn(line)
    expect(problems).toHaveLength(expected.length)
    for (const [i, part] of expected.entries()) expect(problems[i]).toContain(part)
  })
})

describe('a bare name of an account', () => {
  it('means the one in the resource group and the subscription of the run', () => {
    const { hubs } = aSpec('--capture-storage-account lake --capture-container raw -g rg-home')
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-home/providers/Microsoft.Storage/storageAccounts/lake`
    expect(hubs[0].capture).toMatchObject({ accountText: 'lake', storageAccount: { value: id, given: true } })
  })
})

describe('on the embedded Azure', () => {
  const LOCAL = { isLocal: true, subscriptionId: SUBSCRIPTION }

  it.each(['--capture-container clicks', '--capture-interval 1s', '--capture-storage-account pond'])(
    'the rest has a default: %s',
    (line) => {
      const judged = judge(wantedOf(givenBy(line.split(' '))), LOCAL)
      if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
      const { capture } = judged.spec.hubs[0]
      const given = (key: string) => line.includes(key)
      expect(capture).toMatchObject({
        accountText: given('account') ? 'pond' : 'lake',
        storageAccount: { given: given('account') },
        container: { value: given('container') ? 'clicks' : 'raw', given: given('container') },
        intervalSeconds: { value: given('interval') ? 1 : 300 },
      })
    },
  )
})

const manifestOf = (...lines: readonly string[]): string =>
  ['version: 1', `subscription: ${SUBSCRIPTION}`, ...lines].join('\n')
function specFrom(text: string, environment?: string, flags = ''): Spec {
  const words = flags === '' ? [] : flags.split(' ')
  const judged = judge(wantedFrom(text, givenBy(words), environment))
  if (!judged.ok) throw new Error(judged.problems.map(toldOf).join('\n'))
  return judged.spec
}

const FLEET = manifestOf(
  `capture: { storageAccount: ${STORAGE_ID}, container: raw, interval: 2m, skipEmptyArchives: true }`,
  'hubs:',
  '  - name: clicks',
  '    capture: { container: clicks, sizeLimit: 100MB }',
  '  - name: views',
  '  - name: state',
  '    capture: { enabled: false }',
  'environments:',
  '  dev: { namespace: ns-dev, capture: { enabled: false } }',
  '  prod:',
  '    namespace: ns-prod',
  '    capture: { interval: 10m }',
  '    hubs: [{ name: clicks, capture: { sizeLimit: 500MB } }]',
)
const captureIn = (spec: Spec, name: string) => spec.hubs.find((hub) => hub.name === name)?.capture

describe('a manifest', () => {
  it('says for all hubs, and each hub over that', () => {
    const spec = specFrom(FLEET, undefined)
    expect(captureIn(spec, 'views')).toMatchObject({
      container: { value: 'raw' },
      intervalSeconds: { value: 120, given: true },
    })
    expect(captureIn(spec, 'clicks')).toMatchObject({
      container: { value: 'clicks' },
      storageAccount: { value: STORAGE_ID },
      intervalSeconds: { value: 120, given: true },
      sizeLimitBytes: { value: 104_857_600, given: true },
      skipEmptyArchives: { value: true, given: true },
    })
    expect(captureIn(spec, 'state')).toEqual({ enabled: false })
  })

  it('is laid over by an environment, key by key', () => {
    const spec = specFrom(FLEET, 'prod')
    expect(captureIn(spec, 'clicks')).toMatchObject({
      container: { value: 'clicks' },
      intervalSeconds: { value: 600 },
      sizeLimitBytes: { value: 524_288_000 },
    })
    expect(captureIn(specFrom(FLEET, 'dev'), 'views')).toEqual({ enabled: false })
  })

  it.each([
    ['--capture-interval 5m', 'views', { intervalSeconds: { value: 300, given: true } }],
    ['--capture-container other', 'clicks', { container: { value: 'other' }, sizeLimitBytes: { value: 104_857_600 } }],
    ['--capture-size 200MB', 'clicks', { container: { value: 'clicks' }, sizeLimitBytes: { value: 209_715_200 } }],
    ['--capture-size 200MB', 'state', { enabled: false }],
    ['--capture-container other', 'views', { container: { value: 'other' } }],
    ['--no-capture', 'views', { enabled: false }],
    ['--no-capture', 'clicks', { enabled: false }],
    [`--capture-storage-account ${STORAGE_ID}`, 'state', { enabled: true, container: { value: 'raw' } }],
    ['--capture-container other', 'state', { enabled: false }],
  ])('gives way to flags, also in what a hub says itself: %s for %s', (flags, hub, expected) => {
    expect(captureIn(specFrom(FLEET, undefined, flags), hub)).toMatchObject(expected)
  })

  it.each([
    ['  - { name: a, capture: { container: raw } }', /m\.yaml:4:25 hubs\[0\]\.capture has no storageAccount/],
    [`  - { name: a, capture: { storageAccount: ${STORAGE_ID} } }`, /m\.yaml:4:25 hubs\[0\]\.capture has no container/],
  ])('%s', (line, message) => {
    const problems = brokenRules(wantedFrom(manifestOf('hubs:', line))).map(toldOf)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
  })
})

test('an empty mapping for all hubs says nothing, one of a hub that it is to have Capture', () => {
  expect(captureIn(specFrom(manifestOf('capture: {}', 'hubs: [{ name: a }]')), 'a')).toBeUndefined()
  const own = wantedFrom(manifestOf('capture: {}', 'hubs: [{ name: a, capture: {} }]'))
  expect(brokenRules(own).map(toldOf)).toEqual([
    expect.stringMatching(/^m\.yaml:4:28 hubs\[0\]\.capture has no storageAccount/),
    expect.stringMatching(/^m\.yaml:4:28 hubs\[0\]\.capture has no container/),
  ])
})

test('a hub that says where is no contradiction to a file that switches it off for the others', () => {
  const text = manifestOf(
    'capture: { enabled: false }',
    `hubs: [{ name: a, capture: { enabled: true, storageAccount: ${STORAGE_ID}, container: raw } }, { name: b }]`,
  )
  const spec = specFrom(text)
  expect(captureIn(spec, 'a')).toMatchObject({ enabled: true })
  expect(captureIn(spec, 'b')).toEqual({ enabled: false })
})
