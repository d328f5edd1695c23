import { describe, expect, it } from 'vitest'
import { formatGrant, parseGrant } from '../../src/inputs/grant-parsers.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'

describe('a grant', () => {
  it.each([
    [`${ANN}:sender`, 'sender', 'ServicePrincipal', 'hub'],
    [`${ANN.toUpperCase()}:Receiver:user`, 'receiver', 'User', 'hub'],
    [`${ANN}:OWNER:Group`, 'owner', 'Group', 'hub'],
    [`${ANN}:sender@namespace`, 'sender', 'ServicePrincipal', 'namespace'],
    [`${ANN}:owner:group@Namespace`, 'owner', 'Group', 'namespace'],
    [`${ANN}:owner@hub`, 'owner', 'ServicePrincipal', 'hub'],
  ])('%s is read', (text, role, principalType, scope) => {
    expect(parseGrant(text)).toEqual({ ok: true, value: { principalId: ANN, role, principalType, scope } })
  })

  it.each([
    ['', 'is empty'],
    [ANN, 'has no role after the principal: sender, receiver or owner'],
    [`${ANN}:`, 'has no role after the principal: sender, receiver or owner'],
    [`${ANN}:reciever`, 'has the unknown role reciever. Did you mean receiver?'],
    [`${ANN}:zzz`, 'has the unknown role zzz: it can be sender, receiver or owner'],
    [`${ANN}:sender:Usr`, 'has the unknown type Usr. Did you mean User?'],
    [`${ANN}:sender:User:x`, 'has too many parts: PRINCIPAL_ID:ROLE[:TYPE][@namespace]'],
    [`${ANN}:sender@namespace@hub`, 'has too many parts: PRINCIPAL_ID:ROLE[:TYPE][@namespace]'],
    [`${ANN}:sender@namespcae`, 'has the unknown scope namespcae. Did you mean namespace?'],
    [`${ANN}:sender@`, 'has no scope after the @: hub or namespace'],
    [
      'ann@contoso.com:sender',
      'names a principal that is not an object id, such as 8c1d2e3f-0000-0000-0000-000000000000',
    ],
  ])('"%s" is not: %s', (text, message) => {
    expect(parseGrant(text)).toEqual({ ok: false, message })
  })

  it.each([`${ANN}:sender`, `${ANN}:owner:Group`, `${ANN}:owner:Group@namespace`])(
    '%s is written as it is read',
    (text) => {
      const parsed = parseGrant(text)
      expect(parsed.ok && formatGrant(parsed.value)).toBe(text)
    },
  )
})
