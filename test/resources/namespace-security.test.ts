import { describe, expect, it } from 'vitest'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'
import { changesIn, expectWaysOutToWork, notesIn, onlyRefusal, planIn, stepOf, summary } from '../support/planning.ts'
import { plan, type Plan } from '../../src/engine/plan.ts'
import { aRootSpec, problemsOfRoot } from '../support/manifests.ts'
import { aWorld, homeWords, type World } from '../support/worlds.ts'

const WRITER =
  '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-id/providers/Microsoft.ManagedIdentity/userAssignedIdentities/writer'
const READER = WRITER.replace('writer', 'reader')

const live = (namespace: Partial<NamespaceActual> = {}): World =>
  aWorld().withNamespace(namespace).withHub('ml-data-stream')
const writeIn = (world: World, line: string) => {
  const step = stepOf(planIn(world, line), 'namespace ns-demo')
  return 'write' in step ? step.write : step.action
}

describe('a new namespace', () => {
  it.each([
    ['', { minimumTls: '1.2' }],
    ['--minimum-tls 1.3', { minimumTls: '1.3' }],
    ['--public-network-access disabled', { minimumTls: '1.2', publicNetworkAccess: 'Disabled' }],
    ['--public-network-access SecuredByPerimeter', { minimumTls: '1.2', publicNetworkAccess: 'SecuredByPerimeter' }],
    [`--identity systemassigned --identity ${WRITER}`, { minimumTls: '1.2', identities: ['SystemAssigned', WRITER] }],
    ['--identity None', { minimumTls: '1.2' }],
  ])('is made with what was said, and TLS 1.2: %s', (line, more) => {
    const common = { location: 'westeurope', tier: 'Standard', capacity: 1, autoInflateMax: 0 }
    expect(writeIn(aWorld(), line)).toEqual({
      op: 'create-namespace',
      body: { ...common, tags: { 'created-by': 'ml-ingest' }, ...more },
    })
  })

  it.each(['1.0', '1.1'])('cannot have TLS %s', (version) => {
    const line = `--minimum-tls ${version}`
    expect(onlyRefusal(planIn(aWorld(), line)).what).toBe(
      `Can't set the minimum TLS version of namespace ns-demo to ${version}`,
    )
    expectWaysOutToWork(aWorld(), homeWords(line))
  })

  it('that nobody can reach says so', () => {
    expect(notesIn(planIn(aWorld(), '--public-network-access disabled'))).toEqual([
      'namespace ns-demo: public network access is disabled and there is no private endpoint: nobody can connect until one is made',
    ])
  })
})

describe('an existing namespace', () => {
  it.each<readonly [Partial<NamespaceActual>, string, readonly string[], object]>([
    [{ minimumTls: '1.0' }, '--minimum-tls 1.2', ['minimum TLS version: 1.0 -> 1.2'], { minimumTls: '1.2' }],
    [{ minimumTls: undefined }, '--minimum-tls 1.2', ['minimum TLS version: null -> 1.2'], { minimumTls: '1.2' }],
    [
      { publicNetworkAccess: 'Disabled' },
      '--public-network-access enabled',
      ['public network access: disabled -> enabled'],
      { publicNetworkAccess: 'Enabled' },
    ],
    [
      {},
      '--identity SystemAssigned',
      ['identity: null -> SystemAssigned'],
      { identity: { identities: ['SystemAssigned'], gone: [] } },
    ],
    [
      { identities: [READER] },
      `--identity ${WRITER}`,
      ['identity: reader -> reader, writer'],
      { identity: { identities: [READER, WRITER], gone: [] } },
    ],
    [
      { identities: ['SystemAssigned', READER, WRITER] },
      `--remove-identity ${READER.toUpperCase().replace('USERASSIGNEDIDENTITIES', 'userAssignedIdentities')}`,
      ['identity: SystemAssigned, reader, writer -> SystemAssigned, writer'],
      { identity: { identities: ['SystemAssigned', WRITER], gone: [READER] } },
    ],
    [
      { identities: ['SystemAssigned', READER] },
      '--identity None',
      ['identity: SystemAssigned, reader -> null'],
      { identity: { identities: [], gone: ['SystemAssigned', READER] } },
    ],
  ])('%j is put right: %s', (namespace, line, changes, sent) => {
    const world = live(namespace)
    expect(changesIn(planIn(world, line))).toEqual(changes)
    expect(writeIn(world, line)).toEqual({ op: 'update-namespace', changes: sent })
    expect(summary(planIn(world.after(planIn(world, line)), line))).toContain('keep namespace ns-demo')
  })

  it.each<readonly [Partial<NamespaceActual>, string]>([
    [{ minimumTls: '1.0' }, '--minimum-tls 1.0'],
    [{ minimumTls: '1.0', publicNetworkAccess: 'Disabled', identities: ['SystemAssigned', READER] }, ''],
    [{ identities: ['SystemAssigned', READER] }, '--identity SystemAssigned'],
    [{}, '--identity None --public-network-access enabled --minimum-tls 1.2'],
    [{}, '--remove-identity SystemAssigned'],
  ])('%j has what was said, or nothing was: %s', (namespace, line) => {
    expect(writeIn(live(namespace), line)).toBe('keep')
  })

  it('is not changed by an empty list, and a flag takes away what a manifest lists', () => {
    const world = live({ identities: ['SystemAssigned', READER] })
    const planFor = (root: object, line = ''): Plan => {
      const spec = aRootSpec(root, line)
      return plan(spec, world.actual(spec))
    }
    expect(changesIn(planFor({ identity: [] }))).toEqual([])
    expect(changesIn(planFor({ identity: ['None'] }))).toEqual(['identity: SystemAssigned, reader -> null'])
    expect(changesIn(planFor({ identity: ['SystemAssigned'] }, '--remove-identity SystemAssigned'))).toEqual([
      'identity: SystemAssigned, reader -> reader',
    ])
    expect(problemsOfRoot({}, '--identity system-assigned --remove-identity SystemAssigned')).toHaveLength(1)
    expect(problemsOfRoot({ identity: ['None', READER] })).toHaveLength(1)
    expect(problemsOfRoot({ identity: [READER, READER.toUpperCase()] })).toHaveLength(1)
  })

  it.each([
    ['1.2', '1.1'],
    ['1.1', '1.0'],
  ])('with TLS %s cannot go to %s', (from, to) => {
    const line = `--minimum-tls ${to}`
    expect(String(onlyRefusal(planIn(live({ minimumTls: from }), line)).because)).toContain(`This one has ${from}.`)
    expectWaysOutToWork(live({ minimumTls: from }), homeWords(line))
  })

  it.each<readonly [Partial<NamespaceActual>, string]>([
    [
      { publicNetworkAccess: 'Disabled', privateEndpoints: 2 },
      'public network access is disabled: clients connect from the networks of its 2 private endpoints',
    ],
    [
      { privateEndpoints: 1 },
      'has 1 private endpoint: in their networks the host name has to resolve to the private address',
    ],
    [
      { publicNetworkAccess: 'SecuredByPerimeter' },
      'public network access is secured by a network security perimeter, which has to let clients in',
    ],
    [{ minimumTls: '1.3' }, 'clients need TLS 1.3'],
  ])('%j tells what clients need', (namespace, words) => {
    expect(notesIn(planIn(live(namespace)))).toEqual([`namespace ns-demo: ${words}`])
  })
})
