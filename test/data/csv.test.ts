import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvEvents } from '../../src/data/csv.ts'
import { Failure } from '../../src/lib/errors.ts'

const bad = (line: number, why: string) => new Failure({ code: 'usage', message: `line ${line}: ${why}` })

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function rowsOf(text: string, size = 7): Promise<readonly unknown[]> {
  const all: unknown[] = []
  for await (const row of csvEvents(pieces(text, size), bad)) all.push([row.line, JSON.parse(row.text)])
  return all
}

test.each<[cell: string, value: unknown]>([
  ['', null],
  ['""', ''],
  ['true', true],
  ['True', 'True'],
  ['0', 0],
  ['-12.50', -12.5],
  ['1e3', 1000],
  ['007', '007'],
  ['+1', '+1'],
  ['.5', '.5'],
  ['1e999', '1e999'],
  ['1e-999', '1e-999'],
  ['123456789012345', 123456789012345],
  ['1234567890123456', '1234567890123456'],
  ['"12"', '12'],
  [' 5', ' 5'],
  ['NaN', 'NaN'],
  ['__proto__', '__proto__'],
])('the field %s is %j', async (cell, value) => {
  expect(await rowsOf(`a,b\n${cell},x\n`)).toEqual([[2, { a: value, b: 'x' }]])
})

test('what a number says survives, whatever is in the field', async () => {
  const cells = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.bigInt(), fc.integer()).map(String)
  await fc.assert(
    fc.asyncProperty(cells, async (cell) => {
      const [[, { a }]] = (await rowsOf(`a\n${cell}\n`)) as [[number, { a: unknown }]]
      expect(String(a) === cell || Number(cell) === a).toBe(true)
      if (typeof a === 'number' && /^-?\d+$/.test(cell)) expect(BigInt(a)).toBe(BigInt(cell))
    }),
  )
})

test('any text in quotes comes back, in pieces of any size', async () => {
  const table = fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary' })), { minLength: 1 })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const separators = fc.constantFrom(',', ';', '\t')
  await fc.assert(
    fc.asyncProperty(
      table,
      separators,
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 9 }),
      async (rows, by, end, size) => {
        const text = [['p', 'q'], ...rows].map((row) => row.map(quoted).join(by)).join(end)
        expect((await rowsOf(text, size)).map((row) => (row as [number, unknown])[1])).toEqual(
          rows.map(([p, q]) => ({ p, q })),
        )
      },
    ),
  )
})

test.each([
  ['a,b\n1\n', 'line 2: It has 1 field, and the header has 2.'],
  ['a,a\n1,2\n', 'line 1: The header names a twice.'],
  ['a,\n1,2\n', 'line 1: The header has a column without a name.'],
  ['a\n1\n"x\ny\n', 'line 3: A quote is opened here and never closed.'],
  ['a,b\r1,2\r', 'line 1: Its lines end with CR alone.'],
  ['a\n"x"\r1\n', 'line 2: Its lines end with CR alone.'],
  ['a\n"x"y\n', 'line 2: A field goes on after its closing quote. A quote inside is written twice.'],
])('%j: %s', async (text, message) => {
  await expect(rowsOf(text)).rejects.toThrow(message)
})

test('lines are those of the file, blank ones are no rows, and one column is a table', async () => {
  expect(await rowsOf('a\n\n"x\ny"\n\r\nz')).toEqual([
    [3, { a: 'x\ny' }],
    [6, { a: 'z' }],
  ])
  expect(await rowsOf('a,b')).toEqual([])
  expect(await rowsOf('')).toEqual([])
})

/** A chunk that comes again and again, and how often it was asked for. */
function endless(chunk: string, first = '') {
  const taken = { chunks: 0 }
  const chunks = async function* () {
    yield first
    for (; taken.chunks < 2_000; taken.chunks++) yield chunk
  }
  return { chunks: chunks(), taken }
}

test.each([
  ['a header', '', 'x'.repeat(65_536), 1],
  ['a header of many columns', '', 'x,'.repeat(32_768), 1],
  ['a row', 'a\n1\n', 'x'.repeat(65_536), 3],
  ['a quote that is never closed', 'a\n1\n"', `${'x'.repeat(65_535)}\n`, 3],
])('%s without an end is refused when it is longer than an event can be', async (_, first, chunk, line) => {
  const { chunks, taken } = endless(chunk, first)
  const reading = async () => {
    for await (const row of csvEvents(chunks, bad)) expect(row.line).toBe(2)
  }
  await expect(reading()).rejects.toThrow(`line ${line}: It is longer than 20 MB`)
  expect(taken.chunks).toBeLessThan(330)
})
