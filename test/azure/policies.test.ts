import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../src/azure/azure-answer.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { failureOf } from '../../src/azure/failures.ts'
import type { Failure } from '../../src/lib/errors.ts'
import { plainSpeller, spelledFailure } from '../../src/ui/spell.ts'
import { CONDITIONS, disallowed, type Condition, type Policy } from '../support/policies.ts'

const run = { target: resolveTarget('AzureCloud', undefined), auth: 'cli', tenantId: undefined } as const

function refusal(body: object): Failure {
  const response = { status: 403, bodyAsText: JSON.stringify(body), headers: { get: () => undefined } }
  const failure = failureOf(readAnswer(response, 0), 'create namespace ns-demo', run)
  return spelledFailure(failure, plainSpeller) as Failure
}

const OWNER = ', or ask the owner of the policy for an exemption.'

/** Conditions, what is told of them, and what to do. */
const CASES: readonly (readonly [string, readonly Condition[], readonly string[], string])[] = [
  [
    'region',
    [CONDITIONS.location, CONDITIONS.notGlobal],
    ['location is westeurope; allowed: northeurope, swedencentral.'],
    `Change it with --location northeurope${OWNER}`,
  ],
  ['tag', [CONDITIONS.tag], ["tags['costCenter'] is missing."], `Change it with --tag costCenter=VALUE${OWNER}`],
  ['value of a tag', [CONDITIONS.tagValue], ['tags.env is x; allowed: prod.'], `Change it with --tag env=prod${OWNER}`],
  [
    'two tags',
    [CONDITIONS.tag, CONDITIONS.tagValue],
    ["tags['costCenter'] is missing.", 'tags.env is x; allowed: prod.'],
    `Change it with --tag costCenter=VALUE --tag env=prod${OWNER}`,
  ],
  [
    'a tag and its value',
    [CONDITIONS.tag, { ...CONDITIONS.tag, operator: 'NotEquals', targetValue: '42' }],
    ["tags['costCenter'] is missing.", "tags['costCenter'] is not set; allowed: 42."],
    `Change it with --tag costCenter=42${OWNER}`,
  ],
  [
    'public network access',
    [CONDITIONS.publicAccess],
    ['publicNetworkAccess is Enabled; allowed: Disabled.'],
    `Change it with --public-network-access disabled${OWNER}`,
  ],
  [
    'public network access, forbidden only',
    [CONDITIONS.publicAccessForbidden],
    ['publicNetworkAccess is Enabled; not allowed: Enabled.'],
    `Change it with --public-network-access disabled${OWNER}`,
  ],
  [
    'identity',
    [
      {
        ...CONDITIONS.tls,
        expression: 'identity.type',
        expressionValue: 'None',
        targetValue: ['SystemAssigned'],
        operator: 'NotIn',
      },
    ],
    ['identity.type is None; allowed: SystemAssigned.'],
    `Change it with --identity SystemAssigned${OWNER}`,
  ],
  [
    'minimum TLS',
    [{ ...CONDITIONS.tls, operator: 'NotEquals' }],
    ['minimumTlsVersion is 1.0; allowed: 1.2.'],
    `Change it with --minimum-tls 1.2${OWNER}`,
  ],
  [
    'minimum TLS, compared',
    [CONDITIONS.tls],
    ['minimumTlsVersion is 1.0; Less 1.2 is true.'],
    `Change it with --minimum-tls 1.2${OWNER}`,
  ],
  ...(
    [
      ['Less', '1.3', '1.3'],
      ['LessOrEquals', '1.2', '1.3'],
      ['NotEquals', '1.3', '1.3'],
      ['Equals', '1.2', '1.3'],
      ['Like', '1.2*', '1.3'],
    ] as const
  ).map(([operator, targetValue, advised]): (typeof CASES)[number] => [
    `minimum TLS, where 1.2 was sent and ${operator} ${targetValue} refuses`,
    [{ ...CONDITIONS.tls, operator, targetValue, expressionValue: '1.2' }],
    [expect.stringContaining('minimumTlsVersion is 1.2; ') as string],
    `Change it with --minimum-tls ${advised}${OWNER}`,
  ]),
  [
    'minimum TLS beyond what there is',
    [{ ...CONDITIONS.tls, operator: 'LessOrEquals', targetValue: '1.3', expressionValue: '1.3' }],
    ['minimumTlsVersion is 1.3; LessOrEquals 1.3 is true.'],
    `Change it with --minimum-tls${OWNER}`,
  ],
  [
    'minimum TLS, looked at twice',
    [
      { ...CONDITIONS.tls, operator: 'Exists', targetValue: 'false', expressionValue: null },
      { ...CONDITIONS.tls, targetValue: '1.3', expressionValue: null },
    ],
    ['minimumTlsVersion is missing.', 'minimumTlsVersion is not set; Less 1.3 is true.'],
    `Change it with --minimum-tls 1.3${OWNER}`,
  ],
  [
    'a number, compared',
    [{ expression: 'sku.capacity', operator: 'Greater', targetValue: 4, expressionValue: 8 }],
    ['sku.capacity is 8; Greater 4 is true.'],
    `Change it with --capacity 4${OWNER}`,
  ],
  [
    'one of several ways to close public network access',
    [{ ...CONDITIONS.publicAccess, operator: 'NotIn', targetValue: ['SecuredByPerimeter', 'Disabled'] }],
    ['publicNetworkAccess is Enabled; allowed: SecuredByPerimeter, Disabled.'],
    `Change it with --public-network-access disabled${OWNER}`,
  ],
  [
    'public network access, sent as null',
    [{ ...CONDITIONS.publicAccess, expressionValue: null }],
    ['publicNetworkAccess is not set; allowed: Disabled.'],
    `Change it with --public-network-access disabled${OWNER}`,
  ],
  [
    'public network access that must not be said',
    [{ ...CONDITIONS.publicAccess, operator: 'Exists', targetValue: 'true' }],
    ['publicNetworkAccess is Enabled, and must not be set.'],
    `Change it with --public-network-access${OWNER}`,
  ],
  [
    'the name of the namespace',
    [CONDITIONS.name],
    ['name is ns-demo; NotLike evhns-* is true.'],
    `Change it with --namespace${OWNER}`,
  ],
  [
    'the name of the group',
    [{ ...CONDITIONS.type, expressionValue: 'Microsoft.Resources/subscriptions/resourceGroups' }, CONDITIONS.name],
    ['name is ns-demo; NotLike evhns-* is true.'],
    `Change it with --resource-group${OWNER}`,
  ],
  [
    'the name of a hub',
    [{ ...CONDITIONS.type, expressionValue: 'Microsoft.EventHub/namespaces/eventhubs' }, CONDITIONS.name],
    ['name is ns-demo; NotLike evhns-* is true.'],
    `Change it with --hub${OWNER}`,
  ],
  [
    'the name of something else',
    [{ ...CONDITIONS.type, expressionValue: 'Microsoft.EventHub/namespaces/x' }, CONDITIONS.name],
    ['name is ns-demo; NotLike evhns-* is true.'],
    'No flag satisfies P (on management group contoso): ask its owner for an exemption.',
  ],
  [
    'keys',
    [CONDITIONS.localAuth],
    ['disableLocalAuth is false; allowed: true.'],
    `Change it with --disable-local-auth${OWNER}`,
  ],
  [
    'tier',
    [CONDITIONS.tier],
    ['sku.name is Basic; allowed: Standard, Premium.'],
    `Change it with --tier Standard${OWNER}`,
  ],
  [
    'tier, forbidden only',
    [CONDITIONS.notPremium],
    ['sku.tier is Premium; not allowed: Premium.'],
    `Change it with --tier${OWNER}`,
  ],
  [
    'a condition that only chooses the tier, and then the region',
    [{ ...CONDITIONS.tier, operator: 'NotEquals', result: 'True', targetValue: 'Premium' }, CONDITIONS.location],
    ['sku.name is Basic; allowed: Premium.', 'location is westeurope; allowed: northeurope, swedencentral.'],
    `Change it with --location northeurope${OWNER}`,
  ],
  [
    'keys that have to stay',
    [{ ...CONDITIONS.localAuth, operator: 'Equals', targetValue: 'true', expressionValue: true }],
    ['disableLocalAuth is true; not allowed: true.'],
    'No flag satisfies P (on management group contoso): ask its owner for an exemption.',
  ],
  [
    'what no flag says',
    [CONDITIONS.encryption],
    ['encryption.keySource is not set; allowed: Microsoft.KeyVault.'],
    'No flag satisfies P (on management group contoso): ask its owner for an exemption.',
  ],
]

