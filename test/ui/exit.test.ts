import { describe, expect, it } from 'vitest'
import { Failure, type FailureCode } from '../../src/lib/errors.ts'
import { EXIT, EXIT_MEANINGS, exitCodeOf, type ExitCode } from '../../src/ui/exit.ts'

/** Each kind of failure, and what a script sees of it. */
const CODES: Readonly<Record<FailureCode, ExitCode>> = {
  usage: 2,
  access: 3,
  refused: 4,
  absent: 1,
  azure: 1,
  partial: 6,
  deadline: 7,
  cancelled: 130,
  failed: 1,
  'local-contradiction': 4,
  'local-folder': 1,
  'local-host': 2,
  'local-port': 1,
  'local-request': 4,
  'local-running': 1,
  'local-start': 1,
  'local-state': 1,
  'local-stop': 1,
  'local-stopped': 1,
}

describe('exit codes', () => {
  it.each(Object.entries(CODES) as [FailureCode, ExitCode][])('a failure %s is %i', (code, exitCode) => {
    expect(exitCodeOf(new Failure({ code, message: 'm' }))).toBe(exitCode)
  })

  it('what nobody expected is 1', () => expect(exitCodeOf(new TypeError('m'))).toBe(1))

  it('each has one meaning', () => {
    const told = EXIT_MEANINGS.flatMap(({ codes }) => codes)
    expect([...told].sort((a, b) => a - b)).toEqual(Object.values(EXIT).sort((a, b) => a - b))
    expect(new Set(told).size).toBe(told.length)
  })
})
