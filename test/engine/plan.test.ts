import { describe, expect, it } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { aCapture, aSpec, aWorld, SUBSCRIPTION, writesOf } from '../support/worlds.ts'
import { changesIn, notesIn, planIn, planWords, stepOf, summary } from '../support/planning.ts'

const RULE = ['Send', 'Listen'] as const
const aHome = () => aWorld().withNamespace()
const aHub = () =>
  aHome()
    .withHub('clicks')
    .withConsumerGroup('clicks', 'trainer', 'for training')
    .withRule('clicks', 'ml-ingest-send-listen', RULE)

describe('in an empty subscription', () => {
  it('makes everything, what contains before what is in it', () => {
    const planned = planIn(aWorld(), '--hub clicks:8:48h --hub audit --consumer-group clicks/trainer --tag team=vision')
    expect(summary(planned)).toEqual([
      'create resource group rg',
      'create namespace ns-demo',
      'create hub clicks',
      'create consumer group clicks/trainer',
      'create hub audit',
      'create consumer group audit/ml-data-consumer-group',
      'create access rule clicks/ml-ingest-send-listen',
      'create access rule audit/ml-ingest-send-listen',
    ])
    expect(planned.steps.map((step) => ('write' in step ? step.write : undefined))).toEqual([
      { op: 'create-group', location: 'westeurope', tags: { team: 'vision', 'created-by': 'ml-ingest' } },
      {
        op: 'create-namespace',
        body: {
          location: 'westeurope',
          tier: 'Standard',
          capacity: 1,
          autoInflateMax: 0,
          minimumTls: '1.2',
          tags: { team: 'vision', 'created-by': 'ml-ingest' },
        },
      },
      { op: 'create-hub', body: { partitions: 8, retentionHours: 48 } },
      { op: 'create-consumer-group', body: { userMetadata: 'Machine Learning Data Consumer Group' } },
      { op: 'create-hub', body: { partitions: 4, retentionHours: 24 } },
      { op: 'create-consumer-group', body: { userMetadata: 'Machine Learning Data Consumer Group' } },
      { op: 'put-rule', rights: ['Send', 'Listen'] },
      { op: 'put-rule', rights: ['Send', 'Listen'] },
    ])
  })

  it.each([
    ['not registered', 'NotRegistered', true],
    ['just being registered', 'Registering', true],
    ['registered', 'Registered', false],
    ['unknown, because it may not be read', undefined, false],
  ])('registers the provider only when it is missing: %s', (_, state, registers) => {
    const planned = planIn(aWorld().withProvider({ state }))
    expect(summary(planned).includes('create provider Microsoft.EventHub')).toBe(registers)
  })

  it('leaves the provider alone where a namespace shows that it works', () => {
    expect(summary(planIn(aHome().withProvider({ state: 'NotRegistered' })))).not.toContain(
      'create provider Microsoft.EventHub',
    )
  })

  it("gives a namespace the group's location when nobody says another", () => {
    const words = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo']
    const planned = planWords(aWorld().withGroup({ location: 'northeurope' }), words)
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({ write: { body: { location: 'northeurope' } } })
    expect(summary(planned)[0]).toBe('keep resource group rg')
  })

  it('lets a tag created-by of the user stand', () => {
    const planned = planIn(aWorld(), '--tag Created-By=team-vision')
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      write: { body: { tags: { 'Created-By': 'team-vision' } } },
    })
    expect(planIn(aWorld().after(planned), '--tag Created-By=team-vision').outcome).toBe('no-op')
  })

  it('makes no consumer group on Basic, which has none', () => {
    expect(summary(planIn(aWorld(), '--tier Basic'))).toEqual([
      'create resource group rg',
      'create namespace ns-demo',
      'create hub ml-data-stream',
      'create access rule ml-data-stream/ml-ingest-send-listen',
    ])
  })

  it.each([
    ['--access send', 'ml-ingest-send', ['Send']],
    ['--access listen', 'ml-ingest-listen', ['Listen']],
    ['--access send-listen', 'ml-ingest-send-listen', ['Send', 'Listen']],
  ])('%s makes a rule of just those rights', (line, rule, rights) => {
    const step = stepOf(planIn(aWorld(), line), `access rule ml-data-stream/${rule}`)
    expect(step).toMatchObject({ action: 'create', write: { op: 'put-rule', rights } })
  })

  it('makes no rule for manage, whose key the namespace has, and warns of it', () => {
    const planned = planIn(aWorld(), '--access manage')
    expect(summary(planned).filter((line) => line.includes('rule'))).toEqual([])
    expect(notesIn(planned)).toEqual([expect.stringMatching(/RootManageSharedAccessKey opens every hub/)])
  })
})

