import { describe, expect, it } from 'vitest'
import { readGiven, type Env, type Flags } from '../../src/inputs/given.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUT_KEYS, INPUTS } from '../../src/inputs/table.ts'

const valueOf = (key: keyof typeof INPUTS, flags: Flags, env: Env) => {
  const { given, problems } = readGiven(INPUT_KEYS, flags, env)
  expect(problems).toEqual([])
  return given[key]
}

describe('where a value comes from', () => {
  it('is the flag before the environment', () => {
    const env = { ML_INGEST_TIER: 'Basic', ML_INGEST_HUB: 'a,b', ML_INGEST_KAFKA: '1' }
    expect(valueOf('tier', { tier: 'premium' }, env)).toEqual({ value: 'Premium', source: 'flag', texts: ['premium'] })
    expect(valueOf('tier', {}, env)).toEqual({
      value: 'Basic',
      source: 'environment',
      texts: ['Basic'],
      variable: 'ML_INGEST_TIER',
    })
    expect(valueOf('hub', { hub: ['c'] }, env)?.texts).toEqual(['c'])
    expect(valueOf('kafka', {}, env)).toMatchObject({ value: true, source: 'environment' })
  })

  it.each([
    ['subscription', ['ML_INGEST_SUBSCRIPTION', 'AZURE_SUBSCRIPTION_ID', 'ARM_SUBSCRIPTION_ID']],
    ['tenant', ['ML_INGEST_TENANT', 'AZURE_TENANT_ID', 'ARM_TENANT_ID']],
    ['resourceGroup', ['ML_INGEST_RESOURCE_GROUP', 'AZURE_RESOURCE_GROUP']],
    ['location', ['ML_INGEST_LOCATION', 'AZURE_LOCATION']],
  ] as const)('%s falls back from one variable to the next', (key, names) => {
    names.forEach((name, i) => {
      const env = Object.fromEntries(
        names
          .slice(i)
          .map((one, j) => [one, `from-${i + j}.org`.replaceAll(key === 'location' ? /[-.]|org/g : /^$/g, '')]),
      )
      expect(valueOf(key, {}, env)).toMatchObject({ source: 'environment', variable: name, value: env[name] })
    })
  })

  it('is not a variable that is empty', () => {
    const env = { ML_INGEST_SUBSCRIPTION: '', AZURE_SUBSCRIPTION_ID: 'mine', ML_INGEST_TIER: '', ML_INGEST_YES: '' }
    expect(valueOf('subscription', {}, env)?.value).toBe('mine')
    expect(valueOf('tier', {}, env)).toBeUndefined()
    expect(valueOf('yes', {}, env)).toBeUndefined()
  })

  it('may be a list in one variable', () => {
    const env = { ML_INGEST_HUB: 'clicks:8, audit' }
    expect(valueOf('hub', {}, env)).toMatchObject({ texts: ['clicks:8', 'audit'] })
  })

  it.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['on', true],
    ['0', false],
    ['false', false],
    ['No', false],
    ['off', false],
  ])('may switch by the word %s', (word, on) => {
    expect(valueOf('yes', {}, { ML_INGEST_YES: word })?.value).toBe(on)
  })

  it('may be the flag that says none', () => {
    const env = { ML_INGEST_CONSUMER_GROUP: 'a' }
    expect(valueOf('consumerGroup', { consumerGroup: [false] }, env)).toEqual({ value: [], source: 'flag', texts: [] })
  })

  it('is read only where a command takes it', () => {
    const env = { ML_INGEST_TIER: 'nonsense', ML_INGEST_SECONDARY: '1' }
    const { given, problems } = readGiven(['secondary', 'location'], { tier: 'nonsense' }, env)
    expect(problems).toEqual([])
    expect(Object.keys(given)).toEqual(['secondary'])
  })
})

describe('the field table', () => {
  const fields = INPUT_KEYS.map((key) => [key, INPUTS[key] as Input] as const)

  it.each(fields)('%s can be parsed from its example, choices and default', (_, field) => {
    if (field.kind === 'switch') return
    const texts = [field.example, ...(field.kind === 'value' ? (field.choices ?? []) : [])]
    for (const text of texts) expect(field.parse(text), text).toMatchObject({ ok: true })
    if (field.kind === 'value' && typeof field.default === 'string') {
      expect(field.parse(field.default)).toEqual({ ok: true, value: field.default })
    }
  })

  it.each(fields)('%s reads well', (_, field) => {
    expect(field.flags).toMatch(/^(-[a-zA-Z], )?--[a-z]+(-[a-z]+)*( <.+>| \[.+\])?$/)
    expect(field.help).not.toMatch(/[.]$|^[A-Z][a-z]+ (a|the) /)
    if (field.kind !== 'switch' && field.prompt !== undefined) expect(field.prompt).toMatch(/^[A-Z].*\?$/)
    for (const name of field.env) expect(name).toMatch(/^(ML_INGEST|AZURE|ARM)_[A-Z_]+$/)
  })

  it('gives each variable to one field', () => {
    const names = fields.flatMap(([, field]) => field.env)
    expect(new Set(names).size).toBe(names.length)
  })
})
