import { describe, expect, it } from 'vitest'
import { formatGrant, parseGrant } from '../../src/inputs/grant-parsers.ts'
import { inputsOf } from '../support/argv.ts'
import { aSpec, homeWords } from '../support/worlds.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'

describe('a grant', () => {
  it.each([
    [`${ANN}:sender`, 'sender', 'ServicePrincipal'],
    [`${ANN.toUpperCase()}:Receiver:user`, 'receiver', 'User'],
    [`${ANN}:OWNER:Group`, 'owner', 'Group'],
  ])('%s is read', (text, role, principalType) => {
    expect(parseGrant(text)).toEqual({ ok: true, value: { principalId: ANN, role, principalType } })
  })

  it.each([
    ['', 'is empty'],
    [ANN, 'has no role behind the principal: sender, receiver or owner'],
    [`${ANN}:`, 'has no role behind the principal: sender, receiver or owner'],
    [`${ANN}:reciever`, 'has the unknown role reciever. Did you mean receiver?'],
    [`${ANN}:zzz`, 'has the unknown role zzz: it can be sender, receiver or owner'],
    [`${ANN}:sender:Usr`, 'has the unknown type Usr. Did you mean User?'],
    [`${ANN}:sender:User:x`, 'has too many parts: PRINCIPAL_ID:ROLE[:TYPE]'],
    [
      'ann@contoso.com:sender',
      'names a principal that is not an object id, such as 8c1d2e3f-0000-0000-0000-000000000000',
    ],
  ])('"%s" is not: %s', (text, message) => {
    expect(parseGrant(text)).toEqual({ ok: false, message })
  })

  it.each([`${ANN}:sender`, `${ANN}:owner:Group`])('%s is written as it is read', (text) => {
    const parsed = parseGrant(text)
    expect(parsed.ok && formatGrant(parsed.value)).toBe(text)
  })
})

describe('grants together', () => {
  const problems = (line: string) => {
    const validated = validate(inputsOf(homeWords(line)))
    return validated.ok ? [] : validated.problems.map(({ flag, message }) => `${flag} ${message}`)
  }

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
