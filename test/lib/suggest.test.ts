import { describe, expect, it } from 'vitest'
import { suggest } from '../../src/lib/suggest.ts'

describe('what a mistyped word probably means', () => {
  it.each<[word: string, candidates: readonly string[], meant: string | undefined]>([
    ['listn', ['send', 'listen', 'manage'], 'listen'],
    ['LISTEN', ['send', 'listen'], 'listen'],
    ['strat', ['start', 'stop', 'status'], 'start'],
    ['lst', ['list', 'last'], 'list'],
    ['statsu', ['start', 'status'], 'status'],
    // More than one edit for three letters.
    ['read', ['send'], undefined],
    ['test', ['start'], undefined],
    ['select', ['delete'], undefined],
    ['on', ['no'], undefined],
    ['', ['a'], undefined],
  ])('%j among %j: %s', (word, candidates, meant) => {
    expect(suggest(word, candidates)).toBe(meant)
  })

  it('takes fewer edits where they are limited', () => {
    expect(suggest('delta', ['delete'])).toBe('delete')
    expect(suggest('delta', ['delete'], { maxEdits: 1 })).toBeUndefined()
    expect(suggest('delet', ['delete'], { maxEdits: 1 })).toBe('delete')
  })
})
