import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onEachNode, windowsUser } from './user.ts'

/** What `local.json` says of who runs; the id is new at every start. */
interface Started {
  readonly id: string
  readonly pid: number
}

/** How often each Node starts the embedded Azure after a kill. */
const KILLS = Number(process.env['WINDOWS_KILLS'] ?? 5)

onEachNode((node) => {
  test(`starts after each of ${KILLS} kills, with all that it held`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const user = await windowsUser(node)
    const folder = join(user.folder, 'data', 'ml-ingest')
    const made = await user.run(['create', '--local', '--yes'])
    expect(made, made.stderr).toMatchObject({ exitCode: 0 })
    const failed: string[] = []
    const ids = new Set<string>()
    for (let kill = 1; kill <= KILLS; kill++) {
      const record = JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8')) as Started
      ids.add(record.id)
      await user.kill(record.pid).catch((error: unknown) => failed.push(`${kill}: ${String(error)}`))
      const { exitCode, stderr } = await user.run(['local', 'start', '--detach'])
      if (exitCode === 0) continue
      failed.push(`${kill}: ${stderr}`)
      await user.run(['local', 'start', '--detach'])
    }
    expect(failed).toEqual([])
    const again = await user.run(['plan', '--local', '--exit-code'])
    expect(again, again.stderr).toMatchObject({ exitCode: 0 })
    await user.leave()
    expect(ids.size).toBe(KILLS)
    // Nothing that was to take the place of another file is left beside it.
    expect(readdirSync(folder).filter((name) => /^(state|local|ports|storage)\.json./.test(name))).toEqual([])
  })
})
