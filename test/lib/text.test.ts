import fc from 'fast-check'
import { inspect, format } from 'node:util'
import { describe, expect, it } from 'vitest'
import { redact, Secret } from '../../src/lib/secret.ts'
import { suggest } from '../../src/lib/suggest.ts'

const KEY = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE='
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl'

describe('redact', () => {
  it.each([
    [
      `Endpoint=sb://ns/;SharedAccessKeyName=send;SharedAccessKey=${KEY};EntityPath=x`,
      'Endpoint=sb://ns/;SharedAccessKeyName=send;SharedAccessKey=***;EntityPath=x',
    ],
    [`SharedAccessKey = shortkey`, 'SharedAccessKey = ***'],
    [`{"primaryKey":"${KEY}","keyName":"send"}`, '{"primaryKey":"***","keyName":"send"}'],
    [`"secondaryConnectionString": "Endpoint=sb://x"`, '"secondaryConnectionString": "***"'],
    [`Authorization: Bearer ${TOKEN}`, 'Authorization: ***'],
    [`"authorization":"Bearer ${TOKEN}"`, '"authorization":"***"'],
    [`sent Bearer ${TOKEN} away`, 'sent Bearer *** away'],
    ['Authorization: Bearer xy"', 'Authorization: ***"'],
    [`client_secret=s3cret&grant_type=x`, 'client_secret=***&grant_type=x'],
    [`"access_token":"abc","expires_in":1`, '"access_token":"***","expires_in":1'],
    [`the token ${TOKEN} is old`, 'the token *** is old'],
    [`the key ${KEY} is old`, 'the key *** is old'],
    [`clicks/${KEY}`, '***'],
    [`https://x.blob/y?sig=${'a'.repeat(43)}%3D&se=2026`, 'https://x.blob/y?sig=***&se=2026'],
  ])('%s', (text, hidden) => expect(redact(text)).toBe(hidden))

  it.each([
    'Failed to create hub clicks in namespace ns-demo',
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg?api-version=2024-01-01',
    '--tag team=vision --user-metadata "Feature pipeline"',
    'SharedAccessKeyName=send',
    'curl -H "Authorization: Bearer x" "http://127.0.0.1:1/subscriptions"',
    "curl -H 'Authorization: Bearer x' 'http://127.0.0.1:1/subscriptions'",
    'sha256-47DEQpj8HBSa',
  ])('leaves alone: %s', (text) => expect(redact(text)).toBe(text))

  it('hides every key, wherever it stands', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'))
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
        expect(redact(`${before}${secret}${after}`)).not.toContain(secret.slice(0, 40))
      }),
    )
  })
})

describe('a secret', () => {
  const secret = new Secret(KEY)

  it.each([
    ['a template', `${secret as unknown as string}`],
    ['String', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['an error', String(new Error(String(secret)))],
    ['its entries', JSON.stringify([...Object.entries(secret), ...Reflect.ownKeys(secret)])],
    ['a copy', JSON.stringify({ ...secret })],
  ])('does not show in %s', (_, text) => expect(text).not.toContain('AbCd'))

  it('is given to who asks', () => expect(secret.reveal()).toBe(KEY))
})

describe('suggest', () => {
  const TIERS = ['Basic', 'Standard', 'Premium']

  it.each([
    ['Standrad', 'Standard'],
    ['standart', 'Standard'],
    ['premum', 'Premium'],
    ['bsic', 'Basic'],
    ['BASIC', 'Basic'],
    ['gold', undefined],
    ['', undefined],
    ['x', undefined],
  ])('%s', (word, meant) => expect(suggest(word, TIERS)).toBe(meant))

  it('takes the nearest, and no further than asked', () => {
    expect(suggest('westeurop', ['westus', 'westeurope', 'northeurope'])).toBe('westeurope')
    expect(suggest('greececentral', ['francecentral'])).toBe('francecentral')
    expect(suggest('greececentral', ['francecentral'], { maxEdits: 1 })).toBeUndefined()
    expect(suggest('westeuorpe', ['westeurope'], { maxEdits: 1 })).toBe('westeurope')
  })
})
