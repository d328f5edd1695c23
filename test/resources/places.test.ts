import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InputKey } from '../../src/inputs/table.ts'
import { brokenRules } from '../../src/resources/front-door.ts'
import { givenBy } from '../support/argv.ts'
import { layersOf, SOURCES, type Said, type Source } from '../support/layers.ts'
import { wantedFrom } from '../support/manifests.ts'
import { toldOf } from '../support/told.ts'

/** An input in words that break a rule together with others, and what is said of it. */
const BROKEN: readonly (readonly [input: InputKey, text: string, others: Partial<Record<InputKey, string>>, RegExp])[] =
  [
    ['partitions', '64', {}, /^is above 32/],
    ['retention', '30d', {}, /^is above 7d/],
    ['capacity', '3', { tier: 'Premium' }, /^is not a capacity of Premium/],
    ['autoInflateMax', '5', { tier: 'Premium' }, /^needs Standard/],
    ['autoInflateMax', '2', { capacity: '4' }, /^is below /],
  ]

const anywhere = fc.constantFrom(...SOURCES)

describe('a broken rule', () => {
  it('is told where what breaks it was said, whichever layer that is, and in the words of there', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.constantFrom(...BROKEN),
        anywhere,
        fc.array(anywhere, { minLength: 3, maxLength: 3 }),
        fc.nat(5),
        ([input, text, others, message], source, sources, blanks) => {
          const said: Said = { input, text, source }
          const beside = Object.entries(others).map(([key, words], i): Said => {
            return { input: key as InputKey, text: words, source: sources[i]! }
          })
          const { wanted, originOf } = layersOf([said, ...beside], blanks)
          const [problem, ...rest] = brokenRules(wanted)
          expect(rest).toEqual([])
          expect(problem).toMatchObject({ kind: 'invalid', input, text, origin: originOf(said) })
          expect(String(problem!.message)).toMatch(message)
          seen.add(`${input} ${source}`)
        },
      ),
      { numRuns: 300 },
    )
    expect(seen.size).toBeGreaterThan(16)
  })

  it('is not told of what a layer above said otherwise', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anywhere, { minLength: 2, maxLength: 2 }), fc.nat(3), (sources, blanks) => {
        const [above, below] = SOURCES.filter((source) => sources.includes(source)) as [Source, Source]
        const wrong: Said = { input: 'partitions', text: '64', source: below }
        const { wanted } = layersOf([wrong, { input: 'partitions', text: '8', source: above }], blanks)
        expect(brokenRules(wanted)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('what a broken rule names besides', () => {
  it.each([
    ['capacity: 4', '--auto-inflate-max 2', '--auto-inflate-max 2 is below capacity 4'],
    ['autoInflateMax: 2', '--capacity 4', 'm.yaml:2:17 autoInflateMax is below --capacity 4'],
    ['policy: theirs', '--disable-local-auth', 'm.yaml:2:9 policy contradicts --disable-local-auth'],
    ['disableLocalAuth: true', '--policy theirs', '--policy theirs contradicts disableLocalAuth'],
  ])('is called as it was said: %s with %s', (line, flags, told) => {
    const problems = brokenRules(wantedFrom(`version: 1\n${line}`, givenBy(flags.split(' ')))).map(toldOf)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(told)
  })
})

describe('what is said of one hub', () => {
  const wanted = (line: string) =>
    wantedFrom(
      ['version: 1', 'hubs:', '  - name: clicks', '    partitions: 64', '    retention: 30d'].join('\n'),
      givenBy(line.split(' ').filter((word) => word !== '')),
    )
  const originsOf = (line: string) => brokenRules(wanted(line)).map(({ input, text, origin }) => [input, text, origin])
  const inFile = (line: number, column: number, path: string) => ({ kind: 'file', file: 'm.yaml', line, column, path })

  it('is told where the file says it, also where a flag names the hub', () => {
    const places = [
      ['hub', '64', inFile(4, 17, 'hubs[0].partitions')],
      ['hub', '30d', inFile(5, 16, 'hubs[0].retention')],
    ]
    expect(originsOf('')).toEqual(places)
    expect(originsOf('--hub clicks')).toEqual(places)
  })

  it('is told at the flag in its whole word, where that says it', () => {
    expect(originsOf('--hub clicks:100')).toEqual([
      ['hub', 'clicks:100', { kind: 'flag', name: '--hub' }],
      ['hub', '30d', inFile(5, 16, 'hubs[0].retention')],
    ])
    expect(originsOf('--partitions 33 --retention 8d')).toEqual([
      ['partitions', '33', { kind: 'flag', name: '--partitions' }],
      ['retention', '8d', { kind: 'flag', name: '--retention' }],
    ])
  })
})
