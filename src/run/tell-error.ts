import { commandNamed, NO_PATHS, type Command } from '../inputs/argv.ts'
import { type Deps, manifestEntryOf, spellerFor } from './invocation.ts'
import { Failure } from '../lib/errors.ts'
import { exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { renderError } from '../ui/render-error.ts'
import { plainSpeller } from '../ui/spell.ts'
import { canvasOf } from '../ui/text.ts'
import { type Run, openStreams } from './run.ts'

/** Prints an error on stderr, or as a document on stdout with `--json`. Answers the exit code. */
export async function tellError(error: unknown, { argv, commands, deps, run }: Failed): Promise<ExitCode> {
  const json = { json: { value: argv.includes('--json'), source: 'flag', texts: [] } } as const
  const { io, about } = run?.streams ?? openStreams(json, deps)
  const speller = run ? spellerFor(run.invocation) : plainSpeller
  if (io.json && !(error instanceof Failure && error.reason === 'stdout')) {
    const { errorDocument, stringifyDocument } = await import('../ui/document.ts')
    const command = run?.invocation.command.name ?? commandNamed(argv, commands)?.name ?? null
    const manifest = run && manifestEntryOf(run.invocation)
    io.out(stringifyDocument(errorDocument({ command, error, about, manifest, speller })))
  } else {
    const canvas = canvasOf(io, 'stderr')
    io.err(renderError(error, { canvas, about, speller, debug: io.debug, remarks: remarksOf(error, argv, deps) }))
  }
  return exitCodeOf(error)
}

interface Failed {
  readonly argv: readonly string[]
  readonly commands: readonly Command[]
  readonly deps: Deps
  readonly run: Run | undefined
}

/** What Git Bash makes of `/subscriptions/…`: `C:/Program Files/Git/subscriptions/…`. */
const MADE_A_PATH = /[a-z]:\/.*\/subscriptions\//i

/** Reasons on this machine why flags or questions may be lost. */
function remarksOf(error: unknown, argv: readonly string[], deps: Deps): readonly string[] {
  const { env, platform } = deps
  const wouldAsk = error instanceof Failure && error.problems.some(({ kind }) => kind === 'missing')
  return [
    ...(env['npm_command'] === 'exec' && env['npm_lifecycle_event'] === 'npx' && !env['npm_config_user_agent']
      ? ['Run through npm exec? Put -- before the flags.']
      : []),
    ...(platform === 'win32' && env['MSYSTEM'] && !deps.stdin.isTTY && wouldAsk
      ? ['Git Bash? Prefix with winpty, or use Windows Terminal.']
      : []),
    ...(argv.some((word) => MADE_A_PATH.test(word))
      ? [`Git Bash made a path of Windows of /subscriptions/…: put ${NO_PATHS} before the command.`]
      : []),
  ]
}
