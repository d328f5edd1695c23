import { expect, it } from 'vitest'
import { checkFrame, SpecViolation } from './support/amqp-spec.ts'
import * as raw from './support/raw-client.ts'
import { frame, NULL, P, uint } from './support/raw-client.ts'

const name = raw.encodeString('n')
const [sender, receiver] = [raw.encodeBoolean(false), raw.encodeBoolean(true)]
const source = raw.encodeSection(0x28, raw.encodeList([raw.encodeString('hub')]))
const attach = (role: Buffer, ...rest: readonly Buffer[]) =>
  frame(0, P.attach, [name, uint(0), role, NULL, NULL, ...rest])

it('the decoder that checks our frames takes what the specification allows', () => {
  expect(checkFrame(attach(receiver, source, NULL))).toMatchObject({ name: 'attach' })
  expect(checkFrame(frame(0, P.transfer, [uint(0)], Buffer.from('payload')))).toMatchObject({ name: 'transfer' })
  expect(checkFrame(Buffer.from('0000000802000000', 'hex'))).toBeUndefined()
})

it.each([
  ['a map where a source belongs', attach(receiver, raw.encodeMap([])), 'attach.source: a map in place'],
  [
    'a target where a source belongs',
    attach(receiver, raw.encodeSection(0x29, raw.encodeList([]))),
    'a wrong descriptor',
  ],
  [
    'a source that is no list',
    attach(receiver, raw.encodeSection(0x28, raw.encodeMap([]))),
    'source is a map and no list',
  ],
  ['a field too many', frame(0, P.end, [NULL, NULL]), 'end has too many fields'],
  ['a mandatory field that is null', frame(0, P.detach, [NULL]), 'detach.handle is mandatory'],
  ['a mandatory field that is left out', frame(0, P.attach, [name]), 'attach.handle is mandatory'],
  ['a sender without its count', attach(sender, source, NULL), 'initial-delivery-count'],
  ['a field of a wrong type', frame(0, P.end, [name]), 'end.error: a string in place'],
  ['a number of a wrong type', frame(0, P.detach, [raw.ulong(1)]), 'detach.handle is a ulong and no uint'],
  [
    'a map whose keys are no symbols',
    frame(0, P.flow, [NULL, uint(0), uint(0), uint(0), ...Array<Buffer>(6).fill(NULL), raw.encodeMap([name, NULL])]),
    'flow.properties has a key that is no symbol',
  ],
  ['a performative that is none', frame(0, 0x40, []), 'a wrong descriptor'],
  ['bytes behind the fields', frame(0, P.end, [], Buffer.from([0x40])), 'end has bytes behind its fields'],
])('and refuses %s', (_, bytes, text) => {
  expect(() => checkFrame(bytes)).toThrow(SpecViolation)
  expect(() => checkFrame(bytes)).toThrow(text)
})
