import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INPUTS, type InputKey } from '../../src/inputs/table.ts'
import { childOf, isLeaf, nameOf, type AnyBranch, type AnyNode } from '../../src/wanted/node.ts'
import { givenBy } from '../support/argv.ts'
import { layersOf, sayings, SOURCES, WORDS, type Said } from '../support/layers.ts'
import { wantedFrom } from '../support/manifests.ts'

const KEYS = Object.keys(WORDS) as (keyof typeof WORDS)[]

function nodeAt(tree: AnyBranch, key: InputKey): AnyNode | undefined {
  const { at } = INPUTS[key] as { readonly at?: string }
  return at!.split('.').reduce<AnyNode | undefined>((node, part) => childOf(node, part), tree)
}

/** Of all that is said of an input, what counts. */
const topmost = (all: readonly Said[], key: InputKey): Said | undefined =>
  SOURCES.flatMap((source) => all.filter((said) => said.input === key && said.source === source))[0]

describe('layers laid over each other', () => {
  it('keep of each value the words and the origin of the topmost layer that says it', () => {
    let checked = 0
    fc.assert(
      fc.property(sayings, fc.nat(4), (all, blanks) => {
        const { wanted, originOf } = layersOf(all, blanks)
        for (const key of KEYS) {
          const top = topmost(all, key)
          const leaf = nodeAt(wanted as AnyBranch, key)
          expect(leaf === undefined, key).toBe(top === undefined)
          if (!top || !isLeaf(leaf)) continue
          expect(leaf, key).toMatchObject({ text: top.text, origin: originOf(top) })
          checked++
        }
      }),
      { numRuns: 200 },
    )
    expect(checked).toBeGreaterThan(500)
  })

  it('lose nothing to a layer that says nothing', () => {
    fc.assert(
      fc.property(sayings, (all) => {
        const inFile = all.filter(({ source }) => source === 'file')
        const { wanted } = layersOf(inFile)
        for (const { input, text } of inFile) expect(nodeAt(wanted as AnyBranch, input)).toMatchObject({ text })
      }),
      { numRuns: 50 },
    )
  })
})

const HUB_NAMES = ['clicks', 'views', 'audit'] as const
const hub = (from: string) =>
  fc.record(
    {
      name: fc.constantFrom(...HUB_NAMES),
      partitions: fc.constantFrom(...(from === 'root' ? [1, 2] : [3, 4])),
      retention: fc.constantFrom(...(from === 'root' ? ['1h', '2h'] : ['3h', '4h'])),
    },
    { requiredKeys: ['name'] },
  )
type DrawnHub = { readonly name: string; readonly partitions?: number; readonly retention?: string }
const hubsOf = (from: string): fc.Arbitrary<readonly DrawnHub[]> =>
  fc.uniqueArray(hub(from), { selector: ({ name }) => name, minLength: 1 })

describe('lists of named things', () => {
  it('an environment adds to, and what it says of one it says over the rest of the file', () => {
    fc.assert(
      fc.property(hubsOf('root'), hubsOf('own'), (root, own) => {
        const text = JSON.stringify({ version: 1, hubs: root, environments: { prod: { hubs: own } } }, null, 1)
        const { hubs } = wantedFrom(text, {}, 'prod')
        const names = [...new Set([...root, ...own].map(({ name }) => name))]
        expect(hubs?.items.map(nameOf)).toEqual(names)
        for (const item of hubs!.items) {
          const above = own.find(({ name }) => name === nameOf(item))
          const below = root.find(({ name }) => name === nameOf(item))
          for (const key of ['name', 'partitions', 'retention'] as const) {
            const value = above?.[key] ?? below?.[key]
            expect(item[key]?.text).toBe(value === undefined ? undefined : String(value))
            if (!item[key]) continue
            const list = above?.[key] === undefined ? 'hubs' : 'environments.prod.hubs'
            const index = (above?.[key] === undefined ? root : own).findIndex(({ name }) => name === nameOf(item))
            expect(item[key].origin).toMatchObject({ kind: 'file', path: `${list}[${index}].${key}` })
            expectAt(text, item[key].origin, String(value))
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('flags choose from, and what they say for all beats what the file says of one', () => {
    fc.assert(
      fc.property(hubsOf('root'), fc.subarray([...HUB_NAMES], { minLength: 1 }), fc.boolean(), (root, chosen, all) => {
        const words = [...chosen.flatMap((name) => ['--hub', name]), ...(all ? ['--partitions', '9'] : [])]
        const wanted = wantedFrom(JSON.stringify({ version: 1, hubs: root }, null, 1), givenBy(words))
        expect(wanted.hubs?.items.map(nameOf)).toEqual(chosen)
        for (const item of wanted.hubs!.items) {
          const below = root.find(({ name }) => name === nameOf(item))
          expect(item.name?.origin).toEqual({ kind: 'flag', name: '--hub' })
          expect(item.partitions?.value).toBe(all ? undefined : below?.partitions)
          expect(item.retention?.text).toBe(below?.retention)
          if (item.retention) expect(item.retention.origin).toMatchObject({ kind: 'file' })
        }
      }),
      { numRuns: 150 },
    )
  })
})

/** At that line and column stands what the leaf says. */
function expectAt(text: string, origin: object, words: string): void {
  const { line, column } = origin as { readonly line: number; readonly column: number }
  expect(
    text
      .split('\n')
      [line - 1]!.slice(column - 1)
      .replace(/^"/, ''),
  ).toMatch(new RegExp(`^${words}\\b`))
}
