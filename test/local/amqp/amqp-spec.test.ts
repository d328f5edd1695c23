import { expect, it } from 'vitest'
import { checkFrame } from './support/amqp-spec.ts'
import { checkMessage } from './support/amqp-spec-message.ts'
import { checkConversation } from './support/amqp-spec-session.ts'
import { SpecViolation } from './support/amqp-spec-types.ts'
import * as raw from './support/raw-client.ts'
import { frame, HEADER, NULL, P, uint } from './support/raw-client.ts'

const name = raw.encodeString('n')
const [sender, receiver] = [raw.encodeBoolean(false), raw.encodeBoolean(true)]
const ubyte = (value: number) => Buffer.from([0x50, value])
const twice = raw.encodeMap([raw.encodeSymbol('a'), NULL, raw.encodeSymbol('a'), NULL])
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
    'flow.properties is no fields',
  ],
  ['a settle mode that is none', frame(0, P.attach, [name, uint(0), receiver, ubyte(3)]), 'is no sender-settle-mode'],
  [
    'a durability that is none',
    attach(receiver, raw.encodeSection(0x28, raw.encodeList([NULL, uint(3)]))),
    'source.durable is no terminus-durability',
  ],
  [
    'an expiry policy that is none',
    attach(receiver, raw.encodeSection(0x28, raw.encodeList([NULL, NULL, raw.encodeSymbol('soon')]))),
    'is no terminus-expiry-policy: soon',
  ],
  [
    'an address that is no string',
    attach(receiver, raw.encodeSection(0x28, raw.encodeList([raw.encodeSymbol('hub')]))),
    'source.address is a symbol and no string',
  ],
  [
    'a condition that only looks like one of AMQP',
    frame(0, P.close, [raw.encodeSection(0x1d, raw.encodeList([raw.encodeSymbol('amqp:broken')]))]),
    'error.condition is no error-condition: amqp:broken',
  ],
  ['a delivery tag of 33 bytes', frame(0, P.transfer, [uint(0), uint(0), raw.encodeBinary(Buffer.alloc(33))]), 'tag'],
  ['credit without a handle', frame(0, P.flow, [...Array<Buffer>(4).fill(uint(0)), NULL, NULL, uint(1)]), 'handle'],
  ['a link without its count', frame(0, P.flow, Array<Buffer>(5).fill(uint(0))), 'delivery-count is mandatory'],
  ['a range that goes back', frame(0, P.disposition, [receiver, uint(2), uint(1)]), 'before its first'],
  ['a key twice', frame(0, P.open, [name, ...Array<Buffer>(8).fill(NULL), twice]), 'a key twice'],
  ['text that is no UTF-8', frame(0, P.open, [Buffer.from('a101ff', 'hex')]), 'is no string'],
  ['a truth that is neither', frame(0, P.detach, [uint(0), Buffer.from('5602', 'hex')]), 'is no boolean'],
  [
    'a frame that SASL has no room for',
    frame(0, 0x44, [ubyte(0), raw.encodeBinary(Buffer.alloc(600))], undefined, 1),
    'SASL frame',
  ],
  ['a performative that is none', frame(0, 0x40, []), 'a wrong descriptor'],
  ['bytes behind the fields', frame(0, P.end, [], Buffer.from([0x40])), 'end has bytes behind its fields'],
])('and refuses %s', (_, bytes, text) => {
  expect(() => checkFrame(bytes)).toThrow(SpecViolation)
  expect(() => checkFrame(bytes)).toThrow(text)
})

const data = raw.encodeSection(0x75, raw.encodeBinary(Buffer.from('x')))
const value = raw.encodeSection(0x77, NULL)
const properties = raw.encodeSection(0x74, raw.encodeMap([raw.encodeString('a'), NULL]))

it('takes the sections of a message in their order', () => {
  expect(checkMessage(Buffer.concat([properties, data, data]))).toEqual(['application-properties', 'data', 'data'])
  expect(checkMessage(value)).toEqual(['amqp-value'])
})

it.each([
  ['without a body', [properties], 'whose body is missing'],
  ['with two kinds of body', [data, value], 'data and amqp-value'],
  ['with a section after its place', [data, properties], 'application-properties comes after data'],
  ['with a section twice', [value, value], 'amqp-value comes after amqp-value'],
  ['with data that is text', [raw.encodeSection(0x75, raw.encodeString('x'))], 'data is a string and no binary'],
  ['with data that is null', [raw.encodeSection(0x75, NULL)], 'data is null'],
  [
    'with a map as a property',
    [raw.encodeSection(0x74, raw.encodeMap([raw.encodeString('a'), raw.encodeMap([])])), data],
    'is no application-properties',
  ],
  ['with an id that is none', [raw.encodeSection(0x73, raw.encodeList([uint(1)])), data], 'no message id'],
])('and refuses one %s', (_, sections, text) => {
  expect(() => checkMessage(Buffer.concat(sections))).toThrow(text)
})

const open = frame(0, P.open, [name])
const begin = frame(0, P.begin, [Buffer.from('600000', 'hex'), uint(0), uint(1), uint(1)])
const sending = frame(0, P.attach, [name, uint(0), sender, NULL, NULL, source, NULL, NULL, NULL, uint(0)])
const transfer = (id: number, payload: Buffer, more = false) =>
  frame(
    0,
    P.transfer,
    [uint(0), uint(id), raw.encodeBinary(Buffer.of(id)), uint(0), NULL, raw.encodeBoolean(more)],
    payload,
  )
const rest = (payload: Buffer) => frame(0, P.transfer, [uint(0)], payload)
const check = (...frames: readonly Buffer[]) =>
  checkConversation({ fromClient: Buffer.alloc(0), fromServer: Buffer.concat([HEADER.amqp, ...frames]) })

it('follows a connection from frame to frame', () => {
  const counts = check(
    open,
    begin,
    sending,
    transfer(4, data.subarray(0, 2), true),
    rest(data.subarray(2)),
    transfer(5, value),
  )
  expect(Object.fromEntries(counts)).toEqual({ open: 1, begin: 1, attach: 1, transfer: 3 })
})

it.each([
  ['anything before open', [begin], 'begin where open belongs'],
  ['open twice', [open, open], 'open twice'],
  ['anything after close', [open, frame(0, P.close, []), begin], 'begin after close'],
  ['an answer that names no session', [open, frame(0, P.begin, [NULL, uint(0), uint(1), uint(1)])], 'remote-channel'],
  ['a link without a session', [open, sending], 'which has no session'],
  ['a transfer without a link', [open, begin, transfer(0, data)], 'not attached'],
  ['a delivery without its id', [open, begin, sending, rest(data)], 'lacks its id'],
  [
    'a delivery id left out',
    [open, begin, sending, transfer(0, data), transfer(2, data)],
    'delivery-id 2 where 1 is next',
  ],
  ['a message that is none', [open, begin, sending, transfer(0, properties)], 'body is missing'],
  ['half a frame', [open, begin.subarray(0, 9)], 'no whole frame'],
])('and refuses %s', (_, frames, text) => {
  expect(() => check(...frames)).toThrow(text)
})

it('holds the server to the frames that the client takes', () => {
  const fromClient = Buffer.concat([HEADER.amqp, frame(0, P.open, [name, NULL, uint(512)])])
  const fromServer = Buffer.concat([
    HEADER.amqp,
    open,
    begin,
    sending,
    transfer(0, raw.encodeSection(0x75, raw.encodeBinary(Buffer.alloc(512)))),
  ])
  expect(() => checkConversation({ fromClient, fromServer })).toThrow(/of at most 512/)
})
