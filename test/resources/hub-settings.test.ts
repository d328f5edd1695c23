import { describe, expect, it } from 'vitest'
import { plan, type Plan } from '../../src/engine/plan.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import { aHubSpec, planAgain, problemsOfHub } from '../support/manifests.ts'
import { changesIn, notesIn, onlyRefusal, stepOf } from '../support/planning.ts'
import { aWorld, type World } from '../support/worlds.ts'

const withHub = (hub: Partial<HubActual> = {}): World => aWorld().withNamespace().withHub('clicks', hub)
const planFor = (hub: object, world: World): Plan => {
  const spec = aHubSpec(hub)
  return plan(spec, world.actual(spec))
}

describe('a new hub', () => {
  it.each<readonly [object, readonly string[], object, readonly string[]]>([
    [{}, ['4 partitions', 'retention 24h'], { partitions: 4, retentionHours: 24 }, []],
    [
      { status: 'Active', timestampType: 'LogAppend' },
      ['4 partitions', 'retention 24h'],
      { partitions: 4, retentionHours: 24, status: 'Active', timestampType: 'LogAppend' },
      [],
    ],
    [
      { status: 'SendDisabled', timestampType: 'create' },
      ['4 partitions', 'retention 24h', 'SendDisabled', 'timestamp type Create'],
      { partitions: 4, retentionHours: 24, status: 'SendDisabled', timestampType: 'Create' },
      ['hub clicks: status is SendDisabled: clients can receive, but not send'],
    ],
    [
      { status: 'Disabled' },
      ['4 partitions', 'retention 24h', 'Disabled'],
      { partitions: 4, retentionHours: 24, status: 'Disabled' },
      ['hub clicks: status is Disabled: no client can send or receive'],
    ],
    [
      { cleanupPolicy: 'DeleteOrCompact', retention: '48h', tombstoneRetention: '7d' },
      ['4 partitions', 'retention 2d', 'compacted', 'tombstones 7d'],
      { partitions: 4, cleanupPolicy: 'DeleteOrCompact', retentionHours: 48, tombstoneHours: 168 },
      [],
    ],
    [
      { cleanupPolicy: 'Compact', tombstoneRetention: '1h' },
      ['4 partitions', 'compacted', 'tombstones 1h'],
      { partitions: 4, cleanupPolicy: 'Compact', retentionHours: undefined, tombstoneHours: 1 },
      [],
    ],
  ])('%j is made as it was said, told, and found again', (hub, details, body, notes) => {
    const planned = planFor(hub, aWorld())
    expect(stepOf(planned, 'hub clicks')).toEqual({
      ...{ action: 'create', target: { kind: 'hub', name: 'clicks' }, details },
      write: { op: 'create-hub', body },
    })
    expect(notesIn(planned)).toEqual(notes)
    expect(planAgain(aHubSpec(hub), aWorld()).outcome).toBe('no-op')
  })
})

describe('an existing hub', () => {
  it.each<readonly [Partial<HubActual>, object, readonly string[], object]>([
    [{}, { status: 'Disabled' }, ['status: Active -> Disabled'], { status: 'Disabled' }],
    [{ status: 'SendDisabled' }, { status: 'Active' }, ['status: SendDisabled -> Active'], { status: 'Active' }],
    [{ status: 'Restoring' }, { status: 'Disabled' }, ['status: Restoring -> Disabled'], { status: 'Disabled' }],
    [{}, { timestampType: 'Create' }, ['timestamp type: LogAppend -> Create'], { timestampType: 'Create' }],
    [
      { cleanupPolicy: 'Compact' },
      { cleanupPolicy: 'Compact', tombstoneRetention: '24h' },
      ['tombstone retention: null -> 24h'],
      { tombstoneHours: 24 },
    ],
    [
      { cleanupPolicy: 'DeleteOrCompact', tombstoneHours: 1 },
      { cleanupPolicy: 'DeleteOrCompact', tombstoneRetention: '2d', retention: '48h' },
      ['retention: 24h -> 2d', 'tombstone retention: 1h -> 2d'],
      { retentionHours: 48, tombstoneHours: 48 },
    ],
  ])('%j becomes %j', (live, hub, changes, send) => {
    const planned = planFor(hub, withHub(live))
    expect(changesIn(planned)).toEqual(changes)
    expect(stepOf(planned, 'hub clicks')).toMatchObject({ write: { op: 'update-hub', changes: send } })
    expect(planAgain(aHubSpec(hub), withHub(live)).outcome).toBe('no-op')
  })

  it.each<readonly [Partial<HubActual>, object]>([
    [{ status: 'Disabled', timestampType: 'Create' }, {}],
    [{ status: 'Restoring' }, { status: 'Active' }],
    [{ cleanupPolicy: 'DeleteOrCompact', tombstoneHours: 5 }, {}],
    [{ cleanupPolicy: 'DeleteOrCompact', tombstoneHours: 5 }, { cleanupPolicy: 'DeleteOrCompact' }],
    [{ timestampType: undefined }, {}],
  ])('%j is kept for %j', (live, hub) => {
    expect(stepOf(planFor(hub, withHub(live)), 'hub clicks').action).toBe('keep')
  })

  it('tells what it has where it is kept, and what its status means', () => {
    const live = { cleanupPolicy: 'DeleteOrCompact', tombstoneHours: 5, status: 'Disabled', timestampType: 'Create' }
    const planned = planFor({}, withHub(live))
    expect(stepOf(planned, 'hub clicks')).toMatchObject({
      details: ['4 partitions', 'retention 24h', 'compacted', 'tombstones 5h', 'Disabled', 'timestamp type Create'],
    })
    expect(notesIn(planned)).toEqual(['hub clicks: status is Disabled: no client can send or receive'])
    expect(notesIn(planFor({}, withHub({ status: 'Restoring' })))).toEqual([
      'hub clicks: status is Restoring: not every client can use it',
    ])
  })

  it('has no note about a status that this run puts right', () => {
    expect(notesIn(planFor({ status: 'Active' }, withHub({ status: 'Disabled' })))).toEqual([])
  })

  it('has the cleanup policy that it was made with', () => {
    const refusal = onlyRefusal(
      planFor({ cleanupPolicy: 'DeleteOrCompact', tombstoneRetention: '1h' }, withHub({ cleanupPolicy: 'Delete' })),
    )
    expect(refusal.what).toBe("Can't change the cleanup policy of hub clicks from Delete to DeleteOrCompact")
  })

  it('gets no timestamp type where the cloud has none', () => {
    const refusal = onlyRefusal(planFor({ timestampType: 'Create' }, withHub({ timestampType: undefined })))
    expect(refusal.what).toBe("Can't set the timestamp type of hub clicks to Create")
  })
})

it.each<readonly [object, string, readonly string[]]>([
  [{ tombstoneRetention: '24h' }, '', ['needs cleanupPolicy: Compact or DeleteOrCompact']],
  [{ tombstoneRetention: '24h', cleanupPolicy: 'Delete' }, '', ['needs cleanupPolicy: Compact or DeleteOrCompact']],
  [
    { cleanupPolicy: 'DeleteOrCompact', retention: '24h' },
    '--tier Basic',
    ['is DeleteOrCompact, which Basic does not have. --tier Standard has it'],
  ],
  [{ cleanupPolicy: 'DeleteOrCompact', retention: '24h' }, '', []],
])('%j with %s: %j', (hub, line, problems) => {
  expect(problemsOfHub(hub, line)).toEqual(problems)
})
