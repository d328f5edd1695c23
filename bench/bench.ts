import { benchBroker } from './broker.ts'
import { benchCapture } from './capture.ts'
import { benchLocalNoOp, benchPackage, benchReady, benchRoundTrips, benchStart } from './cli.ts'
import { benchFleet } from './fleet.ts'
import { benchKafka } from './kafka.ts'
import { benchLimits } from './limits.ts'
import { renderTable, type Row } from './table.ts'

/**
 * Measures the built package on this machine: `npm run bench`, or `npm run bench -- start package` for some of it. What
 * takes long in real time runs only when it is named.
 */
const SECTIONS: Readonly<Record<string, readonly [title: string, run: () => Row[] | Promise<Row[]>]>> = {
  start: ['Start of the program', benchStart],
  trips: ['Nothing to do, on an Azure 40 ms away', benchRoundTrips],
  fleet: ['Many hubs of 5 consumer groups, on an Azure 40 ms away that limits requests (3 to 4 minutes)', benchFleet],
  local: ['The embedded Azure', async () => [...(await benchReady()), ...(await benchLocalNoOp())]],
  package: ['The package', benchPackage],
  broker: ['Events on the embedded Azure', benchBroker],
  kafka: ['Events through Kafka, with librdkafka', benchKafka],
  capture: ['Capture, events of 1 KB', benchCapture],
  limits: ['A namespace of 2 throughput units that is held to them, for a minute each', benchLimits],
}
const ONLY_NAMED = ['limits']

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in SECTIONS))
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: there is ${Object.keys(SECTIONS).join(', ')}`)
console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}`)
for (const [name, [title, run]] of Object.entries(SECTIONS)) {
  const isWanted = asked.length === 0 ? !ONLY_NAMED.includes(name) : asked.includes(name)
  if (isWanted) console.log(renderTable(title, await run()))
}