describe('what nobody gave is no opinion', () => {
  const wild = () =>
    aWorld()
      .withGroup({ location: 'northeurope', tags: { owner: 'ops' } })
      .withNamespace({
        capacity: 7,
        autoInflateMax: 20,
        location: 'eastus',
        tags: { cost: '42' },
        publicNetworkAccess: 'Disabled',
      })
      .withHub('clicks', { partitions: 3, retentionHours: 99, capture: aCapture(), status: 'SendDisabled' })
      .withHub('strange', { cleanupPolicy: 'Compact' })
      .withConsumerGroup('clicks', 'theirs', 'hands off')
      .withRule('clicks', 'ml-ingest-send-listen', RULE)

  it('keeps a world that differs from every default', () => {
    const words = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo', '--hub', 'clicks']
    const planned = planWords(wild(), words)
    expect(planned.outcome).toBe('no-op')
    expect(summary(planned)).toEqual([
      'keep resource group rg',
      'keep namespace ns-demo',
      'keep hub clicks',
      'keep access rule clicks/ml-ingest-send-listen',
    ])
  })

  it('says of it what is worth knowing', () => {
    const words = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo', '--hub', 'clicks']
    expect(notesIn(planWords(wild(), words))).toEqual([
      'namespace ns-demo: public network access is disabled and there is no private endpoint: nobody can connect until one is made',
      'hub clicks: status is SendDisabled: clients can receive, but not send',
    ])
  })

  it.each([
    ['--retention 24h', 'retention: 99h -> 24h', { op: 'update-hub', changes: { retentionHours: 24 } }],
    ['--tag Cost=43', 'tag cost: 42 -> 43', { op: 'update-namespace', changes: { tags: { cost: '43' } } }],
    ['--tag team=a', 'tag team: null -> a', { op: 'update-namespace', changes: { tags: { cost: '42', team: 'a' } } }],
    [
      '--capacity 9',
      'capacity: 7 throughput units -> 9 throughput units',
      { op: 'update-namespace', changes: { sku: { tier: 'Standard', capacity: 9 } } },
    ],
    [
      '--auto-inflate-max 30',
      'auto-inflate maximum: 20 -> 30',
      { op: 'update-namespace', changes: { autoInflateMax: 30 } },
    ],
    [
      '--auto-inflate-max 0',
      'auto-inflate maximum: 20 -> 0',
      { op: 'update-namespace', changes: { autoInflateMax: 0 } },
    ],
  ])('%s changes that alone', (line, change, write) => {
    const words = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', 'ns-demo', '--hub', 'clicks', ...line.split(' ')]
    const planned = planWords(wild(), words)
    expect(changesIn(planned)).toEqual([change])
    const written = writesOf(planned)
    expect(written).toHaveLength(1)
    expect(written[0]).toMatchObject({ action: 'update', write })
    expect(written[0]!.write).toEqual(write)
  })
})

describe('names in another case', () => {
  it('are the same names, and keep the spelling of Azure', () => {
    const world = aWorld()
      .withGroup({ name: 'RG' })
      .withNamespace({ name: 'Ns-Demo' })
      .withHub('Clicks')
      .withConsumerGroup('Clicks', 'Trainer')
      .withRule('Clicks', 'ML-ingest-send-listen', RULE)
    const planned = planIn(world, '--hub cLICKS --consumer-group clickS/tRAINER')
    expect(summary(planned)).toEqual([
      'keep resource group RG',
      'keep namespace Ns-Demo',
      'keep hub Clicks',
      'keep consumer group Clicks/Trainer',
      'keep access rule Clicks/ML-ingest-send-listen',
    ])
  })

  it('are told in the spelling of Azure also where something is new', () => {
    const planned = planIn(aHome().withHub('Clicks'), '--hub clicks --consumer-group x')
    expect(summary(planned).slice(2)).toEqual([
      'keep hub Clicks',
      'create consumer group Clicks/x',
      'create access rule Clicks/ml-ingest-send-listen',
    ])
  })
})

