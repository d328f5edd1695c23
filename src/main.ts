import { PROGRAM } from './commands/list.ts'
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
  const exitCode = await runCommand(argv, deps)
  await new Promise<void>((resolve) => stdout.write('', () => resolve()))
  stdout.off('error', onError)
  if (!failure || failure.code === 'EPIPE') return exitCode
  deps.stderr.write(`Can't write to stdout: ${failure.message}\n`)
  return exitCode === EXIT.ok || exitCode === EXIT.pending ? EXIT.azure : exitCode
}

async function runCommand(argv: readonly string[], deps: Deps): Promise<number> {
  let run: Run | undefined
  try {
    if (argv[0] === 'complete')
      return await (await import('./commands/completion.ts')).complete(argv.slice(1), PROGRAM, deps)
    const request = readCommandLine(argv, PROGRAM, {
      version: deps.version,
      out: (text) => void deps.stdout.write(text),
      get width() {
        return deps.stdout.columns
      },
    })
    if (!request) return EXIT.ok
    const [{ openRun }, execute] = await Promise.all([import('./run/run.ts'), request.command.load()])
    run = await openRun(request, PROGRAM.commands, deps)
    return await execute(run)
  } catch (error) {
    const { tellError } = await import('./run/tell-error.ts')
    return await tellError(error, { argv, commands: PROGRAM.commands, deps, run })
  } finally {
    run?.azure.close()
  }
}
