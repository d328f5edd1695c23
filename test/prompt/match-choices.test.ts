import { describe, expect, it } from 'vitest'
import { matchChoices } from '../../src/prompt/inquirer-prompter.ts'

const CHOICES = [
  { value: 0, label: 'Create a new one', always: true },
  { value: 1, label: 'West Europe', detail: 'westeurope' },
  { value: 2, label: 'North Europe', detail: 'northeurope' },
  { value: 3, label: 'West US', detail: 'westus' },
]
const found = (term: string | undefined) => matchChoices(CHOICES, term).map(({ value }) => value)

describe('a search', () => {
  it.each<[string | undefined, readonly number[]]>([
    [undefined, [0, 1, 2, 3]],
    ['  ', [0, 1, 2, 3]],
    ['europe', [1, 2, 0]],
    ['EUROPE west', [1, 0]],
    ['westus', [3, 0]],
    ['nowhere', [0]],
  ])('for %j offers what holds every word, and what is always offered after it', (term, values) => {
    expect(found(term)).toEqual(values)
  })

  it.each<[string | undefined, readonly number[]]>([
    [undefined, [2, 0, 1, 3]],
    ['', [2, 0, 1, 3]],
    ['europe', [1, 2, 0]],
    ['west', [1, 3, 0]],
  ])('for %j offers its default first only where nothing is typed', (term, values) => {
    expect(matchChoices(CHOICES, term, 2).map(({ value }) => value)).toEqual(values)
  })

  it('without such a choice leaves the order as it is', () => {
    expect(matchChoices(CHOICES, '', 9)).toEqual(CHOICES)
  })
})
