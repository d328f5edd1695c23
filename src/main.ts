import type { Deps } from './deps.ts'
import { EXIT, type ExitCode } from './lib/errors.ts'
import { aboutOf, openSession, type Session } from './commands/session.ts'
import { readCommandLine, type Request } from './program.ts'
import { viewOf } from './ui/error-view.ts'

/** Runs one command line and answers the exit code. Nothing is thrown: every ending is told on the streams. */
export async function main(argv: readonly string[], deps: Deps): Promise<ExitCode> {
  let session: Session | undefined
  try {
    const request = readCommandLine(argv, {
      version: deps.version,
      out: (text) => void deps.stdout.write(text),
      width: deps.stdout.columns,
    })
    if (request.kind === 'answered') return EXIT.ok
    session = openSession(request.kind === 'local' ? 'local' : request.command, request.flags, deps)
    return await run(request, session)
  } catch (error) {
    const { tellError } = await import('./commands/tell-error.ts')
    tellError(error, argv, deps, session)
    return viewOf(error, aboutOf(deps)).exitCode
  } finally {
    session?.close()
  }
}

async function run(request: Exclude<Request, { kind: 'answered' }>, session: Session): Promise<ExitCode> {
  if (request.kind === 'local') {
    const { local } = await import('./commands/local.ts')
    return local(session, request.action, request.switches)
  }
  switch (request.command) {
    case 'create':
      return (await import('./commands/create.ts')).create(session)
    case 'plan':
      return (await import('./commands/plan.ts')).plan(session)
    case 'show-connection':
      return (await import('./commands/show-connection.ts')).showConnection(session)
  }
}
