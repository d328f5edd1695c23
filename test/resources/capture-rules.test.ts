import { describe, expect, it, test } from 'vitest'
import {
  CAPTURE_DEFAULTS,
  formatInterval,
  formatSize,
  parseArchiveNameFormat,
  parseCaptureIdentity,
  parseCaptureInterval,
  parseCaptureSize,
  parseContainer,
  parseStorageAccount,
} from '../../src/inputs/capture-parsers.ts'
import type { Given } from '../../src/inputs/given.ts'
import { manifestInputs } from '../../src/manifest/manifest-inputs.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { withManifest } from '../../src/manifest/with-manifest.ts'
import type { Parser } from '../../src/lib/parser.ts'
import type { Spec } from '../../src/resources/front-door.ts'
import { inputsOf } from '../support/argv.ts'
import { aSpec, homeWords, STORAGE_ID, SUBSCRIPTION } from '../support/worlds.ts'

const OTHER_ID = STORAGE_ID.replace(SUBSCRIPTION, '99999999-2222-3333-4444-555555555555')
const IDENTITY_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/capturer`
const FORMAT = CAPTURE_DEFAULTS.archiveNameFormat
const INTO_LAKE = `--capture-storage-account ${STORAGE_ID} --capture-container raw`

describe('what is typed is read', () => {
  const CASES: readonly (readonly [string, Parser<unknown>, string, unknown])[] = [
    ['an id', parseStorageAccount, STORAGE_ID, STORAGE_ID],
    [
      'an id in other letters, with a slash',
      parseStorageAccount,
      `${STORAGE_ID.toLowerCase()}/`,
      STORAGE_ID.toLowerCase(),
    ],
    ['a name alone', parseStorageAccount, 'lake', /az storage account show --name lake --query id/],
    ['another resource', parseStorageAccount, IDENTITY_ID, /is not the resource id of a storage account/],
    ['a container of it', parseStorageAccount, `${STORAGE_ID}/blobServices/default`, /is not the resource id/],
    ['nothing', parseStorageAccount, ' ', /is empty/],
    ['a container', parseContainer, 'clicks-raw-2', 'clicks-raw-2'],
    ['a container too short', parseContainer, 'ab', /3 to 63/],
    ['a container too long', parseContainer, 'a'.repeat(64), /3 to 63/],
    ['capitals', parseContainer, 'Clicks', /lower-case/],
    ['two hyphens', parseContainer, 'a--b', /single -/],
    ['a hyphen at the end', parseContainer, 'abc-', /both ends/],
    ['seconds', parseCaptureInterval, '90s', 90],
    ['the least time', parseCaptureInterval, '60s', 60],
    ['the longest time', parseCaptureInterval, '15m', 900],
    ['too short', parseCaptureInterval, '59s', /60s to 15m/],
    ['too long', parseCaptureInterval, '16m', /60s to 15m/],
    ['no whole seconds', parseCaptureInterval, '60500ms', /is not a time/],
    ['no unit', parseCaptureInterval, '300', /such as 90s or 5m/],
    ['a size', parseCaptureSize, '300 mb', 314_572_800],
    ['the least size', parseCaptureSize, '10MB', 10_485_760],
    ['the largest size', parseCaptureSize, '500MB', 524_288_000],
    ['too small', parseCaptureSize, '9MB', /10MB to 500MB/],
    ['too large', parseCaptureSize, '501MB', /10MB to 500MB/],
    ['a size without a unit', parseCaptureSize, '300', /such as 300MB/],
    ['the usual names', parseArchiveNameFormat, FORMAT, FORMAT],
    ['names with a part missing', parseArchiveNameFormat, FORMAT.replace('{Minute}/', ''), /has no \{Minute\}, and/],
    ['the identity of the namespace', parseCaptureIdentity, 'systemassigned', 'SystemAssigned'],
    ['no identity', parseCaptureIdentity, 'None', 'None'],
    ['a user-assigned identity', parseCaptureIdentity, IDENTITY_ID, IDENTITY_ID],
    ['another identity', parseCaptureIdentity, 'mine', /neither SystemAssigned/],
  ]

  it.each(CASES)('%s', (_, parse, text, expected) => {
    const parsed = parse(text)
    if (expected instanceof RegExp)
      expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(expected) as string })
    else expect(parsed).toEqual({ ok: true, value: expected })
  })

  it('and written as it is typed', () => {
    expect([formatInterval(300), formatInterval(90), formatSize(314_572_800), formatSize(314_572_799)]).toEqual([
      ...['5m', '90s', '300MB', '314572799 bytes'],
    ])
  })
})

const problemsOf = (inputs: Given): readonly string[] => {
  const validated = validate(inputs)
  return validated.ok ? [] : validated.problems.map(({ flag, message }) => `${flag} ${message}`)
}
const problemsIn = (line: string): readonly string[] => problemsOf(inputsOf(homeWords(line)))

describe('flags', () => {
  it('say nothing where nothing is said', () => {
    expect(aSpec('--hub clicks').hubs[0].capture).toBeUndefined()
  })

  it('hold for every hub, with the rest filled in', () => {
    const { hubs } = aSpec(`--hub clicks --hub views ${INTO_LAKE} --capture-interval 90s --capture-skip-empty`)
    expect(hubs[1]?.capture).toEqual(hubs[0].capture)
    expect(hubs[0].capture).toEqual({
      enabled: true,
      storageAccount: STORAGE_ID,
      container: 'raw',
      intervalSeconds: { value: 90, given: true },
      sizeLimitBytes: { value: 314_572_800, given: false },
      archiveNameFormat: { value: FORMAT, given: false },
      skipEmptyArchives: { value: true, given: true },
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
    ['--no-capture --capture-container raw', ['--capture-container raw contradicts --no-capture']],
    [
      `${INTO_LAKE} --tier Basic --no-consumer-group`,
      ['asks for Capture, which Basic has not. --tier Standard has it'],
    ],
    [INTO_LAKE.replace(STORAGE_ID, OTHER_ID), ['is in another subscription, which takes a managed identity']],
    [`${INTO_LAKE.replace(STORAGE_ID, OTHER_ID)} --capture-identity SystemAssigned`, []],
    [`${INTO_LAKE.replace(STORAGE_ID, OTHER_ID)} --local`, []],
    [INTO_LAKE, []],
    ['--no-capture', []],
  ])('%s', (line, expected) => {
    const problems = problemsIn(line)
    expect(problems).toHaveLength(expected.length)
    for (const [i, part] of expected.entries()) expect(problems[i]).toContain(part)
  })
})

const manifestOf = (...lines: readonly string[]): string =>
  ['version: 1', `subscription: ${SUBSCRIPTION}`, ...lines].join('\n')
function inputsFrom(text: string, environment?: string): Given {
  const read = readManifest(text)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return manifestInputs(read.root, environment, 'm.yaml')
}
function specFrom(text: string, environment?: string, flags = ''): Spec {
  const words = flags === '' ? [] : flags.split(' ')
  const validated = validate(withManifest(inputsOf(words), inputsFrom(text, environment)))
  if (!validated.ok) throw new Error(validated.problems.map(({ flag, message }) => `${flag} ${message}`).join('\n'))
  return validated.spec
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
    expect(captureIn(spec, 'views')).toMatchObject({ container: 'raw', intervalSeconds: { value: 120, given: true } })
    expect(captureIn(spec, 'clicks')).toMatchObject({
      container: 'clicks',
      storageAccount: STORAGE_ID,
      intervalSeconds: { value: 120, given: true },
      sizeLimitBytes: { value: 104_857_600, given: true },
      skipEmptyArchives: { value: true, given: true },
    })
    expect(captureIn(spec, 'state')).toEqual({ enabled: false })
  })

  it('is laid over by an environment, key by key', () => {
    const spec = specFrom(FLEET, 'prod')
    expect(captureIn(spec, 'clicks')).toMatchObject({
      container: 'clicks',
      intervalSeconds: { value: 600 },
      sizeLimitBytes: { value: 524_288_000 },
    })
    expect(captureIn(specFrom(FLEET, 'dev'), 'views')).toEqual({ enabled: false })
  })

  it.each([
    ['--capture-interval 5m', 'views', { intervalSeconds: { value: 300, given: true } }],
    ['--capture-container other', 'clicks', { container: 'other', sizeLimitBytes: { value: 104_857_600 } }],
    ['--capture-size 200MB', 'clicks', { container: 'clicks', sizeLimitBytes: { value: 209_715_200 } }],
    ['--capture-size 200MB', 'state', { enabled: false }],
    ['--capture-container other', 'views', { container: 'other' }],
    ['--no-capture', 'views', { enabled: false }],
    ['--no-capture', 'clicks', { enabled: false }],
    [`--capture-storage-account ${STORAGE_ID}`, 'state', { enabled: true, container: 'raw' }],
    ['--capture-container other', 'state', { enabled: false }],
  ])('gives way to flags, also in what a hub says itself: %s for %s', (flags, hub, expected) => {
    expect(captureIn(specFrom(FLEET, undefined, flags), hub)).toMatchObject(expected)
  })

  it.each([
    ['  - { name: a, capture: { container: raw } }', /m\.yaml:4:25 hubs\[0\]\.capture has no storageAccount/],
    [`  - { name: a, capture: { storageAccount: ${STORAGE_ID} } }`, /m\.yaml:4:25 hubs\[0\]\.capture has no container/],
    [
      `  - { name: a, capture: { storageAccount: ${OTHER_ID}, container: raw } }`,
      /m\.yaml:4:43 hubs\[0\]\.capture\.storageAccount is lake in another subscription, .*identity: SystemAssigned/,
    ],
  ])('%s', (line, message) => {
    const problems = problemsOf(inputsFrom(manifestOf('hubs:', line)))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
  })
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
