import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import type { CiChoice } from '../../src/inputs/run.ts'
import { openCi, type CiOutputs } from '../../src/ui/ci.ts'
import type { Env } from '../../src/inputs/given.ts'
import { KEY, stringOf } from './samples.ts'

const OUTPUTS: CiOutputs = {
  namespace: 'ns-demo',
  hub: 'clicks',
  fqdn: 'ns-demo.servicebus.windows.net',
  'resource-id': '/subscriptions/x/providers/Microsoft.EventHub/namespaces/ns-demo',
  changed: true,
}
const GITHUB: Env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: '/tmp/out', GITHUB_STEP_SUMMARY: '/tmp/summary' }
const SECRETS = [new Secret(stringOf('clicks')), new Secret(KEY), new Secret(KEY), new Secret('')]

function open(env: Env, choice: CiChoice = 'auto') {
  const lines: string[] = []
  const files: Record<string, string> = {}
  const ci = openCi({
    choice,
    env,
    io: { err: (text) => lines.push(text) },
    appendFile: async (path, text) => {
      files[path] = (files[path] ?? '') + text
    },
  })
  return { ci, lines, files }
}

describe('which system', () => {
  it.each<[Env, CiChoice, string]>([
    [{}, 'auto', 'none'],
    [{ CI: 'true' }, 'auto', 'none'],
    [{ GITHUB_ACTIONS: 'true' }, 'auto', 'github'],
    [{ GITHUB_ACTIONS: 'false' }, 'auto', 'none'],
    [{ TF_BUILD: 'True' }, 'auto', 'azure-devops'],
    [{ GITHUB_ACTIONS: 'true' }, 'off', 'none'],
    [{}, 'github', 'github'],
    [{ GITHUB_ACTIONS: 'true' }, 'azure-devops', 'azure-devops'],
  ])('%j with --ci %s: %s', (env, choice, kind) => expect(open(env, choice).ci.kind).toBe(kind))
})

describe('GitHub Actions', () => {
  it('masks each value once: the string and the bare key', () => {
    const { ci, lines } = open(GITHUB)
    ci.mask(SECRETS)
    expect(lines).toEqual([`::add-mask::${stringOf('clicks')}`, `::add-mask::${KEY}`])
  })

  it('keeps a mask on one line, readable for the runner', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', '\r', '\n', '0', 'A', 'D', '2', '5'), minLength: 1 }),
        (any) => {
          const { ci, lines } = open(GITHUB)
          ci.mask([new Secret(any)])
          expect(lines.join('')).not.toMatch(/[\r\n]/)
          const data = lines[0]!.slice('::add-mask::'.length)
          expect(data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')).toBe(any)
        },
      ),
    )
  })

  it('hands over outputs in the delimiter form', async () => {
    const { ci, files, lines } = open(GITHUB)
    await ci.setOutputs(OUTPUTS)
    expect(readOutputs(files['/tmp/out']!)).toEqual({ ...OUTPUTS, changed: 'true' })
    expect(lines).toEqual([])
  })

  it('uses another delimiter each time, so that no value can end itself', async () => {
    const { ci, files } = open(GITHUB)
    await ci.setOutputs(OUTPUTS)
    const delimiters = files['/tmp/out']!.match(/(?<=<<).*/g)!
    expect(new Set(delimiters).size).toBe(5)
  })

  it('masks a value once, however often it is told of it', () => {
    const { ci, lines } = open(GITHUB)
    ci.mask(SECRETS)
    ci.mask([...SECRETS, new Secret('another')])
    expect(lines).toEqual([`::add-mask::${stringOf('clicks')}`, `::add-mask::${KEY}`, '::add-mask::another'])
  })

  it('adds Markdown to the summary', async () => {
    const { ci, files } = open(GITHUB)
    await ci.addSummary(() => '### one\n')
    await ci.addSummary(() => '### two\n')
    expect(files['/tmp/summary']).toBe('### one\n### two\n')
  })

  it('warns of files that cannot be written, and goes on', async () => {
    const lines: string[] = []
    const appendFile = () => Promise.reject(new Error("EACCES: permission denied, open '/tmp/summary'"))
    const ci = openCi({ choice: 'auto', env: GITHUB, io: { err: (text) => lines.push(text) }, appendFile })
    await ci.addSummary(() => 'x')
    await ci.setOutputs(OUTPUTS)
    const why = "EACCES: permission denied, open '/tmp/summary'"
    expect(lines).toEqual([
      `Warning: can't write the step summary to GITHUB_STEP_SUMMARY: ${why}`,
      `Warning: can't write the step outputs to GITHUB_OUTPUT: ${why}`,
    ])
  })

  it('has nothing to write to outside of a runner', async () => {
    const { ci, files } = open({}, 'github')
    await ci.setOutputs(OUTPUTS)
    await ci.addSummary(() => 'x')
    expect(files).toEqual({})
  })
})

/** The runner's own reading: `name<<delimiter`, lines, `delimiter`. */
function readOutputs(text: string): Record<string, string> {
  const lines = text.split('\n')
  const read: Record<string, string> = {}
  while (lines.length > 1) {
    const [name = '', end = ''] = lines.shift()!.split('<<')
    const value = lines.splice(0, lines.indexOf(end))
    lines.shift()
    read[name] = value.join('\n')
  }
  return read
}

describe('Azure Pipelines', () => {
  it('registers the string and the bare key', () => {
    const { ci, lines } = open({ TF_BUILD: 'True' })
    ci.mask(SECRETS)
    expect(lines).toEqual([`##vso[task.setsecret]${stringOf('clicks')}`, `##vso[task.setsecret]${KEY}`])
  })

  it('escapes what would end or split the command', async () => {
    const { ci, lines } = open({ TF_BUILD: 'True' })
    ci.mask([new Secret('a%b\r\nc')])
    await ci.setOutputs({ ...OUTPUTS, hub: '50%\nx' })
    expect(lines[0]).toBe('##vso[task.setsecret]a%AZP25b%0D%0Ac')
    expect(lines).toContain('##vso[task.setvariable variable=hub;isOutput=true]50%AZP25%0Ax')
    expect(lines).toContain('##vso[task.setvariable variable=changed;isOutput=true]true')
    expect(lines).toHaveLength(6)
  })
})

it('elsewhere nothing is written', async () => {
  const { ci, lines, files } = open({})
  ci.mask(SECRETS)
  await ci.setOutputs(OUTPUTS)
  await ci.addSummary(() => 'x')
  expect([lines, files]).toEqual([[], {}])
})