describe('consumer groups', () => {
  it('are written only when the user metadata was given and differs', () => {
    const line = '--hub clicks --consumer-group trainer'
    expect(planIn(aHub(), line).outcome).toBe('no-op')
    expect(planIn(aHub(), [...line.split(' '), '--user-metadata', 'for training']).outcome).toBe('no-op')
    const planned = planIn(aHub(), [...line.split(' '), '--user-metadata', 'new'])
    expect(changesIn(planned)).toEqual(['user metadata: for training -> new'])
    expect(stepOf(planned, 'consumer group clicks/trainer')).toMatchObject({
      write: { op: 'update-consumer-group', body: { userMetadata: 'new' } },
    })
  })

  it('show that metadata was not set', () => {
    const world = aHome().withHub('clicks').withConsumerGroup('clicks', 'trainer')
    const planned = planIn(world, '--hub clicks --consumer-group trainer --user-metadata x')
    expect(changesIn(planned)).toEqual(['user metadata: null -> x'])
  })

  it('of our own making appear only where readers have none', () => {
    expect(summary(planIn(aHub(), '--hub clicks'))).not.toContainEqual(expect.stringContaining('consumer group'))
    const bare = aHome().withHub('clicks')
    expect(summary(planIn(bare, '--hub clicks'))).toContain('create consumer group clicks/ml-data-consumer-group')
    const ours = bare.withConsumerGroup('clicks', 'ML-data-consumer-group').withConsumerGroup('clicks', 'other')
    expect(summary(planIn(ours, '--hub clicks'))).toContain('keep consumer group clicks/ML-data-consumer-group')
  })

  it('are none when that was said', () => {
    expect(summary(planIn(aWorld(), '--no-consumer-group')).join()).not.toContain('consumer group')
  })

  it('leave $Default out, which each hub has', () => {
    const planned = planIn(aWorld(), '--consumer-group $default --consumer-group a')
    expect(summary(planned).filter((line) => line.includes('consumer group'))).toEqual([
      'create consumer group ml-data-stream/a',
    ])
  })

  it('go into every hub, or into the one that is named', () => {
    const planned = planIn(aWorld(), '--hub a --hub b --consumer-group all --consumer-group b/one')
    expect(summary(planned).filter((line) => line.includes('consumer group'))).toEqual([
      'create consumer group a/all',
      'create consumer group b/all',
      'create consumer group b/one',
    ])
  })

  it('are not made on a Basic namespace that nobody called Basic; a note says why', () => {
    const basic = aWorld().withNamespace({ tier: 'Basic' })
    const spec = aSpec('--hub clicks')
    const planned = plan(spec, basic.actual(spec))
    expect(summary(planned).join()).not.toContain('consumer group')
    expect(notesIn(planned)).toEqual(['hub clicks: Basic has only $Default: no consumer group is made'])
  })

  it('are made in the same run that moves Basic to Standard', () => {
    const planned = planIn(aWorld().withNamespace({ tier: 'Basic' }), '--tier Standard --hub clicks')
    expect(summary(planned)).toContain('update namespace ns-demo')
    expect(summary(planned)).toContain('create consumer group clicks/ml-data-consumer-group')
  })
})

