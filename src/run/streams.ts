import { appendFile } from 'node:fs/promises'
import type { Given } from '../inputs/given.ts'
import { openCi, type Ci } from '../ui/ci.ts'
import type { About } from '../ui/error-view.ts'
import { makeIo, type Io } from '../ui/io.ts'
import type { Deps } from './deps.ts'

/** Where a run talks. */
export interface Streams {
  readonly io: Io
  /** Knows what it has masked already. */
  readonly ci: Ci
  readonly about: About
}

export function openStreams(given: Given, deps: Deps): Streams {
  const { stdin, stdout, stderr, env, platform } = deps
  const color = given.noColor?.value ? false : given.color?.value ? true : undefined
  const io = makeIo({
    ...{ stdin, stdout, stderr, env, platform },
    flags: {
      color,
      noInput: given.noInput?.value,
      json: given.json?.value,
      quiet: given.quiet?.value,
      debug: given.debug?.value,
      progress: given.progress?.value,
    },
  })
  return {
    io,
    ci: openCi({ choice: given.ci?.value ?? 'auto', env, io, appendFile }),
    about: { version: deps.version, node: `v${deps.nodeVersion}`, platform, issuesUrl: deps.issuesUrl },
  }
}
