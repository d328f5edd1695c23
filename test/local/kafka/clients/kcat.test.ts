import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Need, present } from '../../amqp/support/referee.ts'
import { startAzure, type TestAzure } from './support/azure.ts'
import { printedBy, Program, type Told } from './support/program.ts'
import { assignorsToTry, expectSharing } from './support/sharing.ts'

const KCAT: Need = { what: 'kcat', probe: ['kcat', '-V'], from: "Debian's kcat" }
const [, OWN, LIBRARY] = /Version ([\d.]+).*librdkafka ([\d.]+)/.exec(printedBy('kcat', '-V')) ?? []
const COUNT = 1_000
const MODES: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  idempotent: ['-X', 'enable.idempotence=true'],
  gzip: ['-z', 'gzip'],
}
const ASSIGNORS = assignorsToTry(['range', 'roundrobin'])

/** What kcat says of a rebalance, on stderr, and of each message. */
function tellOfKcat(line: string): Told | undefined {
  const [, change, partitions] = / (assigned|revoked): (.*)$/.exec(line) ?? []
  if (change !== undefined)
    return { assigned: change === 'assigned' ? partitions!.split(',').filter(Boolean).length : 0 }
  return line.startsWith('%') ? undefined : { read: [line] }
}

describe.skipIf(!present(KCAT)).concurrent(`kcat ${OWN} on librdkafka ${LIBRARY}`, { timeout: 90_000 }, () => {
  let azure: TestAzure
  beforeAll(async () => {
    azure = await startAzure(['exchange', 'times', 'refusals', 'elsewhere', ...ASSIGNORS.map((one) => `group-${one}`)])
  })
  afterAll(() => azure.close())

  const access = (password = azure.where.password) => [
    ...['-b', azure.where.server, '-X', 'security.protocol=SASL_PLAINTEXT', '-X', 'sasl.mechanism=PLAIN'],
    ...['-X', 'sasl.username=$ConnectionString', '-X', `sasl.password=${password}`],
  ]

  /** Runs kcat to its end. */
  async function kcat(args: readonly string[], { input = '', password }: { input?: string; password?: string } = {}) {
    const child = spawn('kcat', [...access(password), ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdin.end(input)
    const exitCode = await new Promise((resolve) => child.once('close', resolve))
    return { exitCode, lines: stdout.split('\n').filter(Boolean), stderr }
  }
  const linesOf = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => `key-${i % 16}:${prefix}-${i}\n`).join('')
  const send = (topic: string, prefix: string, count: number, more: readonly string[] = []) =>
    kcat(['-P', '-t', topic, '-K', ':', ...more], { input: linesOf(prefix, count) })

  it('lists the hubs and their partitions', async () => {
    const { lines } = await kcat(['-L'])
    expect(lines).toContain(`  broker 0 at ${azure.where.server} (controller)`)
    expect(lines).toContain('  topic "exchange" with 4 partitions:')
    const narrow = await kcat(['-L'], { password: azure.where.narrow })
    expect(narrow.lines.filter((line) => line.includes('topic "'))).toEqual(['  topic "narrow" with 4 partitions:'])
  })

  it('sends plain, idempotent and gzip, and reads it back from the beginning', async () => {
    for (const [mode, more] of Object.entries(MODES))
      expect(await send('exchange', mode, COUNT, ['-H', 'n=7', ...more])).toMatchObject({ exitCode: 0, stderr: '' })
    const { lines } = await kcat(['-C', '-t', 'exchange', '-e', '-q', '-o', 'beginning', '-f', '%p %o %k %h %s\n'])

    const read = lines.map((line) => line.split(' ') as [string, string, string, string, string])
    expect(read).toHaveLength(COUNT * Object.keys(MODES).length)
    for (const partition of ['0', '1', '2', '3']) {
      const part = read.filter(([number]) => number === partition)
      expect(part.map(([, offset]) => Number(offset))).toEqual(part.map((_, i) => i))
      for (const mode of Object.keys(MODES)) {
        const numbers = part.flatMap(([, , , , value]) => (value.startsWith(mode) ? [Number(value.split('-')[1])] : []))
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      }
    }
    expect(read.find(([, , , , value]) => value === 'plain-7')!.slice(2)).toEqual(['key-7', 'n=7', 'plain-7'])
  })

  it('finds offsets by time', async () => {
    await kcat(['-P', '-t', 'times', '-p', '1'], { input: 'early\n' })
    const at = async (time: number) => (await kcat(['-Q', '-t', `times:1:${time}`])).lines
    expect(await at(1)).toEqual(['times [1] offset 0'])
    expect(await at(Date.now() + 3_600_000)).toEqual(['times [1] offset -1'])
  })

  it.for(ASSIGNORS)('shares a topic in a group: %s', async (assignor, { onTestFinished }) => {
    const topic = `group-${assignor}`
    const settings = [
      `partition.assignment.strategy=${assignor}`,
      'session.timeout.ms=6000',
      'heartbeat.interval.ms=300',
    ]
    const options = [...settings, 'auto.offset.reset=earliest'].flatMap((setting) => ['-X', setting])
    const join = () => {
      const member = new Program(['kcat', ...access(), ...options, '-u', '-G', topic, topic], tellOfKcat)
      onTestFinished(() => member.kill())
      return member
    }
    await expectSharing(azure.where, topic, join, 'SIGTERM')
  })

  it('understands each refusal', async () => {
    const { wrong, narrow } = azure.where
    const refused = async (args: readonly string[], how: { input?: string; password?: string } = {}) =>
      (await kcat(args, how)).stderr
    const input = 'x'.repeat(500)
    const long = 'x'.repeat(1_500_000)
    expect(await refused(['-L', '-m', '2'], { password: wrong })).toContain(
      'No shared access rule has the name and the',
    )
    expect(await refused(['-P', '-t', 'elsewhere'], { input, password: narrow })).toContain(
      'Topic authorization failed',
    )
    for (const codec of ['snappy', 'lz4', 'zstd'])
      expect(await refused(['-P', '-t', 'refusals', '-z', codec], { input })).toContain(
        'Message format on broker does not support request',
      )
    expect(await refused(['-P', '-t', 'refusals', '-X', 'message.max.bytes=2000000'], { input: long })).toContain(
      'Disconnected',
    )
    expect(await refused(['-G', 'g'.repeat(257), 'refusals'])).toContain('Invalid group.id')
    expect(await refused(['-X', 'session.timeout.ms=5999', '-G', 'g', 'refusals'])).toContain('Invalid session timeout')
  })
})
