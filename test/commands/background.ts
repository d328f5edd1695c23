import { writeFile } from 'node:fs/promises'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import type { LocalHost } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { testDeps } from '../support/test-deps.ts'

/** A background process that is part of this one: it starts, serves and ends as one of its own would. */
export class Background {
  readonly spawned: (readonly string[])[] = []
  usesLastPort = false
  readonly #folder: string
  #running: { readonly stop: AbortController; readonly ended: Promise<number> } | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  get host(): LocalHost {
    return {
      ...{ env: {}, platform: process.platform, homedir: this.#folder, pid: process.pid },
      spawnDetached: async (args, logFile) => {
        this.spawned.push(args)
        const stop = new AbortController()
        const host = { ...this.host, env: { ML_INGEST_DETACHED: '1' } }
        const deps = testDeps({ clock: realClock, host, cwd: this.#folder, stop: stop.signal })
        const port = this.usesLastPort || args.includes('--amqp-port') ? [] : ['--amqp-port', '0', '--kafka-port', '0']
        const ended = main([...args, ...port], deps).then(async (exitCode) => {
          this.#running = undefined
          await writeFile(logFile, deps.stdout.text + deps.stderr.text)
          return exitCode
        })
        this.#running = { stop, ended }
        return process.pid
      },
      isAlive: (pid) => pid === process.pid && this.#running !== undefined,
      kill: () => {
        this.#running?.stop.abort(new Interruption('SIGTERM'))
        return this.#running !== undefined
      },
    }
  }

  async end(): Promise<void> {
    const running = this.#running
    running?.stop.abort(new Interruption('SIGTERM'))
    await running?.ended
  }
}
