import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installInto, pack } from '../support/packed.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Holds everything that the tests write. */
    root: string
    tarball: string
    /** A folder in which the tarball is installed. */
    installed: string
  }
}

/** Packs the package once and installs it once, as a user would, out of reach of this repository's node_modules. */
export function setup(project: TestProject): () => void {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ml-ingest-e2e-')))
  const tarball = pack(project.config.root, root)
  const installed = join(root, 'installed')
  installInto(installed, tarball)
  project.provide('root', root)
  project.provide('tarball', tarball)
  project.provide('installed', installed)
  return () => tidyUp(root)
}

/** A process that a test left behind is a mistake of the test or of the product: it fails the run. */
function tidyUp(root: string): void {
  const left = processesOf(root)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  if (left.length > 0) {
    throw new Error(`Left behind:\n${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}`)
  }
}

/** Processes whose command line names a folder. Where there is no /proc, none are found. */
function processesOf(folder: string): readonly { readonly pid: number; readonly command: string }[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [{ pid: Number(name), command }] : []
      } catch {
        return []
      }
    })
}
