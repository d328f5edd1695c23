import type { Command } from '../inputs/argv.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { openAzureLink, type AzureLink } from './azure-link.ts'
import type { Deps } from './deps.ts'
import { readInvocation, type Invocation, type Typed } from './invocation.ts'
import { openStreams, type Streams } from './streams.ts'

/** One run of a command: what was asked for, where it talks, its way to Azure, and the outside world. */
export interface Run {
  readonly invocation: Invocation
  readonly streams: Streams
  readonly azure: AzureLink
  readonly deps: Deps
}

export async function openRun(typed: Typed, commands: readonly Command[], deps: Deps): Promise<Run> {
  const invocation = await readInvocation(typed, commands, deps)
  const { given, command } = invocation
  const timeoutMs = command.inputs.includes('timeout') ? (given.timeout?.value ?? DEFAULTS.timeoutMs) : undefined
  return { invocation, streams: openStreams(given, deps), azure: openAzureLink(deps, timeoutMs), deps }
}
