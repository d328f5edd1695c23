import { describe, expect, it } from 'vitest'
import type { CaptureActual } from '../../src/resources/capture/capture.ts'
import { aCapture, aWorld, STORAGE_ID, type World, homeWords } from '../support/worlds.ts'
import {
  changesIn,
  expectWaysOutToWork,
  notesIn,
  onlyRefusal,
  planIn,
  refusalsIn,
  stepOf,
} from '../support/planning.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

const INTO_LAKE = `--hub clicks --capture-storage-account ${STORAGE_ID} --capture-container raw`
const OTHER_ID = STORAGE_ID.replace(/lake$/, 'pond')

const empty = () => aWorld().withStorageAccount()
const without = () => empty().withNamespace().withHub('clicks')
const captured = (capture: Partial<CaptureActual> = {}) =>
  empty()
    .withStorageAccount(OTHER_ID)
    .withNamespace()
    .withHub('clicks', { capture: aCapture(capture) })

/** Planned, applied and planned again: nothing is left to do. */
function expectSettled(world: World, line: string): void {
  const after = world.after(planIn(world, line))
  expect(planIn(after, line).outcome).toBe('no-op')
}

describe('a new hub', () => {
  it('is made with Capture, all of it said outright', () => {
    const step = stepOf(planIn(empty(), `${INTO_LAKE} --capture-size 100MB`), 'hub clicks')
    expect(step).toMatchObject({
      details: ['4 partitions', 'retention 24h', 'Capture to lake/raw'],
      write: { op: 'create-hub', body: { capture: aCapture({ sizeLimitBytes: 104_857_600 }) } },
    })
    expectSettled(empty(), `${INTO_LAKE} --capture-size 100MB`)
  })

  it('is made without where it is switched off', () => {
    const step = stepOf(planIn(empty(), '--hub clicks --no-capture'), 'hub clicks')
    expect(step).toMatchObject({ write: { body: { partitions: 4, retentionHours: 24 } } })
    expect(JSON.stringify(step)).not.toContain('apture')
  })
})

describe('an existing hub', () => {
  it.each<readonly [string, World, string, readonly string[], unknown]>([
    [
      'gets it',
      without(),
      `${INTO_LAKE} --capture-interval 60s`,
      ['Capture: false -> true', 'Capture destination: null -> lake/raw', 'Capture interval: null -> 1m'],
      { storageAccount: STORAGE_ID, container: 'raw', intervalSeconds: 60 },
    ],
    ['loses it', captured(), '--hub clicks --no-capture', ['Capture: true -> false'], 'off'],
    [
      'gets another container',
      captured({ container: 'old' }),
      INTO_LAKE,
      ['Capture destination: lake/old -> lake/raw'],
      { storageAccount: STORAGE_ID, container: 'raw' },
    ],
    [
      'goes to another account',
      captured(),
      INTO_LAKE.replace(STORAGE_ID, OTHER_ID),
      ['Capture destination: lake/raw -> pond/raw'],
      { storageAccount: OTHER_ID, container: 'raw' },
    ],
    [
      'leaves a Data Lake Storage Gen1',
      captured({ storageAccount: '', container: '' }),
      INTO_LAKE,
      ['Capture destination: a Data Lake Storage Gen1 -> lake/raw'],
      { storageAccount: STORAGE_ID, container: 'raw' },
    ],
    [
      'gets another rhythm',
      captured({ sizeLimitBytes: 314_572_799 }),
      `${INTO_LAKE} --capture-size 300MB --capture-interval 5m`,
      ['Capture size limit: 314572799 bytes -> 300MB'],
      { sizeLimitBytes: 314_572_800 },
    ],
    [
      'gets no empty files',
      captured(),
      `${INTO_LAKE} --capture-skip-empty`,
      ['Capture without empty files: false -> true'],
      { skipEmptyArchives: true },
    ],
    [
      'gets an identity',
      captured(),
      `${INTO_LAKE} --capture-identity SystemAssigned`,
      ['Capture identity: None -> SystemAssigned'],
      { identity: 'SystemAssigned' },
    ],
  ])('%s', (_, world, line, changes, capture) => {
    const planned = planIn(world, line)
    expect(changesIn(planned)).toEqual(changes)
    expect(stepOf(planned, 'hub clicks')).toMatchObject({ write: { op: 'update-hub', changes: { capture } } })
    expectSettled(world, line)
  })

  it.each([
    ['the same, in other letters', captured(), INTO_LAKE.replace(STORAGE_ID, STORAGE_ID.toLowerCase())],
    ['nothing said of its rhythm', captured({ intervalSeconds: 777, archiveNameFormat: 'theirs' }), INTO_LAKE],
    ['nothing said at all', captured({ container: 'theirs' }), '--hub clicks'],
    ['off already', without(), '--hub clicks --no-capture'],
  ])('stays as it is: %s', (_, world, line) => {
    const planned = planIn(world, line)
    expect(changesIn(planned)).toEqual([])
    expect(notesIn(planned)).toEqual([])
  })

  it('tells of it where it is kept', () => {
    expect(stepOf(planIn(captured(), '--hub clicks'), 'hub clicks')).toMatchObject({
      action: 'keep',
      details: ['4 partitions', 'retention 24h', 'Capture to lake/raw'],
    })
  })
})

describe('a storage account', () => {
  it.each([
    ['that is not there', aWorld(), /rg-lake has no storage account of this name/],
    ['of the premium kind', aWorld().withStorageAccount(STORAGE_ID, { sku: 'Premium_LRS' }), /SKU is Premium_LRS/],
  ])('%s is refused before anything is made, once for all hubs', (_, world, because) => {
    const planned = planIn(world, `${INTO_LAKE} --hub views`)
    expect(planned.outcome).toBe('refused')
    expect(new Set(refusalsIn(planned).map((one) => `${one.what} ${plainSpeller.text(one.because)}`)).size).toBe(1)
    const [refusal] = refusalsIn(planned)
    expect(refusal?.what).toBe("Can't capture into storage account lake")
    expect(refusal?.because).toMatch(because)
    expect(refusal?.waysOut.length).toBeGreaterThan(0)
  })

  it('that may not be read is taken at the word of who named it, and that is said', () => {
    const planned = planIn(aWorld().withStorageAccount(STORAGE_ID, { sku: undefined }), `${INTO_LAKE} --hub views`)
    expect(planned.outcome).toBe('applicable')
    expect(notesIn(planned)).toEqual([
      'namespace ns-demo: whether storage account lake exists is not known: it may not be read',
    ])
  })

  it('that went away under a hub is told, and no reason to refuse', () => {
    const planned = planIn(aWorld().withNamespace().withHub('clicks', { capture: aCapture() }), INTO_LAKE)
    expect(stepOf(planned, 'hub clicks').action).toBe('keep')
    expect(notesIn(planned)).toEqual([
      'namespace ns-demo: storage account lake, which hubs are captured into, does not exist any more',
    ])
  })
})

it('a namespace that turns out to be Basic has no Capture', () => {
  const world = empty().withNamespace({ tier: 'Basic' }).withHub('clicks')
  const line = `${INTO_LAKE} --no-consumer-group`
  expect(onlyRefusal(planIn(world, line)).what).toBe("Can't capture the events of hub clicks")
  expectWaysOutToWork(world, homeWords(line))
})
