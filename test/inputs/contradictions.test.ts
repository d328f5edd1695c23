import { describe, it } from 'vitest'
import { expectOne, problemsIn, words, type BadLine } from '../support/problems.ts'

/** Of inputs that say how a run behaves. */
const LINES: readonly BadLine[] = [
  ['--local --auth cli', '--auth cli', /^contradicts --local/],
  ['--local --cloud AzureChinaCloud', '--cloud AzureChinaCloud', /^contradicts --local/],
  ['--json --format env', '--format env', 'contradicts --json. Give one of the two'],
  [
    '--consumer-group trainer --no-consumer-group',
    '--consumer-group trainer',
    'contradicts --no-consumer-group. Give one of the two',
  ],
  [
    '--no-consumer-group --consumer-group trainer',
    '--consumer-group trainer',
    'contradicts --no-consumer-group. Give one of the two',
  ],
  ['--no-connection --format env', '--format env', 'contradicts --no-connection. Give one of the two'],
]

describe('two inputs of which one holds', () => {
  it.each(LINES.map(([line, flag, message]) => ({ line, flag, message })))('$line', ({ line, flag, message }) => {
    expectOne(problemsIn(words(String(line))), flag, message)
  })
})
