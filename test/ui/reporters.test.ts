import { Interruption } from '../../src/lib/errors.ts'
import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/resources/step.ts'
import { chooseReporter, silentReporter, LineReporter } from '../../src/ui/progress/reporter.ts'
import { makeIo, type InStream, type TalkFlags } from '../../src/ui/io.ts'
import { LiveReporter } from '../../src/ui/progress/live-reporter.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { asOut, FakeStream } from './fake-stream.ts'
import { hub, openLines, openMoving, settle } from './reporting.ts'
import { createStep, updateStep } from './samples.ts'

const namespace = createStep({ kind: 'namespace', name: 'ns-demo' })
const clicks = hub('clicks')

describe('lines', () => {
  it('say what starts, what takes long, and what ended, each with a time', async () => {
    const { lines, clock, reporter } = openLines()
    reporter.event({ type: 'started', step: namespace })
    for (let i = 0; i < 77; i++) {
      clock.advance(1_000)
      await settle()
      reporter.event({ type: 'waiting', step: namespace, state: 'Creating', elapsedMs: i * 1_000 })
    }
    reporter.event({ type: 'finished', step: namespace, elapsedMs: 77_000 })
    expect(lines).toEqual([
      '12:04:31Z create namespace ns-demo: started, usually 1-2 min in Azure',
      '12:05:01Z create namespace ns-demo: still creating (30s)',
      '12:05:31Z create namespace ns-demo: still creating (60s)',
      '12:05:48Z create namespace ns-demo: done (77s)',
    ])
    expect(clock.pending).toEqual([])
  })

  it('say once why a step waits', () => {
    const { lines, reporter } = openLines()
    const waiting = (state: string) => reporter.event({ type: 'waiting', step: clicks, state, elapsedMs: 0 })
    reporter.event({ type: 'started', step: clicks })
    for (const state of ['throttled', 'throttled', 'retrying', 'Creating', 'throttled']) waiting(state)
    expect(lines.slice(1).map((line) => line.slice(10))).toEqual([
      'create hub clicks: Azure asks to slow down',
      'create hub clicks: trying again',
      'create hub clicks: Azure asks to slow down',
    ])
    reporter.close()
  })

  it('say that a step failed, and that the run stops', () => {
    const { lines, reporter } = openLines()
    reporter.event({ type: 'failed', step: updateStep({ kind: 'hub', name: 'a' }, []), elapsedMs: 1_400 })
    reporter.event({ type: 'stopping', running: [clicks], reason: new Interruption('SIGINT') })
    expect(lines.map((line) => line.slice(10))).toEqual([
      'update hub a: failed (1s)',
      'Stopping. Azure keeps working on what it accepted. Ctrl+C again to quit now.',
    ])
  })

  it('say twice a minute what is waited for', () => {
    const { lines, reporter } = openLines()
    for (let ms = 0; ms <= 65_000; ms += 5_000) reporter.waiting('namespace ns is being created', ms)
    expect(lines.map((line) => line.slice(10))).toEqual([
      'namespace ns is being created (0s)',
      'namespace ns is being created (30s)',
      'namespace ns is being created (60s)',
    ])
  })

  it('end with close', () => {
    const { lines, clock, reporter } = openLines()
    reporter.event({ type: 'started', step: clicks })
    reporter.close()
    clock.advance(60_000)
    expect(lines).toHaveLength(1)
    expect(clock.pending).toEqual([])
  })
})

