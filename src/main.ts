import { PROGRAM } from './commands/definitions/program.ts'
import { readCommandLine } from './commands/program.ts'
import type { Deps } from './run/invocation.ts'
import type { Run } from './run/run.ts'
import { EXIT } from './ui/exit.ts'

/** Runs a command line and answers the exit code, for `local exec` that of its command. Prints errors; never throws. */
export async function main(argv: readonly string[], deps: Deps): Promise<number> {
  const { stdout } = deps
  let failure: NodeJS.ErrnoException | undefined
  const onError = (error: NodeJS.ErrnoException) => (failure ??= error)
  stdout.on('error', onError)
  const { exitCode, cause } = await runCommand(argv, deps)
  await new Promise<void>((resolve) => stdout.write('', () => resolve()))
  stdout.off('error', onError)
  if (!failure || failure.code === 'EPIPE' || failure === cause) return exitCode
  deps.stderr.write(`Can't write to stdout: ${failure.message}\n`)
  return exitCode === EXIT.ok || exitCode === EXIT.pending ? EXIT.azure : exitCode
}

interface Ended {
  readonly exitCode: number
  /** What caused the error that was printed, if it had a cause. */
  readonly cause?: unknown
}

async function runCommand(argv: readonly string[], deps: Deps): Promise<Ended> {
  let run: Run | undefined
  try {
    if (argv[0] === 'complete') {
      const { complete } = await import('./commands/completion.ts')
      return { exitCode: await complete(argv.slice(1), PROGRAM, deps) }
    }
    const request = readCommandLine(argv, PROGRAM, {
      version: deps.version,
      out: (text) => void deps.stdout.write(text),
      get width() {
        return deps.stdout.columns
      },
    })
    if (!request) return { exitCode: EXIT.ok }
    const [{ openRun }, execute] = await Promise.all([import('./run/run.ts'), request.command.load()])
    run = await openRun(request, PROGRAM.commands, deps)
    return { exitCode: await execute(run) }
  } catch (error) {
    const { tellError } = await import('./run/tell-error.ts')
    const exitCode = await tellError(error, { argv, commands: PROGRAM.commands, deps, run })
    return { exitCode, cause: error instanceof Error ? error.cause : undefined }
  } finally {
    run?.azure.close()
  }
}