describe('a policy', () => {
  it.each(CASES)('%s', (_, conditions, told, hint) => {
    const failure = refusal(disallowed({ name: 'P', conditions }))
    expect(failure).toMatchObject({
      code: 'refused',
      azure: { code: 'RequestDisallowedByPolicy' },
      why: ['Azure Policy forbids it: P (on management group contoso).', ...told],
      hint,
    })
  })

  it('speaks in the words of the organisation, and names its scope', () => {
    const policy: Policy = {
      ...{ name: 'Regions', reason: 'Deploy in Europe. Ask cloud@contoso.com.', conditions: [CONDITIONS.location] },
      scope: '/subscriptions/s/resourceGroups/rg-demo',
    }
    expect(refusal(disallowed(policy)).why).toEqual([
      'Azure Policy forbids it: Regions (on resource group rg-demo).',
      'It says: Deploy in Europe. Ask cloud@contoso.com.',
      'location is westeurope; allowed: northeurope, swedencentral.',
    ])
  })

  it('is one of several: each is told, and one edit satisfies all that have a flag', () => {
    const failure = refusal(
      disallowed(
        { name: 'Regions', conditions: [CONDITIONS.location] },
        { name: 'Cost centers', reason: 'Who pays?', conditions: [CONDITIONS.tag] },
        { name: 'Keys of ours', scope: '/subscriptions/s', conditions: [CONDITIONS.encryption] },
      ),
    )
    expect(failure.why.filter((line) => String(line).startsWith('Azure Policy'))).toHaveLength(3)
    expect(failure.why).toContain('It says: Who pays?')
    expect(failure.hint).toBe(
      'Change it with --location northeurope --tag costCenter=VALUE. ' +
        'No flag satisfies Keys of ours (on the subscription): ask its owner for an exemption.',
    )
  })

  it('is told once where it is listed twice, and five are enough', () => {
    const policies = ['A', 'A', 'B', 'C', 'D', 'E', 'F', 'G'].map((name) => ({
      name,
      conditions: [CONDITIONS.encryption],
    }))
    const { why, hint } = refusal(disallowed(...policies))
    expect(why.filter((line) => String(line).startsWith('Azure Policy'))).toEqual(
      ['A', 'B', 'C', 'D', 'E'].map((name) => `Azure Policy forbids it: ${name} (on management group contoso).`),
    )
    expect(why.at(-1)).toBe('2 more policies forbid it.')
    expect(hint).toMatch(/^No flag satisfies A \(on .*, E \(on management group contoso\) and 2 more: ask/)
  })

  it('is cut where its texts are long, and shows no key', () => {
    const reason = `${'x'.repeat(5000)}\n\nsecond\nthird\nfourth`
    const targetValue = ['y'.repeat(5000)]
    const { why } = refusal(disallowed({ name: 'P', reason, conditions: [{ ...CONDITIONS.location, targetValue }] }))
    expect(why.map((line) => String(line).slice(0, 12))).toEqual([
      'Azure Policy',
      'It says: xxx',
      'second',
      'third',
      'location is ',
    ])
    expect(Math.max(...why.map((line) => String(line).length))).toBe(600)
    const leak = 'Use SharedAccessKey=c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmU= instead.'
    expect(refusal(disallowed({ name: 'P', reason: leak, conditions: [] })).why.join()).not.toContain('c2VjcmV0')
  })

  it('satisfies two policies on one value with the value that both allow', () => {
    const regions = (...targetValue: readonly string[]) => ({ ...CONDITIONS.location, targetValue })
    const { hint } = refusal(
      disallowed(
        { name: 'A', conditions: [regions('northeurope', 'swedencentral')] },
        { name: 'B', conditions: [regions('francecentral', 'swedencentral')] },
      ),
    )
    expect(hint).toBe(`Change it with --location swedencentral${OWNER}`)
  })

  it.each([1, 2])('is found in the details of another error, %s deep', (depth) => {
    const { error } = disallowed({ name: 'Regions', conditions: [CONDITIONS.location] })
    let body: object = error
    for (let i = 0; i < depth; i++)
      body = { code: 'InvalidTemplateDeployment', message: 'See inner errors.', details: [null, { code: 'x' }, body] }
    expect(refusal({ error: body })).toMatchObject({
      code: 'refused',
      azure: { code: 'RequestDisallowedByPolicy' },
      why: ['Azure Policy forbids it: Regions (on management group contoso).', expect.stringContaining('location is')],
      hint: `Change it with --location northeurope${OWNER}`,
    })
  })

  it('has no conditions for somebody who may not read policies', () => {
    const failure = refusal(disallowed({ name: 'Regions' }))
    expect(failure.why).toEqual(['Azure Policy forbids it: Regions (on management group contoso).'])
    expect(failure.hint).toContain('region, tags, tier')
  })

  it('is named by the message alone, in full', () => {
    const { code, message } = disallowed({ name: 'A' }, { name: 'B', scope: '/subscriptions/s' }, { name: 'C' }).error
    expect(message.length).toBeGreaterThan(600)
    expect(refusal({ error: { code, message } }).why).toEqual([
      'Azure Policy forbids it: A (on management group contoso).',
      'Azure Policy forbids it: B (on the subscription).',
      'Azure Policy forbids it: C (on management group contoso).',
    ])
  })

  it('gives its reasons in the message alone', () => {
    const { error } = disallowed({ name: 'Regions', conditions: [CONDITIONS.location] })
    const message =
      "Resource 'x' was disallowed by policy. Reasons: 'Deploy in Europe.'. See error details for policy resource IDs."
    expect(refusal({ error: { ...error, message } }).why[1]).toBe('It says: Deploy in Europe.')
  })

  it('takes any shape of its details', () => {
    for (const additionalInfo of [
      null,
      'x',
      [null],
      [{ type: 'PolicyViolation' }],
      [{ type: 'PolicyViolation', info: 1 }],
    ])
      expect(refusal({ error: { code: 'RequestDisallowedByPolicy', message: 'no', additionalInfo } }).why).toEqual([
        'Azure Policy forbids it: a rule of your organization.',
      ])
    const info = { evaluationDetails: { evaluatedExpressions: [null, {}, { expression: 5, targetValue: { a: 1 } }] } }
    const additionalInfo = [{ type: 'PolicyViolation', info }]
    expect(refusal({ error: { code: 'RequestDisallowedByPolicy', additionalInfo } }).code).toBe('refused')
  })
})