describe('access rules', () => {
  const changed = () => aHome().withHub('clicks').withRule('clicks', 'ml-ingest-send-listen', ['Listen'])
  const line = '--hub clicks --no-consumer-group'

  it('that somebody changed stand until the access is asked for', () => {
    const planned = planIn(changed(), line)
    expect(planned.outcome).toBe('no-op')
    expect(notesIn(planned)).toEqual([
      'access rule clicks/ml-ingest-send-listen: lacks Send: somebody changed it; --access send-listen sets Send, Listen',
    ])
    expect(changesIn(planIn(changed(), `${line} --access send-listen`))).toEqual(['rights: Listen -> Send, Listen'])
  })

  it('compare rights in any order', () => {
    const world = aHome().withHub('clicks').withRule('clicks', 'ml-ingest-send-listen', ['Listen', 'Send'])
    expect(planIn(world, `${line} --access send-listen`).outcome).toBe('no-op')
  })

  it('are not made where local authentication is off', () => {
    const world = aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks')
    for (const access of ['', '--access manage', '--policy theirs']) {
      const planned = planIn(world, `${line} ${access}`)
      expect(planned.outcome).toBe('no-op')
      expect(notesIn(planned)).toEqual([expect.stringMatching(/local authentication is off/)])
    }
  })

  it('of others serve as they are, of the hub or of the namespace', () => {
    const world = aHome()
      .withHub('clicks')
      .withRule('clicks', 'theirs', ['Send'])
      .withNamespaceRule('above', ['Listen'])
    for (const policy of ['theirs', 'above', 'ABOVE', 'RootManageSharedAccessKey']) {
      expect(planIn(world, `${line} --policy ${policy}`).outcome).toBe('no-op')
    }
  })
})

describe('partitions', () => {
  it('grow on Premium, with a word about keys', () => {
    const world = aWorld().withNamespace({ tier: 'Premium' }).withHub('clicks')
    const planned = planIn(world, '--hub clicks:8 --no-consumer-group')
    expect(changesIn(planned)).toEqual(['partitions: 4 -> 8'])
    expect(stepOf(planned, 'hub clicks')).toMatchObject({ write: { op: 'update-hub', changes: { partitions: 8 } } })
    expect(notesIn(planned)).toEqual([expect.stringMatching(/order per key breaks once/)])
  })

  it.each([
    ['fewer are asked for', '--hub clicks:2'],
    ['something else is refused', '--hub clicks:8 -l northeurope'],
    ['another hub is refused', '--hub clicks:8 --hub views:2'],
  ])('have no word about keys when %s, as none are added', (_, line) => {
    const world = aWorld().withNamespace({ tier: 'Premium' }).withHub('clicks').withHub('views')
    const planned = planIn(world, `${line} --no-consumer-group`)
    expect(planned.outcome).toBe('refused')
    expect(notesIn(planned)).toEqual([])
  })

  it('grow up to 1024 in a cluster', () => {
    const world = aWorld().withNamespace({ tier: 'Dedicated' }).withHub('clicks')
    expect(changesIn(planIn(world, '--hub clicks:1024'))).toEqual(['partitions: 4 -> 1024'])
  })
})

describe('a namespace in a cluster', () => {
  it('is worked in, and its capacity never touched', () => {
    const planned = planIn(aWorld().withNamespace({ tier: 'Dedicated' }), '--tier Dedicated --hub clicks:64:30d')
    expect(summary(planned).slice(0, 3)).toEqual([
      'keep resource group rg',
      'keep namespace ns-demo',
      'create hub clicks',
    ])
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({ details: ['Dedicated'] })
    expect(notesIn(planned)).toContain('namespace ns-demo: lives in a dedicated cluster, which sets its capacity')
  })
})

describe('a namespace that Azure gave up on', () => {
  it.each(['Failed', 'Canceled'])('is written again as it stands: %s', (state) => {
    const planned = planIn(aWorld().withNamespace({ provisioningState: state, capacity: 3 }), '--hub clicks')
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      action: 'update',
      changes: [{ field: 'state', from: state, to: 'Succeeded' }],
      write: { op: 'update-namespace', changes: { sku: { tier: 'Standard', capacity: 3 } } },
    })
  })
})

describe('what is new', () => {
  it('tells the tags that were asked for, not the one that we put on everything', () => {
    const planned = planIn(aWorld(), '--tag team=vision --tag cost=ml --hub clicks -l westeurope')
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      details: ['Standard', '1 throughput unit', 'westeurope', 'tag team=vision', 'tag cost=ml'],
    })
    expect(stepOf(planned, 'resource group rg')).toMatchObject({
      details: ['westeurope', 'tag team=vision', 'tag cost=ml'],
    })
  })

  it.each([
    ['--user-metadata Nightly', ['user metadata Nightly']],
    ['', []],
  ])('tells user metadata that is not the usual: %s', (line, details) => {
    const planned = planIn(aWorld(), `--hub clicks --consumer-group audit -l westeurope ${line}`)
    expect(stepOf(planned, 'consumer group clicks/audit')).toMatchObject({ details })
  })
})
