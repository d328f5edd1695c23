import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sandbox } from './sandbox.ts'

/** What may stand for the last word, without what is said about it. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout } = await sandbox().run(['complete', '--', ...words])
  expect(exitCode).toBe(0)
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '')
}

test('commands, flags, tiers and regions are offered', async () => {
  expect(await offered('')).toEqual(
    expect.arrayContaining(['create', 'plan', 'show-connection', 'local', 'completion']),
  )
  expect(await offered('local', 'st')).toEqual(['start', 'stop', 'status'])
  expect(await offered('create', '--retent')).toEqual(['--retention'])
  expect(await offered('create', '--tier', '')).toEqual(['Basic', 'Standard', 'Premium'])
  expect(await offered('create', '--location', 'weste')).toEqual(['westeurope'])
  expect(await offered('show-connection', '--format', 'lib')).toEqual(['librdkafka'])
})

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  const missing = spawnSync(shell, ['--version']).error !== undefined
  if (missing) console.log(`skipped: ${shell} is not installed, so its completion script is not checked`)
  test.skipIf(missing)('passes its own syntax check', async () => {
    const { stdout } = await sandbox().run(['completion', shell])
    const folder = await mkdtemp(join(tmpdir(), 'ml-ingest-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const script = join(folder, `completion.${shell}`)
    await writeFile(script, stdout)
    const { status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

test('PowerShell has one too, and an unknown shell is told which there are', async () => {
  const { run } = sandbox()
  expect((await run(['completion', 'powershell'])).stdout).toContain('Register-ArgumentCompleter')
  const unknown = await run(['completion', 'tcsh'])
  expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
  expect(unknown.stderr).toContain('bash, zsh, fish, powershell')
})
