import type { Deps } from '../run/deps.ts'
import { Failure } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import type { Run } from '../run/run.ts'
import type { ProgramDefinition } from './definition.ts'
import { offerFor } from './completion-offer.ts'
import { FILES_LINE, SCRIPTS, SHELLS, WORDS_VARIABLE } from './completion-scripts.ts'

/** `completion SHELL`: prints the script that a shell loads; it asks `ml-ingest complete` at each TAB. */
export function completion({ invocation, deps: { stdout } }: Run): Promise<ExitCode> {
  const [shell] = invocation.args
  const known = SHELLS.find((one) => one === shell)
  if (!known) throw unknownShell(shell)
  stdout.write(SCRIPTS[known])
  return Promise.resolve(EXIT.ok)
}

/** `complete -- WORDS`: prints what may stand for the last word. Somebody waits at each TAB: it loads nothing of Azure. */
export async function complete(argv: readonly string[], program: ProgramDefinition, deps: Deps): Promise<ExitCode> {
  const words = argv[0] === '--' ? argv.slice(1) : (deps.env[WORDS_VARIABLE] ?? '').split('\n')
  const offer = await offerFor(words, program, deps)
  const lines = offer === 'files' ? [FILES_LINE] : offer.map(({ value, about }) => `${value}${about && `\t${about}`}`)
  deps.stdout.write(lines.map((line) => `${line}\n`).join(''))
  return EXIT.ok
}

const unknownShell = (shell: string | undefined): Failure =>
  new Failure({
    code: 'usage',
    message:
      shell === undefined
        ? "Can't write a completion script: which shell?"
        : `Can't write a completion script for ${shell}`,
    why: [`It can be ${SHELLS.join(', ')}.`],
    hint: 'For bash: eval "$(ml-ingest completion bash)"',
  })
