import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each test starts processes of its own: more at a time than there are cores only makes all of them slow.
    maxWorkers: 2,
    maxConcurrency: 2,
  },
})
