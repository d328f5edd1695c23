// All that has to be true of a clean checkout, the quickest first. Stops after the first stages that fail.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Those of one row run at the same time: each of them keeps one core busy. The tests use all cores themselves. */
const STAGES = [['types', 'lint', 'format', 'unused'], ['build'], ['test:package'], ['test:unit'], ['test:e2e']]
const LICENCES = new URL('../THIRD-PARTY-LICENSES.md', import.meta.url)

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** How a stage ended. What one of several writes comes out in one piece, at its end. */
async function run(stage, isAlone) {
  const startedAt = performance.now()
  const child = spawn('npm', ['run', '--silent', stage], {
    stdio: isAlone ? 'inherit' : ['inherit', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  const written = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => written.push(bytes))
  const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
  process.stdout.write(Buffer.concat(written))
  return { stage, passed: status === 0, time: `${stage} ${seconds(startedAt)}` }
}

/** Whether the one generated file that is kept in git is as it was. */
function isUpToDate(before) {
  if (readFileSync(LICENCES, 'utf8') === before) return true
  console.error('THIRD-PARTY-LICENSES.md did not match the bundle. The build has brought it up to date: commit it.')
  return false
}

const startedAt = performance.now()
const licences = readFileSync(LICENCES, 'utf8')
const times = []
for (const stages of STAGES) {
  console.log(`\n── ${stages.join(', ')}`)
  const ended = await Promise.all(stages.map((stage) => run(stage, stages.length === 1)))
  const failed = ended.filter(({ passed }) => !passed).map(({ stage }) => stage)
  if (failed.length > 0 || !isUpToDate(licences)) {
    const again = (failed.length > 0 ? failed : stages).map((stage) => `npm run ${stage}`).join(', ')
    console.error(`\nFAILED after ${seconds(startedAt)}. To run it alone: ${again}`)
    process.exit(1)
  }
  times.push(...ended.map(({ time }) => time))
}
console.log(`\nPASSED in ${seconds(startedAt)}: ${times.join(', ')}`)
