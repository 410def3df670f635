import { defineConfig } from 'vitest/config';

/** The suites that drive a real VS Code workbench; they need a build in `dist`. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // What a test waits for comes at once, or on a busy machine a while later; only what never comes is a failure.
    expect: { poll: { timeout: 30_000, interval: 50 } },
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
