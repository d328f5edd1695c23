import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import type { SentDocument } from '../../src/ui/document-schema.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { testDeps, type TestRun } from '../support/test-deps.ts'
import { aFolder, armSend, documentOf, NAMESPACE, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'

interface Line {
  readonly partition: string
  readonly key: string | null
  readonly body: unknown
}

/** As Azure is: the command line is pointed at it, and knows of no embedded Azure. */
async function withHub(...flags: readonly string[]): Promise<Plane> {
  const azure = await startPlane()
  const made = await azure.run(['create', ...PLACE, '--hub', 'clicks:2', '--yes', '--no-connection', ...flags])
  expect(made.exitCode, made.stderr).toBe(0)
  azure.requests.length = 0
  return azure
}

const linesIn = ({ exitCode, stdout, stderr }: TestRun): readonly Line[] => {
  expect(exitCode, stderr).toBe(0)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}
const bodiesIn = (run: TestRun): readonly unknown[] => linesIn(run).map(({ body }) => body)
const asked = ({ requests }: Plane) =>
  requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(NAMESPACE_PATH, '')}`).toSorted()

describe('the right that is needed', () => {
  test('send uses a key that can only send, and reads nothing else; tail one that can only listen', async () => {
    const azure = await withHub('--access', 'send')
    const sent = await azure.run(['send', 'clicks', ...TARGET], { stdin: '{"a":1}\n{"a":2}\n' })
    expect(sent.exitCode, sent.stderr).toBe(0)
    expect(unwrapped(sent.stderr)).toContain(
      `Sending to hub clicks in namespace ${NAMESPACE} of the embedded Azure, with rule ml-ingest-send Sent 2 events (14 B) to ${NAMESPACE}/clicks`,
    )
    expect(asked(azure)).toEqual(['GET ', 'POST /eventhubs/clicks/authorizationRules/ml-ingest-send/listKeys'])
    const refused = await azure.run(['tail', 'clicks', ...TARGET, '--access', 'send'])
    expect(refused.exitCode).toBe(3)
    expect(unwrapped(refused.stderr)).toMatch(
      /Can't \S+( \S+)? hub clicks: rule ml-ingest-send lacks the right The right Listen is missing\. Use a rule that has it: npx ml-ingest tail .*--hub clicks --access send-listen/,
    )
    await armSend(azure.arm, 'PUT', `${NAMESPACE_PATH}/eventhubs/clicks/authorizationRules/ml-ingest-listen`, {
      properties: { rights: ['Listen'] },
    })
    azure.requests.length = 0
    expect(bodiesIn(await azure.run(['tail', '--hub', 'clicks', ...TARGET])).toSorted()).toEqual([{ a: 1 }, { a: 2 }])
    expect(asked(azure)).toEqual(['GET ', 'POST /eventhubs/clicks/authorizationRules/ml-ingest-listen/listKeys'])
  })

  test('the next rule, where the least is not there', async () => {
    const azure = await withHub()
    expect(await azure.run(['send', ...TARGET, '--hub', 'clicks'], { stdin: '1\n' })).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/with\s+rule\s+ml-ingest-send-listen/) as string,
    })
    expect(bodiesIn(await azure.run(['tail', 'clicks', ...TARGET, '--access', 'manage']))).toEqual([1])
  })

  /** Nothing answers there, and no name is looked up. */
  const PROXY = { HTTPS_PROXY: 'http://127.0.0.1:1' }

  test.each<[reason: string, change: (azure: Plane) => unknown]>([
    ['keys may not be listed', ({ arm }) => arm.faults.add({ kind: '403', method: 'POST', path: 'listKeys' })],
    ['nothing may be read', ({ arm }) => arm.faults.add({ kind: '403', path: NAMESPACE })],
    ['keys are off', ({ arm }) => armSend(arm, 'PATCH', NAMESPACE_PATH, { properties: { disableLocalAuth: true } })],
    [
      'there is no such rule',
      async ({ arm }) => {
        const rule = `${NAMESPACE_PATH}/eventhubs/clicks/authorizationRules/ml-ingest-send-listen`
        expect(await armSend(arm, 'DELETE', rule)).toBe(200)
      },
    ],
  ])('Microsoft Entra ID where %s', async (_, change) => {
    const azure = await withHub()
    await change(azure)
    const run = await azure.run(['send', 'clicks', ...TARGET, '--web-sockets'], { stdin: '1\n', env: PROXY })
    const said = unwrapped(run.stderr)
    expect(said).toContain(
      `Sending to hub clicks in namespace ${NAMESPACE} (resource group rg-clicks, Azure subscription ${LOCAL_SUBSCRIPTION.subscriptionId}), with Microsoft Entra ID`,
    )
    expect(said).toContain('Sent 0 events')
    expect(said).toContain("Can't connect to proxy 127.0.0.1:1")
    expect(run.exitCode).toBe(1)
  })

  test('a rule that was asked for and is not there is no reason to use another', async () => {
    const azure = await withHub()
    const run = await azure.run(['send', 'clicks', ...TARGET, '--access', 'send'], { stdin: '1\n' })
    expect(run.exitCode).toBe(1)
    expect(unwrapped(run.stderr)).toContain('there is no access rule ml-ingest-send for hub clicks')
  })

  test('a namespace, a hub or a group that is not there', async () => {
    const azure = await withHub()
    const at = ['-g', 'rg-clicks', '-n', 'ns-other-test']
    expect(unwrapped((await azure.run(['tail', 'clicks', ...at])).stderr)).toContain(
      "Can't read: there is no namespace ns-other-test in resource group rg-clicks",
    )
    const group = await azure.run(['tail', 'clicks', ...TARGET, '--group', 'nope'])
    expect(group.exitCode, group.stderr).toBe(0)
    await azure.run(['send', 'clicks', ...TARGET], { stdin: '1\n' })
    const read = await azure.run(['tail', 'clicks', ...TARGET, '--group', 'nope'])
    expect(read.exitCode).toBe(1)
    expect(unwrapped(read.stderr)).toContain(
      'There is no consumer group nope in hub clicks Or there is no such hub: Event Hubs does not say which.',
    )
  })
})

describe('what is sent', () => {
  test('what goes in comes out, with its key', async () => {
    const azure = await withHub()
    const bodies = fc.array(
      fc.record({
        id: fc.nat(5),
        device: fc.record({ id: fc.string({ minLength: 1, maxLength: 9 }) }),
        value: fc.jsonValue(),
      }),
      { minLength: 1, maxLength: 20 },
    )
    let before = 0
    await fc.assert(
      fc.asyncProperty(bodies, async (events) => {
        const stdin = events.map((event) => JSON.stringify(event)).join('\r\n')
        const sent = await azure.run(['send', 'clicks', ...TARGET, '--key', 'device.id'], { stdin })
        expect(sent.exitCode, sent.stderr).toBe(0)
        const all = linesIn(await azure.run(['tail', 'clicks', ...TARGET]))
        expect(all).toHaveLength((before += events.length))
        for (const { id } of events.map(({ device }) => device)) {
          const ofKey = all.filter(({ key }) => key === id)
          const wanted = events.filter(({ device }) => device.id === id)
          expect(ofKey.slice(-wanted.length).map(({ body }) => JSON.stringify(body))).toEqual(
            wanted.map((event) => JSON.stringify(event)),
          )
        }
      }),
      { numRuns: 8 },
    )
  })

  test('several files, tables among them, and the typed values of their rows', async () => {
    const azure = await withHub()
    const cwd = await aFolder({
      'a.jsonl': '\uFEFF{"n":1}\n\n{"n":2}',
      'b.csv': 'id,price,ok,note\r\n007,12.50,true,"a ""b"",\r\nc"\r\n8,1e999,,"1"\r\n',
    })
    const argv = ['send', 'clicks', ...TARGET, '--partition', '0', 'a.jsonl', 'b.csv', '-', '--json']
    const sent = await azure.run(argv, { cwd, stdin: '3\n' })
    expect(documentOf(sent) as unknown as SentDocument).toMatchObject({
      ...{ command: 'send', result: 'ok', hub: 'clicks', events: 5, next: null, error: null },
    })
    const tailed = await azure.run(['tail', 'clicks', ...TARGET])
    expect(bodiesIn(tailed)).toEqual([
      { n: 1 },
      { n: 2 },
      { id: '007', price: 12.5, ok: true, note: 'a "b",\r\nc' },
      { id: 8, price: '1e999', ok: null, note: '1' },
      3,
    ])
    expect(tailed.stdout).toContain('"price":12.50,')
  })

  test('a sample, whose events a seed repeats', async () => {
    const azure = await withHub()
    const argv = ['send', 'clicks', ...TARGET, '--partition', '1', '--sample', 'iot', '--seed', '7']
    for (const more of [[], ['--count', '1000', '--rate', '100k']])
      expect((await azure.run([...argv, ...more])).stderr).toContain('Sent 1,000 events')
    const all = bodiesIn(await azure.run(['tail', 'clicks', ...TARGET])).map((body) => ({
      ...(body as object),
      time: 0,
    }))
    expect(all).toHaveLength(2_000)
    expect(all.slice(0, 1_000)).toEqual(all.slice(1_000))
  })

  test('every contradiction and every file is told before anything is sent', async () => {
    const azure = await withHub()
    const argv = ['send', 'clicks', ...TARGET, 'a.jsonl', '--sample', 'iot', '--csv', '--key', 'a', '--partition', '0']
    const run = await azure.run([...argv, '--partition-key', 'b', '--rate', 'fast'])
    expect(run.exitCode).toBe(2)
    for (const told of [
      '--sample iot contradicts the file a.jsonl',
      '--csv contradicts --sample',
      '--key a contradicts --partition-key',
      '--partition 0 contradicts a partition key',
      'is not a rate',
    ])
      expect(unwrapped(run.stderr)).toContain(told)
    const unread = await azure.run(['send', 'clicks', ...TARGET, 'a.jsonl', 'b.csv', '.'])
    expect(unread.exitCode).toBe(2)
    expect(unwrapped(unread.stderr)).toContain(
      'FILE a.jsonl cannot be read: there is no such file FILE b.csv cannot be read: there is no such file FILE . cannot be read: it is a folder',
    )
    const both = await azure.run(['send', 'clicks', ...TARGET, 'a.jsonl', '--seed', '7', '--rate', 'fast'])
    for (const told of ['FILE a.jsonl cannot be read', '--seed 7 has no effect', 'is not a rate'])
      expect(unwrapped(both.stderr)).toContain(told)

    expect(asked(azure)).toEqual([])
  })

  test('a line that cannot be sent says how to go on', async () => {
    const azure = await withHub()
    const cwd = await aFolder({
      'a b.csv': 'x,y\n1,2\n"3\n3",4\n5\n',
      'c.jsonl': '1\n{"x":2}\nnope\n',
      'd.jsonl': '1\n',
    })
    const send = async (...args: readonly string[]) =>
      unwrapped((await azure.run(['send', 'clicks', ...TARGET, ...args], { cwd })).stderr).trim()
    expect(await send('a b.csv', 'd.jsonl')).toMatch(
      /Sent 2 events .*Can't send line 5 of a b\.csv It has 1 field, and the header has 2\..*from 5 on: sed -n '1p;5,\$p' 'a b\.csv' \| npx ml-ingest send .*--csv clicks - npx ml-ingest send [^|]*(?<!--csv) clicks d\.jsonl$/,
    )
    expect(await send('--sample', 'iot', '--key', 'nope')).toMatch(
      /Can't send event 1 It has no field nope .* Nothing is sent\.$/,
    )
    expect(await send('c.jsonl', '--key', 'x')).toMatch(
      /Sent 0 events .*Can't send line 1 It has no field x .* Nothing is sent\. Correct it, and send the lines from 1 on: npx ml-ingest send .* --key x clicks c\.jsonl$/,
    )
    expect(await send('c.jsonl')).toMatch(
      /Sent 2 events .*Can't send line 3 .*tail -n \+3 c\.jsonl \| npx ml-ingest send .* clicks -$/,
    )
    await writeFile(join(cwd, 'u.jsonl'), Buffer.from('\uFEFF{"a":1}\n', 'utf16le'))
    expect(await send('u.jsonl')).toContain('It is UTF-16, as PowerShell writes with >')
    await writeFile(join(cwd, 'l.jsonl'), Buffer.from('1\n"\xe9"\n', 'latin1'))
    expect(await send('l.jsonl')).toContain('It is not UTF-8, or the lines behind it are not.')
  })

  test('what is left of --count is to be sent, and a file is sent whole of which nothing was sent', async () => {
    const azure = await withHub()
    const cwd = await aFolder({ 'a.jsonl': '1\nnope\n3\n', 'b.csv': 'x,x\n1,2\n', 'c.jsonl': '1\n' })
    const send = (args: readonly string[], stdin = '') =>
      azure.run(['send', 'clicks', ...TARGET, ...args], { cwd, stdin })
    const said = async (...of: Parameters<typeof send>) => unwrapped((await send(...of)).stderr).trim()
    expect(await said(['a.jsonl', '--count', '3', '--rate', '100/s'])).toMatch(
      /The lines before it are sent\. .*from 2 on: tail -n \+2 a\.jsonl \| npx .* --rate 100\/s --count 2 clicks -$/,
    )
    expect(await said(['b.csv', 'c.jsonl'])).toMatch(
      /The header names x twice\. Nothing is sent\. .*from 1 on: npx ml-ingest send [^|]*(?<!--csv) clicks b\.csv c\.jsonl$/,
    )
    expect(await said([], '1\nnope\n')).toMatch(/give the lines from 2 on to: npx ml-ingest send [^|]* clicks -$/)
    expect(await said(['--csv'], 'x,y\n1,2\n3\n')).toMatch(
      /give the header and the lines from 3 on to: npx ml-ingest send [^|]* --csv clicks -$/,
    )
    expect(documentOf(await send(['a.jsonl', '--json'])) as unknown as SentDocument).toMatchObject({
      ...{ result: 'failed', events: 1, next: { source: 'a.jsonl', line: 2 } },
    })
  })

  test('a file that is something else than JSON lines: how it becomes them', async () => {
    const azure = await withHub()
    const cwd = await aFolder({
      'pretty.json': '{\n  "a": 1\n}\n',
      'list.json': '[ {"a": 1},\n {"a": 2}]\n',
      'rows.txt': '"a";b\n1;2\n',
      'arrays.jsonl': '1\n[2]\n[3]\n',
    })
    const send = async (file: string, stdin = '') =>
      unwrapped((await azure.run(['send', 'clicks', ...TARGET, file], { cwd, stdin })).stderr).trim()
    expect(await send('pretty.json')).toMatch(
      /Each line has to be one JSON value\. .* jq -c \. pretty\.json \| npx ml-ingest send .* clicks -$/,
    )
    expect(await send('-', '{\n"a": 1}')).toMatch(/ give it to: jq -c \. \| npx ml-ingest send .* clicks -$/)
    expect(await send('list.json')).toMatch(/ jq -c '?\.\[\]'? list\.json \| npx ml-ingest send .* clicks -$/)
    expect(await send('rows.txt')).toMatch(
      /If it is a table with a header, send it with: npx ml-ingest send .* --csv clicks rows\.txt$/,
    )
    const told = await send('arrays.jsonl')
    expect(told).toMatch(/Sent 3 events .*Line 2 is an array, and is sent as one event\. .* jq -c '\.\[\]' before\.$/)
    expect(told.match(/is an array/g)).toHaveLength(1)
  })

  test('a file where the hub is to be named is told, and lines fit the terminal', async () => {
    const azure = await withHub()
    const cwd = await aFolder({ 'f1.jsonl': '1\n' })
    for (const args of [
      ['f1.jsonl', ...TARGET],
      ['f1.jsonl', 'f1.jsonl', ...TARGET],
    ]) {
      const run = await azure.run(['send', ...args], { cwd })
      expect(run.exitCode).toBe(2)
      expect(unwrapped(run.stderr)).toContain('HUB f1.jsonl is a file. Name the hub before it')
    }
    const sent = await azure.run(['send', 'clicks', ...TARGET, 'f1.jsonl'], { cwd, columns: 50 })
    expect(sent.exitCode).toBe(0)
    for (const line of sent.stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(50)
  })

  test('no progress is written over what somebody types', async () => {
    const azure = await withHub()
    const env = { ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
    const clock = { ...realClock, sleep: (_: number, signal?: AbortSignal) => realClock.sleep(1, signal) }
    const stdin = Object.assign(new PassThrough().end('1\n'), { isTTY: true })
    const deps = { ...testDeps({ clock, env }), stdin }
    expect(await main(['send', 'clicks', ...TARGET], deps)).toBe(0)
    expect(deps.stderr.text).toContain('Sent 1 event')
    expect(deps.stderr.text).not.toMatch(/\/s sent/)
  })

  test('a rate that is missed is told', async () => {
    const azure = await withHub()
    const cwd = await aFolder({ 'a.jsonl': '1\n'.repeat(40) })
    const lines = (rate: string) => ['send', 'clicks', ...TARGET, 'a.jsonl', '--rate', rate]
    expect((await azure.run(lines('100/s'), { cwd, clock: realClock })).stderr).not.toContain('slower than')
    const startedAt = realClock.now()
    const clock = { ...realClock, now: () => startedAt + (realClock.now() - startedAt) * 100 }
    expect(unwrapped((await azure.run(lines('10/s'), { cwd, clock })).stderr)).toContain('slower than --rate 10/s:')
  })

  test('a failure in the middle is in the document, with the line to go on from', async () => {
    const azure = await withHub()
    const stdin = `1\n2\n"${'x'.repeat(1_100_000)}"\n4\n`
    const run = await azure.run(['send', 'clicks', ...TARGET, '--json', '--partition', '0'], { stdin })
    expect(documentOf(run) as unknown as SentDocument).toMatchObject({
      ...{ result: 'failed', exitCode: 2, events: 2, next: { source: '-', line: 3 } },
      error: { message: "Can't send line 3: it has 1100002 bytes" },
    })
    expect(bodiesIn(await azure.run(['tail', 'clicks', ...TARGET]))).toEqual([1, 2])
  })

  test('Ctrl-C in the middle: what is counted is what arrived', async () => {
    const azure = await withHub()
    const stop = new AbortController()
    const env = { ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
    const deps = { ...testDeps({ clock: realClock, stop: stop.signal, env }), stdin: new PassThrough() }
    const argv = ['send', 'clicks', ...TARGET, '--sample', 'clicks', '--rate', '1k', '--key', 'sessionId', '--json']
    const sending = main(argv, deps)
    const arrived = async () => bodiesIn(await azure.run(['tail', 'clicks', ...TARGET])).length
    await expect.poll(arrived, { timeout: 15_000 }).toBeGreaterThanOrEqual(200)
    stop.abort(new Interruption('SIGINT'))
    expect(await sending).toBe(130)
    const document = JSON.parse(deps.stdout.text) as SentDocument
    expect(document).toMatchObject({ result: 'cancelled', exitCode: 130, error: null })
    expect(document.next?.line).toBeLessThanOrEqual(document.events + 1)
    expect(bodiesIn(await azure.run(['tail', 'clicks', ...TARGET]))).toHaveLength(document.events)
  })
})

describe('what is printed', () => {
  test('only events that hold, and only so many', async () => {
    const azure = await withHub('--consumer-group', 'trainer')
    const events = [
      { t: 'a', n: 1 },
      { t: 'b', n: 1.5, d: { ok: true, x: null } },
      { 'd.ok': true, t: 'a' },
      'text',
      [1],
    ]
    await azure.run(['send', 'clicks', ...TARGET], { stdin: events.map((event) => JSON.stringify(event)).join('\n') })
    const tail = async (...args: readonly string[]) => bodiesIn(await azure.run(['tail', 'clicks', ...TARGET, ...args]))
    expect(await tail('--where', 't=a', '--where', 'n=1.0')).toEqual([events[0]])
    expect(await tail('--where', 'd.ok=true', '--group', 'trainer')).toHaveLength(2)
    expect(await tail('--where', 'd.x=null')).toEqual([events[1]])
    expect(await tail('--where', 't=1')).toEqual([])
    expect(await tail('--count', '2', '--follow', '--from', 'start')).toHaveLength(2)
    const wrong = await azure.run([
      'tail',
      'clicks',
      ...TARGET,
      '--where',
      't',
      '--group',
      'a',
      '--consumer-group',
      'b',
    ])
    expect(wrong.exitCode).toBe(2)
    expect(unwrapped(wrong.stderr)).toMatch(/--where t is not FIELD=VALUE.*--consumer-group b contradicts --group/)
  })

  test('a person is told that nothing came yet, and a new event comes at once', async () => {
    const azure = await withHub()
    const stop = new AbortController()
    const env = { ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
    const deps = testDeps({ clock: realClock, stop: stop.signal, env, tty: 'stderr' })
    const following = main(['tail', 'clicks', ...TARGET, '--follow'], deps)
    await expect.poll(() => deps.stderr.text, { timeout: 15_000 }).toContain('Waiting for events in clicks …')
    await azure.run(['send', 'clicks', ...TARGET], { stdin: '"new"\n' })
    await expect.poll(() => deps.stdout.text, { timeout: 15_000 }).toContain('"new"')
    stop.abort(new Interruption('SIGINT'))
    expect(await following).toBe(130)
  })
})
