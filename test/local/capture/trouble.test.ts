import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { CaptureSink } from '../../../src/local/capture/sink.ts'
import { HUB, NAMESPACE } from '../amqp/support/local.ts'
import { soon, startCaptured } from './support/capture.ts'
import { CAPTURE } from './support/settings.ts'

const at = (minute: string, second = '00') => `${NAMESPACE}/${HUB}/0/2026/03/01/12/${minute}/${second}.avro`

/** A storage that hangs or fails where it is told to. */
function through(act: (doing: 'begin' | 'commit', container: string) => Promise<void>) {
  return (sink: CaptureSink): CaptureSink => ({
    whereIs: (place) => sink.whereIs(place),
    head: (place, bytes) => sink.head(place, bytes),
    begin: async (place) => {
      await act('begin', place.container)
      const file = await sink.begin(place)
      return {
        write: (bytes) => file.write(bytes),
        abandon: () => file.abandon(),
        commit: async () => {
          await act('commit', place.container)
          await file.commit()
        },
      }
    },
  })
}
const down = () => Promise.reject(new Error('the storage is down'))

it('leaves a file alone that is there under the name, and takes the next second', async () => {
  const captured = startCaptured()
  await captured.send(['a'])
  await captured.flush()
  const file = join(captured.folder, 'capture/lake/raw', at('00'))
  const before = readFileSync(file)
  captured.directory.changeHub(HUB, { capture: undefined })
  captured.directory.changeHub(HUB, { capture: CAPTURE })
  await soon(async () => {
    await captured.send(['b'])
    expect(await captured.flush()).not.toEqual([])
  })
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(captured.files()).toEqual([at('00'), at('00', '01')])
})

it('does not take the file of somebody else for its own after a crash', async () => {
  let other = Buffer.alloc(0)
  const captured = startCaptured({
    through: (sink) => ({
      whereIs: (place) => sink.whereIs(place),
      head: (place, bytes) => sink.head(place, bytes),
      begin: async (place) => {
        const file = await sink.begin(place)
        const commit = async () => {
          if (other.length > 0) return file.commit()
          other = Buffer.from('somebody else')
          writeFileSync(sink.whereIs(place), other)
          throw new Error('no answer')
        }
        return { write: (bytes) => file.write(bytes), abandon: () => file.abandon(), commit }
      },
    }),
  })
  await captured.send(['a'])
  await captured.captures.flush({})
  const [file] = await captured.flush()
  expect(file?.where).toContain(join(at('00', '01')))
  expect(readFileSync(join(captured.folder, 'capture/lake/raw', at('00'))).equals(other)).toBe(true)
})

it('lets nobody else capture the events while a storage that hangs may still take them', async () => {
  let answer = () => {}
  const hanging = new Promise<void>((resolve) => (answer = resolve))
  const captured = startCaptured({
    through: through((doing, container) => (doing === 'commit' && container === 'raw' ? hanging : Promise.resolve())),
  })
  await captured.send(['a'])
  const flushing = captured.flush()
  await soon(() => expect(existsSync(join(captured.folder, 'capture/lake/raw'))).toBe(true))
  captured.directory.changeHub(HUB, { capture: { ...CAPTURE, container: 'other' } })
  await captured.send(['b'])
  captured.clock.advance(10_000)
  answer()
  await flushing
  await soon(async () => {
    await captured.flush()
    expect(existsSync(join(captured.folder, 'capture/lake/other'))).toBe(true)
  })
  expect(await captured.bodies()).toEqual(['a'])
  expect(await captured.bodies('other')).toEqual(['b'])
})

it('goes on in the new place where the old one takes nothing any more', async () => {
  const captured = startCaptured({
    through: through((doing, container) => (doing === 'commit' && container === 'raw' ? down() : Promise.resolve())),
  })
  await captured.send(['a'])
  await captured.captures.flush({})
  captured.directory.changeHub(HUB, { capture: { ...CAPTURE, container: 'other' } })
  await soon(async () => {
    await captured.captures.flush({})
    expect(await captured.bodies('other')).toEqual(['a'])
  })
  expect(captured.lines).toContainEqual(expect.stringContaining('Events 0 to 0 may be in lake/raw too'))
})

