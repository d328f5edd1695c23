import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/windows/**/*.test.ts'],
    globalSetup: ['test/windows/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Wine serves all programs by one server.
    maxWorkers: 1,
    isolate: false,
  },
})
