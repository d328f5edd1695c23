import { showWait, type TellWait } from '../ui/progress/wait.ts'
import type { Run } from './run.ts'

/** Does the work, and shows on stderr what it waits for. Nothing else may ask or animate meanwhile. */
export const waitFor = <T>(
  { streams: { io }, azure: { clock } }: Pick<Run, 'streams' | 'azure'>,
  text: string,
  work: (tell: TellWait) => Promise<T>,
): Promise<T> => showWait({ io, clock }, text, work)

/** `Azure`, `the embedded Azure`: where a run reads from. */
export const azureWords = ({ invocation: { given, command } }: Pick<Run, 'invocation'>): string =>
  given.local?.value || command.name.startsWith('local ') ? 'the embedded Azure' : 'Azure'

/** Reads from Azure, and shows that it does. */
export const whileReading = <T>(
  run: Pick<Run, 'invocation' | 'streams' | 'azure'>,
  read: () => Promise<T>,
): Promise<T> => waitFor(run, `Reading from ${azureWords(run)}`, read)