describe('moving lines', () => {
  it('come after 200 ms, tell the time, and go when all is done', async () => {
    const { stream, clock, reporter, pass, screen } = openMoving()
    reporter.event({ type: 'started', step: namespace })
    await pass(199)
    expect(stream.text).toBe('')
    await pass(1)
    expect(screen()).toEqual(['* creating   namespace        ns-demo            0s  usually 1-2 min in Azure'])
    await pass(1_000)
    await pass(1_000)
    reporter.event({ type: 'started', step: clicks })
    reporter.event({ type: 'waiting', step: clicks, state: 'throttled', elapsedMs: 1 })
    await pass(1_000)
    await settle()
    expect(stream.text).toContain('clicks             1s  Azure asks to slow down')
    reporter.event({ type: 'finished', step: namespace, elapsedMs: 3_200 })
    reporter.event({ type: 'failed', step: clicks, elapsedMs: 1_000 })
    expect(screen()).toEqual([
      'ok created   namespace        ns-demo            3.2s',
      'x failed     hub              clicks             1.0s',
      '',
    ])
    expect(clock.pending).toEqual([])
  })

  it('never flicker for what is quick', async () => {
    const { stream, reporter, pass } = openMoving()
    reporter.event({ type: 'started', step: clicks })
    await pass(100)
    reporter.event({ type: 'finished', step: clicks, elapsedMs: 100 })
    await pass(5_000)
    expect(stream.text).toBe('ok created   hub              clicks             0.1s\n')
  })

  it('leave a name that is too long for the row a line of its own', () => {
    const { stream, reporter } = openMoving()
    const name = '8c1d2e3f-0000-0000-0000-000000000000:sender'
    const step = createStep({ kind: 'role-assignment', hub: 'clicks', name })
    reporter.event({ type: 'finished', step, elapsedMs: 100 })
    expect(stream.text).toBe(`ok created   role assignment\n    clicks/${name}  0.1s\n`)
  })

  it('stand below whatever else is written', async () => {
    const { stream, reporter, pass, screen } = openMoving()
    reporter.event({ type: 'started', step: namespace })
    await pass(200)
    stream.write('a warning\n')
    reporter.event({ type: 'stopping', running: [namespace], reason: new Interruption('SIGINT') })
    expect(screen()).toEqual([
      'a warning',
      '  Stopping. Azure keeps working on what it accepted. Ctrl+C again to quit now.',
      '* creating   namespace        ns-demo            0s  usually 1-2 min in Azure',
    ])
  })

  it('are six at most, cut to the width', async () => {
    const { reporter, pass, screen } = openMoving(40)
    for (let i = 0; i < 10; i++) reporter.event({ type: 'started', step: hub(`hub-${i}-${'x'.repeat(200)}`) })
    await pass(200)
    const lines = screen()
    expect(lines).toHaveLength(7)
    expect(lines[6]).toBe('  and 4 more')
    for (const line of lines) expect(line.length).toBeLessThan(40)
  })

  it('tell what is waited for before there is a plan', async () => {
    const { reporter, pass, screen } = openMoving()
    reporter.waiting('namespace ns-demo is being created by another run', 38_000)
    await pass(200)
    await pass(2_000)
    await settle()
    expect(screen()).toEqual(['* namespace ns-demo is being created by another run... 40s'])
    reporter.event({ type: 'started', step: clicks })
    reporter.close()
    expect(screen()).toEqual([''])
  })

  it('show the cursor again, and restore the stream', async () => {
    const { stream, reporter, pass } = openMoving()
    reporter.event({ type: 'started', step: clicks })
    await pass(200)
    expect(stream.text).toContain('\x1b[?25l')
    reporter.close()
    expect(stream.text.endsWith('\x1b[?25h')).toBe(true)
    expect(stream.listenerCount('resize')).toBe(0)
    const before = stream.text
    await pass(60_000)
    expect(stream.text).toBe(before)
  })

  it('stop while the terminal has no columns', async () => {
    const { stream, reporter, pass } = openMoving()
    reporter.event({ type: 'started', step: clicks })
    await pass(200)
    stream.resize(0)
    const before = stream.text
    await pass(3_000)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(stream.text).toBe(before)
    stream.resize(60)
    await pass(1_000)
    await settle()
    expect(stream.text.length).toBeGreaterThan(before.length)
  })
})

describe('which reporter', () => {
  const choose = (flags: TalkFlags, columns: number) => {
    const stderr = asOut(new FakeStream({ columns, isTTY: columns > 0 }))
    const stdin = { isTTY: true } as unknown as InStream
    const io = makeIo({ stdin, stdout: stderr, stderr, env: {}, platform: 'linux', flags })
    return chooseReporter(io, new ManualClock())
  }
  it('moves on a terminal, prints lines elsewhere, and is silent where it was asked to be', async () => {
    expect(await choose({}, 80)).toBeInstanceOf(LiveReporter)
    expect(await choose({ progress: 'plain' }, 80)).toBeInstanceOf(LineReporter)
    expect(await choose({ debug: true }, 80)).toBeInstanceOf(LineReporter)
    expect(await choose({}, 0)).toBeInstanceOf(LineReporter)
    expect(await choose({ progress: 'none' }, 80)).toBe(silentReporter)
    expect(await choose({ quiet: true }, 80)).toBe(silentReporter)
    silentReporter.event({ type: 'started', step: clicks })
    silentReporter.waiting('x', 0)
    silentReporter.close()
  })
})

it('off a terminal no reporter writes an escape byte', async () => {
  const stream = new FakeStream()
  const stdin = { isTTY: false } as unknown as InStream
  const out = asOut(stream)
  const io = makeIo({
    stdin,
    stdout: out,
    stderr: out,
    env: { TERM: 'xterm-256color', TF_BUILD: 'True' },
    platform: 'linux',
    flags: {},
  })
  const reporter = await chooseReporter(io, new ManualClock())
  const evil: Target = { kind: 'hub', name: 'a\x1b[2Jb' }
  reporter.event({ type: 'started', step: createStep(evil) })
  reporter.waiting('\x1b]0;x\x07', 0)
  reporter.close()
  expect(stream.text).not.toBe('')
  expect(stream.text).not.toContain('\x1b')
})
