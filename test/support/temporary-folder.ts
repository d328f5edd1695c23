import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { newFolder, removeFolder, temporaryRoot } from './folder.ts'

/** A folder for the test that asks, or for each test where `beforeEach` asks. It goes when the test has finished. */
export function temporaryFolder(): string {
  const folder = newFolder()
  onTestFinished(() => removeFolder(folder))
  return folder
}

/** The folder of a whole suite or file, which asks before its own hooks. It is there from the first test to the last. */
export function folderOfSuite(): string {
  const folder = join(temporaryRoot(), `ml-ingest-suite-${randomUUID().slice(0, 8)}`)
  // Not before: a suite that is skipped runs no hook, and would leave its folder behind.
  beforeAll(() => void mkdirSync(folder, { mode: 0o700 }))
  afterAll(() => removeFolder(folder))
  return folder
}
