import type { Deps } from './deps.ts'
import type { ExitCode } from '../ui/exit.ts'
import { viewOf } from '../ui/error-view.ts'
import type { DocumentCommand } from '../ui/document-types.ts'
import { renderError } from '../ui/render-error.ts'
import { canvasOf } from '../ui/style.ts'
import { aboutOf, ioOf, manifestOf, type Session } from './session.ts'
import { spellerFor } from './speller.ts'

/**
 * Tells an error where the run tells its answers: as text on stderr, or as the one document on stdout with `--json`.
 * Answers the exit code.
 */
export async function tellError(
  error: unknown,
  argv: readonly string[],
  deps: Deps,
  session: Session | undefined,
): Promise<ExitCode> {
  const io =
    session?.io ?? ioOf(deps, argv.includes('--json') ? { json: { value: true, source: 'flag', texts: [] } } : {})
  const about = aboutOf(deps)
  if (io.json) {
    const { errorDocument, stringifyDocument } = await import('../ui/documents.ts')
    io.out(
      stringifyDocument(
        errorDocument({
          command: commandOf(argv),
          error,
          about,
          manifest: session && manifestOf(session),
          ...(session ? { speller: spellerFor(session) } : {}),
        }),
      ),
    )
  } else
    io.err(
      renderError(error, {
        canvas: canvasOf(io, 'stderr'),
        about,
        debug: io.debug,
        remarks: remarksOf(deps),
        ...(session ? { speller: spellerFor(session) } : {}),
      }),
    )
  return viewOf(error, about).exitCode
}

/** The command that was meant, for the document of an error that came before any command was read. */
function commandOf(argv: readonly string[]): DocumentCommand {
  const [first, second] = argv.filter((word) => !word.startsWith('-'))
  if (first === 'plan' || first === 'show-connection' || first === 'verify') return first
  if (first === 'delete' || first === 'rotate-key') return first
  if (first === 'local')
    return second === 'stop' || second === 'start' || second === 'reset' ? `local ${second}` : 'local status'
  return 'create'
}

/** What on this machine may explain that flags or questions did not arrive. */
function remarksOf(deps: Deps): readonly string[] {
  const { env, platform } = deps
  return [
    ...(env['npm_command'] === 'exec' && env['npm_lifecycle_event'] === 'npx' && !env['npm_config_user_agent']
      ? ['Run through npm exec? Put -- before the flags.']
      : []),
    ...(platform === 'win32' && env['MSYSTEM'] && !deps.stdin.isTTY
      ? ['Git Bash? Prefix with winpty, or use Windows Terminal.']
      : []),
  ]
}
