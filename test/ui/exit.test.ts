import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Failure, Interruption, type FailureCode } from '../../src/lib/errors.ts'
import { EXIT, EXIT_MEANINGS, exitCodeOf, type ExitCode } from '../../src/ui/exit.ts'
import { runCli } from '../support/test-deps.ts'

const SRC = join(import.meta.dirname, '../../src')
const SOURCES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** Each code of a failure, with the exit code that its meaning asks for. */
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
  it.each(Object.entries(CODES) as [FailureCode, ExitCode][])('%s is %i', (code, exitCode) => {
    expect(exitCodeOf(new Failure({ code, message: 'x' }))).toBe(exitCode)
  })

  it('an interruption decides, also as the cause of a failure', () => {
    const kinds = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, timeout: 7 } as const
    for (const [kind, exitCode] of Object.entries(kinds)) {
      const interruption = new Interruption(kind as keyof typeof kinds)
      expect(exitCodeOf(interruption)).toBe(exitCode)
      expect(exitCodeOf(new Failure({ code: 'azure', message: 'x', cause: interruption }))).toBe(exitCode)
    }
    expect(exitCodeOf(new TypeError('a bug'))).toBe(1)
  })

  it('each has one meaning, which the help prints', async () => {
    const told = EXIT_MEANINGS.flatMap(({ codes }) => codes)
    expect([...told].sort((a, b) => a - b)).toEqual(Object.values(EXIT).sort((a, b) => a - b))
    const help = (await runCli(['--help'])).stdout.replaceAll(/\s+/g, ' ')
    for (const { codes, meaning } of EXIT_MEANINGS) expect(help).toContain(`${codes.join(', ')} ${meaning}`)
  })

  it('4 is for changes that Azure cannot make, and for nothing else', () => {
    const makesRefusals = SOURCES.filter((file) =>
      /code: 'refused'|errorTable\(refused/.test(readFileSync(join(SRC, file), 'utf8')),
    )
    expect(makesRefusals.map((file) => file.replaceAll('\\', '/')).sort()).toEqual(
      [
        // A write that the cloud would not do in full.
        'azure/api-properties.ts',
        // Azure's own answers to a write.
        'azure/access-errors.ts',
        'azure/refusals.ts',
        // A resource group that is not empty any more.
        'engine/send.ts',
        // A key of a namespace that takes none.
        'commands/rotate-key.ts',
        // The plan.
        'ui/render-plan.ts',
        // A load that no namespace carries.
        'ui/size/document.ts',
      ].sort(),
    )
  })
})
