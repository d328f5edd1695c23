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
