import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/fixed-seed.ts'],
    include: ['test/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['test/e2e/**', '**/node_modules/**'],
    testTimeout: 20_000,
    maxWorkers: 2,
    // What a test waits for comes at once, or on a busy machine a while later; only what never comes is a failure.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    // As of the end-to-end suites: engines and brokers in processes of their own are killed and started here, too, and
    // what passed only at the second try is named.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
