import { judgeGiven, AFTER_FIRST_RUN, DEV, talk, type Script } from './support.ts'
import { describe, expect, it } from 'vitest'
import { askForCreate } from '../../src/prompt/wizard.ts'
import type { Flags } from '../../src/inputs/given.ts'

describe('what flags said', () => {
  it('is not asked again', async () => {
    const { person, options } = talk(
      {},
      {
        flags: {
          ...{ subscription: DEV.id, resourceGroup: 'rg-x', location: 'westeurope', namespace: 'ns-clicks' },
          ...{ tier: 'standard', capacity: '2', hub: ['clicks:8:48h'], consumerGroup: ['trainer'] },
        },
      },
    )
    const { given } = await askForCreate(options)
    expect(person.asked).toEqual([])
    expect(given.namespace).toEqual({ value: 'ns-clicks', source: 'flag', texts: ['ns-clicks'] })
  })

  it.each<[string, Flags, Script, RegExp]>([
    ['Tier?', { tier: 'Standrad' }, {}, /^--tier Standrad is not a tier\. Did you mean Standard\?/],
    ['Location?', { location: 'westeuroope' }, {}, /^--location westeuroope .* Did you mean westeurope\?/],
    ['Retention?', { retention: '30d' }, {}, /^--retention 30d is above 7d/],
    ['Capacity?', { capacity: '3' }, { 'Tier?': 'Premium' }, /^--capacity 3 .* Premium/],
    ['Consumer group?', { consumerGroup: ['a'] }, { 'Tier?': 'Basic' }, /^--consumer-group a cannot be on Basic/],
    ['Hub?', { hub: ['clicks:99'] }, {}, /^--hub clicks:99 .* above 32/],
    ['Time limit?', { timeout: 'soon' }, {}, /^--timeout soon is not a time/],
    ['Access?', { access: 'all' }, {}, /^--access all is not an access/],
    ['Access rule?', { policy: 'p', access: 'send' }, {}, /^--policy p contradicts --access/],
    ['Kafka endpoint?', { kafka: true }, { 'Tier?': 'Basic' }, /^--kafka is not possible on Basic/],
    ['Tag?', { tag: ['x'] }, {}, /^--tag x is not a tag/],
  ])('and cannot stand opens %s with the problem', async (message, flags, script, problem) => {
    const { person, options } = talk({}, { flags, script })
    const { given, subscriptionId } = await askForCreate(options)
    expect(person.asked.filter((one) => one === message)).toEqual([message])
    expect(person.firstErrors).toEqual([expect.stringMatching(problem)])
    expect(judgeGiven(given, { subscriptionId }).ok).toBe(true)
  })

  it('lacks what the embedded Azure has a default for: the destination of Capture is not asked', async () => {
    const script = { 'Capture storage account?': 'lake' }
    const flags = { captureContainer: 'raw', captureInterval: '60s' }
    const local = talk(AFTER_FIRST_RUN, { flags: { ...flags, local: true }, script })
    const azure = talk(AFTER_FIRST_RUN, { flags, script })
    for (const { options } of [local, azure]) await askForCreate(options)
    const asked = [local, azure].map(({ person }) => person.asked.filter((one) => one.startsWith('Capture')))
    expect(asked).toEqual([[], ['Capture storage account?']])
  })

  it('opens a question also about what exists, since an opinion was meant', async () => {
    const { person, options } = talk(AFTER_FIRST_RUN, { flags: { capacity: 'x' } })
    await askForCreate(options)
    expect(person.asked).toContain('Capacity?')
  })

  it('contradicts an answer: that answer is objected to', async () => {
    const { person, options } = talk({}, { flags: { autoInflateMax: '5' }, script: { 'Capacity?': ['8', '5'] } })
    await askForCreate(options)
    expect(person.objections).toEqual([expect.stringMatching(/^--auto-inflate-max 5 is below/)])
  })

  it('keeps the name of a hub whose partitions cannot be', async () => {
    const { options } = talk({}, { flags: { hub: ['clicks:99'] } })
    expect((await askForCreate(options)).given.hub?.texts).toEqual(['clicks'])
  })
})
