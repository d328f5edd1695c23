import type { Deps } from './run/deps.ts'
import { EXIT } from './ui/exit.ts'
import type { Session } from './run/session.ts'
import { readCommandLine } from './program.ts'
import type { CommandName } from './inputs/input.ts'

/** Runs one command line and answers the exit code. Nothing is thrown: every ending is told on the streams. */
export async function main(argv: readonly string[], deps: Deps): Promise<number> {
  let session: Session | undefined
  try {
    if (argv[0] === 'complete') return await (await import('./commands/completion.ts')).complete(argv.slice(1), deps)
    const request = readCommandLine(argv, {
      version: deps.version,
      out: (text) => void deps.stdout.write(text),
      get width() {
        return deps.stdout.columns
      },
    })
    if (request.kind === 'answered') return EXIT.ok
    if (request.kind === 'completion') {
      return (await import('./commands/completion.ts')).completionScript(request.shell, deps)
    }
    const { openSession } = await import('./run/session.ts')
    session = await openSession(request.command, request, deps)
    return await run(request.command, session)
  } catch (error) {
    const { tellError } = await import('./run/tell-error.ts')
    return await tellError(error, argv, deps, session)
  } finally {
    session?.close()
  }
}

/** The exit code: one of ours, or that of the command that `local exec` ran. */
async function run(command: CommandName, session: Session): Promise<number> {
  switch (command) {
    case 'create':
      return (await import('./commands/create.ts')).create(session)
    case 'plan':
      return (await import('./commands/plan.ts')).plan(session)
    case 'show-connection':
      return (await import('./commands/show-connection.ts')).showConnection(session)
    case 'verify':
      return (await import('./commands/verify.ts')).verify(session)
    case 'delete':
      return (await import('./commands/delete.ts')).deleteResources(session)
    case 'rotate-key':
      return (await import('./commands/rotate-key.ts')).rotateKey(session)
    case 'local start':
      return (await import('./commands/local-start.ts')).localStart(session)
    case 'local exec':
      return (await import('./commands/local-exec.ts')).localExec(session)
    case 'local send':
      return (await import('./commands/local-send.ts')).localSend(session)
    case 'local tail':
      return (await import('./commands/local-tail.ts')).localTail(session)
    case 'local stop':
    case 'local status':
    case 'local reset':
      return (await import('./commands/local.ts')).local(session, command)
  }
}
