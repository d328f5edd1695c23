import fc from 'fast-check'
import { parseIdentity } from '../../src/inputs/identity.ts'
import { describe, expect, it } from 'vitest'
import {
  CAPTURE_DEFAULTS,
  formatInterval,
  formatSize,
  parseArchiveNameFormat,
  parseCaptureInterval,
  parseCaptureSize,
  parseContainer,
  parseStorageAccount,
} from '../../src/inputs/capture.ts'
import { parseRetention } from '../../src/inputs/parsers.ts'
import { formatHours } from '../../src/lib/duration.ts'
import type { Parser } from '../../src/lib/parser.ts'
import { parseTombstoneRetention } from '../../src/resources/hub/settings.ts'
import { STORAGE_ID, SUBSCRIPTION } from '../support/worlds.ts'

const IDENTITY_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/capturer`
const FORMAT = CAPTURE_DEFAULTS.archiveNameFormat

describe('what is typed is read', () => {
  const CASES: readonly (readonly [string, Parser<unknown>, string, unknown])[] = [
    ['an id', parseStorageAccount, STORAGE_ID, STORAGE_ID],
    [
      'an id in other letters, with a slash',
      parseStorageAccount,
      `${STORAGE_ID.toLowerCase()}/`,
      STORAGE_ID.toLowerCase(),
    ],
    ['a name alone', parseStorageAccount, 'lake', 'lake'],
    ['a name with capitals', parseStorageAccount, 'Lake', /is not the name of a storage account/],
    ['a name too short', parseStorageAccount, 'la', /3 to 24/],
    ['another resource', parseStorageAccount, IDENTITY_ID, /is not the resource id of a storage account/],
    ['a container of it', parseStorageAccount, `${STORAGE_ID}/blobServices/default`, /is not the resource id/],
    ['nothing', parseStorageAccount, ' ', /is empty/],
    ['a container', parseContainer, 'clicks-raw-2', 'clicks-raw-2'],
    ['the container of a website', parseContainer, '$web', '$web'],
    ['a container too short', parseContainer, 'ab', /3 to 63/],
    ['a container too long', parseContainer, 'a'.repeat(64), /3 to 63/],
    ['capitals', parseContainer, 'Clicks', /lower-case/],
    ['two hyphens', parseContainer, 'a--b', /single -/],
    ['a hyphen at the end', parseContainer, 'abc-', /both ends/],
    ['seconds', parseCaptureInterval, '90s', 90],
    ['the least time of Azure', parseCaptureInterval, '60s', 60],
    ['the least time', parseCaptureInterval, '1s', 1],
    ['the longest time', parseCaptureInterval, '15m', 900],
    ['too short', parseCaptureInterval, '0s', /60s to 15m/],
    ['too long', parseCaptureInterval, '16m', /60s to 15m/],
    ['no whole seconds', parseCaptureInterval, '60500ms', /is not a time/],
    ['no unit', parseCaptureInterval, '300', /such as 90s or 5m/],
    ['a size', parseCaptureSize, '300 mb', 314_572_800],
    ['the least size', parseCaptureSize, '10MB', 10_485_760],
    ['the largest size', parseCaptureSize, '500MB', 524_288_000],
    ['too small', parseCaptureSize, '9MB', /10MB to 500MB/],
    ['too large', parseCaptureSize, '501MB', /10MB to 500MB/],
    ['a size without a unit', parseCaptureSize, '300', /such as 300MB/],
    ['bytes', parseCaptureSize, '10485763', 10_485_763],
    ['the largest size in bytes', parseCaptureSize, '524288000', 524_288_000],
    ['too many bytes', parseCaptureSize, '524288001', /10MB to 500MB/],
    ['too few bytes', parseCaptureSize, '10485759', /such as 300MB or 314572800/],
    ['part of a byte', parseCaptureSize, '10485763.5', /is not a size/],
    ['another unit', parseCaptureSize, '1GB', /is not a size/],
    ['the usual names', parseArchiveNameFormat, FORMAT, FORMAT],
    ['names with a part missing', parseArchiveNameFormat, FORMAT.replace('{Minute}/', ''), /has no \{Minute\}, and/],
    ['the identity of the namespace', parseIdentity, 'systemassigned', 'SystemAssigned'],
    ['no identity', parseIdentity, 'None', 'None'],
    ['a user-assigned identity', parseIdentity, IDENTITY_ID, IDENTITY_ID],
    ['another identity', parseIdentity, 'mine', /neither SystemAssigned/],
  ]

  it.each(CASES)('%s', (_, parse, text, expected) => {
    const parsed = parse(text)
    if (expected instanceof RegExp)
      expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(expected) as string })
    else expect(parsed).toEqual({ ok: true, value: expected })
  })

  it.each<readonly [string, fc.Arbitrary<number>, (value: number) => string, Parser<number>]>([
    ['interval', fc.integer({ min: 1, max: 900 }), formatInterval, parseCaptureInterval],
    ['size', fc.integer({ min: 10_485_760, max: 524_288_000 }), formatSize, parseCaptureSize],
    ['retention', fc.integer({ min: 1, max: 2_160 }), formatHours, parseRetention],
    ['tombstone retention', fc.integer({ min: 1, max: 999_999 }), formatHours, parseTombstoneRetention],
  ])('every %s that Azure can have can be typed', (_, values, format, parse) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(format(value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('and written as it is typed', () => {
    expect([formatInterval(300), formatInterval(90), formatSize(314_572_800), formatSize(314_572_799)]).toEqual([
      ...['5m', '90s', '300MB', '314572799'],
    ])
  })
})
