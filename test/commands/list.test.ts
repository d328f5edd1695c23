import { expect, it } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
it('try', async () => {
  const azure = await startTestAzure({})
  await azure.run(['create','-g','rg-clicks','-n','ns-clicks-test','-l','westeurope','--hub','clicks:8:48h','--hub','a-hub-with-a-name-that-is-quite-long-indeed-for-a-hub:2','--yes'])
  for (const o of [{tty:true as const}, {tty:true as const, columns:40}, {}]) {
    const r = await azure.run(['list'], o)
    console.log(r.exitCode + '\n' + r.stdout + '---\n' + r.stderr)
  }
  expect(1).toBe(1)
})
