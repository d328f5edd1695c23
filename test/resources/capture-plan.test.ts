import { describe, expect, it } from 'vitest'
import type { CaptureActual } from '../../src/resources/capture/capture.ts'
import { aCapture, aSpec, aWorld, STORAGE_ID, SUBSCRIPTION, type World, homeWords } from '../support/worlds.ts'
import { plan } from '../../src/engine/plan.ts'
import { aHubSpec, planAgain } from '../support/manifests.ts'
import {
  changesIn,
  expectWaysOutToWork,
  notesIn,
  onlyRefusal,
  planIn,
  planWords,
  refusalsIn,
  stepOf,
  wordsAfter,
} from '../support/planning.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

const INTO_LAKE = `--hub clicks --capture-storage-account ${STORAGE_ID} --capture-container raw`
const OTHER_ID = STORAGE_ID.replace(/lake$/, 'pond')
const FOREIGN = '99999999-2222-3333-4444-555555555555'
const FOREIGN_ID = STORAGE_ID.replace(SUBSCRIPTION, FOREIGN)
const WRITER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/writer`

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
  it('is told where its files of before are, where their place or names change', () => {
    const moved = (line: string) =>
      JSON.stringify(notesIn(planIn(captured(), line))).includes('files captured so far stay')
    expect(moved(`${INTO_LAKE}-2`)).toBe(true)
    expect(moved(INTO_LAKE.replace(STORAGE_ID, OTHER_ID))).toBe(true)
    const format = '{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}/{Namespace}/{EventHub}/{PartitionId}'
    expect(moved(`${INTO_LAKE} --capture-name-format ${format}`)).toBe(true)
    expect(moved(`${INTO_LAKE} --capture-interval 90s`)).toBe(false)
  })

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
      'gets compressed blocks',
      captured(),
      `${INTO_LAKE} --capture-encoding avrodeflate`,
      ['Capture encoding: Avro -> AvroDeflate'],
      { encoding: 'AvroDeflate' },
    ],
    [
      'goes to an account of the same name in another group',
      captured({ storageAccount: STORAGE_ID.replace('rg-lake', 'rg-old') }),
      INTO_LAKE,
      ['Capture destination: lake/raw in resource group rg-old -> lake/raw in resource group rg-lake'],
      { storageAccount: STORAGE_ID, container: 'raw' },
    ],
    [
      'goes to an account of the same name in another subscription',
      captured({ storageAccount: FOREIGN_ID, container: 'old' }),
      INTO_LAKE,
      [`Capture destination: lake/old in subscription ${FOREIGN} -> lake/raw in subscription ${SUBSCRIPTION}`],
      { storageAccount: STORAGE_ID, container: 'raw' },
    ],
    [
      'goes abroad with the identity that it has',
      empty()
        .withStorageAccount(FOREIGN_ID)
        .withNamespace({ identities: ['SystemAssigned'] })
        .withHub('clicks', { capture: aCapture({ identity: 'SystemAssigned' }) }),
      INTO_LAKE.replace(STORAGE_ID, FOREIGN_ID),
      [`Capture destination: lake/raw in subscription ${SUBSCRIPTION} -> lake/raw in subscription ${FOREIGN}`],
      { storageAccount: FOREIGN_ID, container: 'raw' },
    ],
    [
      'gets an identity that the namespace has',
      empty()
        .withNamespace({ identities: ['SystemAssigned'] })
        .withHub('clicks', { capture: aCapture() }),
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
    ['of the premium kind', aWorld().withStorageAccount(STORAGE_ID, { sku: 'Premium_LRS' }), /SKU Premium_LRS/],
    [
      'behind a firewall',
      aWorld().withStorageAccount(STORAGE_ID, { sku: 'Standard_LRS', exceptions: ['Logging'] }),
      /trusted Azure services/,
    ],
    [
      'without keys',
      aWorld().withStorageAccount(STORAGE_ID, { sku: 'Standard_LRS', refusesKeys: true }),
      /It takes no keys/,
    ],
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
      'namespace ns-demo: whether storage account lake exists, and lets Capture write, is not known: it may not be read',
    ])
  })

  it('in a security perimeter may let Capture in or not, and that is said', () => {
    const account = { sku: 'Standard_LRS', isInPerimeter: true }
    expect(notesIn(planIn(aWorld().withStorageAccount(STORAGE_ID, account), INTO_LAKE))).toEqual([
      'namespace ns-demo: whether the security perimeter of storage account lake lets Capture in is not known',
    ])
  })

  it.each([
    ['an identity that it has', { identities: [WRITER] }, '', `--capture-identity ${WRITER}`],
    ['its own', {}, '', '--capture-identity SystemAssigned --identity SystemAssigned'],
    ['its own, besides others', {}, `--identity ${WRITER}`, `--capture-identity ${WRITER} --identity ${WRITER}`],
  ])('in another subscription takes an identity of the namespace: %s', (_, namespace, flags, expected) => {
    const world = aWorld().withStorageAccount(FOREIGN_ID).withNamespace(namespace).withHub('clicks')
    const line = `${INTO_LAKE.replace(STORAGE_ID, FOREIGN_ID)} ${flags}`
    const refusal = onlyRefusal(planIn(world, line))
    expect(plainSpeller.text(refusal.because)).toBe(
      'It is in another subscription, where Capture needs a managed identity of the namespace.',
    )
    const words = wordsAfter(homeWords(line), refusal.waysOut[0]!)
    for (const part of expected.split(' ')) expect(words).toContain(part)
    expect(planWords(world, words).outcome).toBe('applicable')
  })

  it.each<readonly [string, World, string]>([
    ['in another subscription', aWorld().withStorageAccount(FOREIGN_ID, { sku: undefined }), FOREIGN_ID],
    ['that is not there', aWorld(), STORAGE_ID],
  ])('%s is not checked on the embedded Azure, which writes the files itself', (_, world, id) => {
    const spec = { ...aSpec(`${INTO_LAKE.replace(STORAGE_ID, id)} --hub views`), isLocal: true }
    const planned = plan(spec, world.actual(spec))
    expect(planned.outcome).toBe('applicable')
    expect(notesIn(planned)).toEqual([])
    const kept = world.withNamespace().withHub('clicks', { capture: aCapture({ storageAccount: id }) })
    const again = { ...aSpec(INTO_LAKE.replace(STORAGE_ID, id)), isLocal: true }
    expect(notesIn(plan(again, kept.actual(again)))).toEqual([])
  })

  it('that is not in the group of the run is looked for there, and may be elsewhere', () => {
    const refusal = onlyRefusal(planIn(aWorld(), '--capture-storage-account pond --capture-container raw -g rg-home'))
    expect(refusal.because).toBe('Resource group rg-home has no storage account of this name.')
    const ways = refusal.waysOut.map(({ text }) => plainSpeller.text(text))
    expect(ways[1]).toContain('give its resource id: az storage account show --name pond --query id --output tsv')
  })

  it('that nobody named stays on the embedded Azure where it is', () => {
    const kept = aWorld()
      .withNamespace()
      .withHub('clicks', { capture: aCapture({ storageAccount: FOREIGN_ID, container: 'other' }) })
    const spec = aSpec('--hub clicks --capture-interval 5s', { isLocal: true })
    const fields = plan(spec, kept.actual(spec)).steps.flatMap((step) => ('changes' in step ? step.changes : []))
    expect(fields.map(({ field }) => field)).toEqual(['Capture interval'])
  })

  it('that is not there does not hide an identity that is not there either', () => {
    const planned = planIn(aWorld(), `${INTO_LAKE} --capture-identity SystemAssigned`)
    expect(refusalsIn(planned).map(({ what }) => what)).toEqual([
      "Can't capture into storage account lake",
      "Can't capture with the managed identity SystemAssigned",
    ])
  })

  it.each<readonly [string, World, string, string]>([
    [
      'that does not take keys',
      aWorld().withStorageAccount(STORAGE_ID, { sku: '', refusesKeys: true }),
      '',
      'takes no keys',
    ],
    [
      'that nobody may pass',
      aWorld().withStorageAccount(STORAGE_ID, { sku: '', exceptions: [] }),
      '',
      'has a firewall',
    ],
  ])('%s any more is told of a hub that is kept, and no reason to refuse', (_, world, flags, told) => {
    const planned = planIn(world.withNamespace().withHub('clicks', { capture: aCapture() }), `${INTO_LAKE} ${flags}`)
    expect(stepOf(planned, 'hub clicks').action).toBe('keep')
    expect(notesIn(planned)).toEqual([
      expect.stringContaining(`storage account lake, which hubs are captured into, ${told}`),
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

describe('an identity of Capture', () => {
  const WITH_IT = `${INTO_LAKE} --capture-identity SystemAssigned`

  it.each<readonly [string, World, string]>([
    ['a new namespace', empty(), ''],
    ['an existing namespace', without(), ''],
    [
      'one with another',
      empty()
        .withNamespace({ identities: [WRITER] })
        .withHub('clicks'),
      '',
    ],
    ['one that gets another', without(), `--identity ${WRITER}`],
  ])('is refused where the namespace does not have it: %s', (_, world, flags) => {
    const line = `${WITH_IT} ${flags}`
    const refusal = onlyRefusal(planIn(world, line))
    expect(refusal.what).toBe("Can't capture with the managed identity SystemAssigned")
    const words = wordsAfter(homeWords(line), refusal.waysOut[0]!)
    expect(planWords(world, words).outcome).toBe('applicable')
  })

  it.each<readonly [string, World, string]>([
    [
      'is there',
      empty()
        .withNamespace({ identities: ['systemassigned'] })
        .withHub('clicks'),
      WITH_IT,
    ],
    ['is added by this run', without(), `${WITH_IT} --identity SystemAssigned`],
    ['is made with the namespace', empty(), `${WITH_IT} --identity SystemAssigned`],
  ])('needs its role on the account where it %s', (_, world, line) => {
    const planned = planIn(world, line)
    expect(notesIn(planned)).toContain(
      'namespace ns-demo: Capture needs the role Storage Blob Data Contributor on storage account lake for SystemAssigned',
    )
    expectSettled(world, line)
  })

  it('that is kept is not told again', () => {
    const world = empty()
      .withNamespace({ identities: ['SystemAssigned'] })
      .withHub('clicks', { capture: aCapture({ identity: 'SystemAssigned', intervalSeconds: 60 }) })
    expect(notesIn(planIn(world, `${INTO_LAKE} --capture-interval 5m`))).toEqual([])
  })

  describe('that this run takes away is refused, with the hubs that use it', () => {
    const byIdentity = aCapture({ identity: 'SystemAssigned' })
    const both = empty().withNamespace({ identities: ['SystemAssigned', WRITER] })
    const NOBODY = '--remove-identity SystemAssigned'

    it.each<readonly [string, World, string, string]>([
      ['a hub that is captured first', both.withHub('clicks'), `${WITH_IT} ${NOBODY}`, 'hub clicks'],
      ['a new hub', both, `${WITH_IT} ${NOBODY}`, 'hub clicks'],
      ['a hub that is kept', both.withHub('clicks', { capture: byIdentity }), `${WITH_IT} ${NOBODY}`, 'hub clicks'],
      [
        'a hub of which nothing is said',
        both.withHub('clicks', { capture: byIdentity }),
        `--hub clicks ${NOBODY}`,
        'hub clicks',
      ],
      [
        'a hub that changes otherwise',
        both.withHub('clicks', { capture: byIdentity }),
        `${INTO_LAKE} --capture-interval 60s ${NOBODY}`,
        'hub clicks',
      ],
      [
        'hubs that the run does not name',
        both.withHub('Views', { capture: byIdentity }).withHub('taps', { capture: byIdentity }),
        `--hub clicks ${NOBODY}`,
        'hubs Views, taps',
      ],
      ['all of them', both.withHub('views', { capture: byIdentity }), '--hub clicks --identity None', 'hub views'],
      [
        'in other letters, and another beside it',
        both.withHub('views', { capture: aCapture({ identity: WRITER.toUpperCase() }) }),
        `--hub clicks ${NOBODY} --remove-identity ${WRITER}`,
        'hub views',
      ],
    ])('%s', (_, world, line, hubs) => {
      const refusal = onlyRefusal(planIn(world, line))
      expect(refusal.what).toMatch(/^Can't take the managed identity (SystemAssigned|writer) away from the namespace$/)
      expect(refusal.because).toBe(`Capture of ${hubs} writes with it.`)
      const after = planWords(world, wordsAfter(homeWords(line), refusal.waysOut[0]!))
      expect(after.outcome).not.toBe('refused')
    })

    it('each identity by itself, and one edit keeps them all', () => {
      const world = both
        .withHub('views', { capture: byIdentity })
        .withHub('taps', { capture: aCapture({ identity: WRITER }) })
      const line = `--hub clicks ${NOBODY} --remove-identity ${WRITER}`
      const refusals = refusalsIn(planIn(world, line))
      expect(refusals.map(({ because }) => because)).toEqual([
        'Capture of hub views writes with it.',
        'Capture of hub taps writes with it.',
      ])
      expect(planWords(world, wordsAfter(homeWords(line), refusals[0]!.waysOut[0]!)).outcome).toBe('applicable')
    })

    it.each([
      ['loses Capture', `--hub clicks --no-capture ${NOBODY}`],
      ['gets another identity', `${INTO_LAKE} --capture-identity ${WRITER} ${NOBODY}`],
      ['uses a key', `${INTO_LAKE} --capture-identity None ${NOBODY}`],
      ['does not use it', `--hub clicks --remove-identity ${WRITER}`],
    ])('not where the hub %s in the same run', (_, line) => {
      expect(planIn(both.withHub('clicks', { capture: byIdentity }), line).outcome).toBe('applicable')
    })
  })

  it('that is asked for, and went away under a hub, is refused, and its way out brings it back', () => {
    const world = captured({ identity: 'SystemAssigned' })
    const planned = planIn(world, WITH_IT)
    const refusal = onlyRefusal(planned)
    expect(refusal.what).toBe("Can't capture with the managed identity SystemAssigned")
    expect(notesIn(planned)).toEqual([])
    const words = wordsAfter(homeWords(WITH_IT), refusal.waysOut[0]!)
    expect(words.join(' ')).toContain('--identity SystemAssigned')
    expect(planWords(world, words).outcome).toBe('applicable')
  })

  it('that went away under a hub is told', () => {
    const world = without().without({ kind: 'hub', name: 'clicks' })
    const kept = world.withHub('clicks', { capture: aCapture({ identity: 'SystemAssigned' }) })
    for (const line of [INTO_LAKE, '--hub clicks']) {
      const planned = planIn(kept, line)
      expect(stepOf(planned, 'hub clicks').action).toBe('keep')
      expect(notesIn(planned)).toEqual([
        'namespace ns-demo: Capture uses SystemAssigned, which the namespace does not have',
      ])
    }
  })
})

describe('a disabled hub', () => {
  const capture = { storageAccount: STORAGE_ID, container: 'raw' }

  it.each<readonly [string, World, object, string]>([
    ['a new one', empty(), { status: 'Disabled', capture }, ''],
    ['one that is disabled', empty().withNamespace().withHub('clicks', { status: 'Disabled' }), { capture }, ''],
    ['one that is captured', captured(), { status: 'Disabled' }, ''],
    ['one that gets both', without(), { status: 'Disabled', capture }, ''],
  ])('is not captured: %s', (_, world, hub, flags) => {
    const spec = aHubSpec(hub, flags)
    const refusal = onlyRefusal(plan(spec, world.actual(spec)))
    expect(refusal.what).toBe("Can't capture hub clicks while it is disabled")
    const active = aHubSpec({ ...hub, status: 'Active' }, flags)
    expect(plan(active, world.actual(active)).outcome).toBe('applicable')
  })

  it('may lose Capture in the same run', () => {
    const spec = aHubSpec({ status: 'Disabled' }, '--no-capture')
    expect(planAgain(spec, captured()).outcome).toBe('no-op')
  })

  it.each(['SendDisabled', 'ReceiveDisabled'])('in part is captured: %s', (status) => {
    expect(planAgain(aHubSpec({ status, capture }), without()).outcome).toBe('no-op')
  })
})
