import { describe, expect, it } from 'vitest'
import { formatGrant } from '../../src/inputs/grant-parsers.ts'
import { problemsIn } from '../support/problems.ts'
import { toldOf } from '../support/told.ts'
import { aSpec, homeWords } from '../support/worlds.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'

describe('grants together', () => {
  const problems = (line: string) => problemsIn(homeWords(line)).map(toldOf)

  it('hold for every hub', () => {
    const spec = aSpec(`--hub clicks --hub views --grant ${ANN}:sender --grant ${BOB}:owner:User`)
    expect(spec.hubs.map((hub) => hub.grants.map(formatGrant))).toEqual([
      [`${ANN}:sender`, `${BOB}:owner:User`],
      [`${ANN}:sender`, `${BOB}:owner:User`],
    ])
  })

  it('are not given twice, and a principal is of one type', () => {
    expect(problems(`--grant ${ANN}:sender --grant ${ANN}:receiver --grant ${BOB}:sender:User`)).toEqual([])
    expect(problems(`--grant ${ANN}:sender --grant ${ANN.toUpperCase()}:Sender`)).toEqual([
      `--grant ${ANN.toUpperCase()}:Sender is given twice`,
    ])
    expect(problems(`--grant ${ANN}:sender --grant ${ANN}:receiver:User`)).toEqual([
      `--grant ${ANN}:receiver:User makes ${ANN} a User, and before a ServicePrincipal`,
    ])
  })

  it('go with keys or without, but an existing access rule is of no use without', () => {
    expect(aSpec('--disable-local-auth').namespace.localAuthDisabled).toEqual({ value: true, given: true })
    expect(problems('--disable-local-auth --access listen')).toEqual([])
    expect(problems('--disable-local-auth --policy theirs')).toEqual([
      '--policy theirs contradicts --disable-local-auth: without keys no access rule is used',
    ])
  })
})
