import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Node 20 runs no TypeScript: makes one plain file of a script, named from this folder. */
export async function bundleScript(name: string, folder: string): Promise<string> {
  const file = `${folder}/${basename(name, '.ts')}.mjs`
  const bundle = await rolldown({
    input: fileURLToPath(new URL(name, import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

export interface Running<Ready> {
  readonly child: ChildProcess
  /** What it printed when it was ready. */
  readonly ready: Ready
  /** Everything on stderr so far. */
  stderr(): string
  /** SIGKILL, and gone when this resolves. */
  kill(): Promise<void>
}

export async function runScript<Ready>(file: string, args: readonly string[]): Promise<Running<Ready>> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (stdout.includes('\n')) resolve(JSON.parse(stdout) as Ready)
    })
    void exited.then(() => reject(new Error(`The process ended: ${stderr}`)))
  })
  return {
    child,
    ready,
    stderr: () => stderr,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
