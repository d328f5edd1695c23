import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest file begins first: begun last, it would keep one core idle. By size, as is usual, it is the smallest. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith('/node-versions.test.ts'))
    return (await super.sort(files)).sort((a, b) => isLongest(b) - isLongest(a))
  }
}

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/e2e/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each test starts processes of its own: more at a time than there are cores only makes all of them slow.
    maxWorkers: 2,
    maxConcurrency: 2,
  },
})
