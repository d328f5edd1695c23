import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/live/**', 'test/e2e/**', 'test/windows/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Much of the work is waiting: the core that is kept free by default would be idle.
    maxWorkers: '100%',
    // No module keeps state, so a worker loads each one once and not again for every file: it saves half of the work.
    isolate: false,
  },
})
