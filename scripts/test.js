// All that has to be true of a clean checkout, the quickest first. Stops at the first stage that fails.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const STAGES = ['types', 'lint', 'unused', 'build', 'test:package', 'test:unit', 'test:e2e']
const LICENCES = new URL('../THIRD-PARTY-LICENSES.md', import.meta.url)

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Whether the stage passed, and left the one generated file that is kept in git as it was. */
function passes(stage) {
  const before = readFileSync(LICENCES, 'utf8')
  const { status } = spawnSync('npm', ['run', '--silent', stage], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) return false
  if (readFileSync(LICENCES, 'utf8') === before) return true
  console.error('THIRD-PARTY-LICENSES.md did not match the bundle. The build has brought it up to date: commit it.')
  return false
}

const startedAt = performance.now()
const times = []
for (const stage of STAGES) {
  console.log(`\n── ${stage}`)
  const stageStartedAt = performance.now()
  if (!passes(stage)) {
    console.error(`\nFAILED at ${stage}, after ${seconds(startedAt)}. To run it alone: npm run ${stage}`)
    process.exit(1)
  }
  times.push(`${stage} ${seconds(stageStartedAt)}`)
}
console.log(`\nPASSED in ${seconds(startedAt)}: ${times.join(', ')}`)