it('tries a storage that is down again after a pause, and not at each event', async () => {
  let attempts = 0
  const captured = startCaptured({
    through: through(() => {
      attempts++
      return down()
    }),
  })
  await captured.send(['a'])
  await captured.captures.flush({})
  await soon(() => expect(captured.clock.pending.filter((ms) => ms === 1_000)).toHaveLength(1))
  const before = attempts
  for (let i = 0; i < 50; i++) await captured.send([String(i)])
  await new Promise(setImmediate)
  expect(attempts).toBe(before)
  captured.clock.advance(1_000)
  await soon(() => expect(captured.clock.pending).toContain(59_000))
  captured.clock.advance(59_000)
  await soon(() => expect(captured.clock.pending).toContain(2_000))
  expect(attempts).toBe(before + 1)
})

it('is told to work again by a flush also where there is nothing to write', async () => {
  let isDown = true
  const captured = startCaptured({ partitionCount: 2, through: through(() => (isDown ? down() : Promise.resolve())) })
  await captured.send(['a'])
  await soon(() => expect(captured.clock.pending.filter((ms) => ms === 60_000)).toHaveLength(2))
  captured.clock.advance(60_000)
  await soon(() => expect(captured.clock.pending.filter((ms) => ms === 1_000)).toHaveLength(2))
  isDown = false
  await captured.flush()
  await soon(() => expect(captured.stats()).toMatchObject({ failing: null, files: 2 }))
})

it('ends a window in time also where the clock was set back', async () => {
  const captured = startCaptured()
  await captured.send(['a'])
  await soon(() => expect(captured.clock.pending).toContain(60_000))
  captured.clock.setBack(3_600_000)
  await captured.send(['b'])
  await captured.flush()
  captured.clock.advance(60_000)
  await soon(() => expect(captured.files()).toHaveLength(2))
  expect(await captured.bodies()).toEqual(['a', 'b'])
})

it('writes no empty files for the time that the machine slept', async () => {
  const captured = startCaptured()
  await captured.send(['a'])
  await captured.flush()
  await soon(() => expect(captured.clock.pending).toContain(60_000))
  captured.clock.advance(8 * 3_600_000)
  await captured.send(['b'])
  await captured.flush()
  expect(captured.files()).toHaveLength(2)
})

it('captures new events whose numbers were given out before a power cut', async () => {
  const first = startCaptured()
  await first.send(['a', 'b'])
  await first.flush()
  const { folder, directory, clock } = first
  await first.stop()
  const file = join(folder, 'events', NAMESPACE, HUB, 'cursors.json')
  const before = readFileSync(file)
  const second = startCaptured({ folder, directory, clock })
  await second.send(['c'])
  await second.flush()
  await second.stop()
  const ahead = readFileSync(file)
  expect(ahead.equals(before)).toBe(false)
  // The log as it was is a log that lost its end.
  const third = startCaptured({ directory, clock, cursors: ahead })
  expect(third.stats().pendingEvents).toBe(0)
  expect(third.lines).toContainEqual(expect.stringContaining('It is captured up to event 2, and ends before'))
  await third.send(['x'])
  await third.flush()
  expect(await third.bodies()).toEqual(['x'])
})

it('ends what it waits for where the storage does not answer at the end', async () => {
  let fail = (_error: Error) => {}
  const hanging = new Promise<void>((_, reject) => (fail = reject))
  let isAsked = false
  const captured = startCaptured({
    through: through((doing) => {
      isAsked ||= doing === 'commit'
      return doing === 'commit' ? hanging : Promise.resolve()
    }),
  })
  await captured.send(['a'])
  const flushing = captured.captures.flush({})
  await soon(() => expect(isAsked).toBe(true))
  const stopping = captured.stop()
  await soon(() => expect(captured.clock.pending).toContain(5_000))
  captured.clock.advance(5_000)
  await stopping
  expect((await flushing).failures).toMatchObject([{ why: 'The storage does not answer' }])
  // It answers after all: the file is given up, and closed.
  fail(new Error('no answer'))
})
