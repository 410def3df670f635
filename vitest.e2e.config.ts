import { defineConfig } from 'vitest/config';

/** The suites that drive a real VS Code workbench; they need a build in `dist`. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: 'test/e2e/support/packaged-extension.ts',
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // What a test waits for comes at once, or on a busy machine a while later; only what never comes is a failure.
    expect: { poll: { timeout: 30_000, interval: 50 } },
    // One hiccup of a busy machine must not hold everybody up; scripts/test.ts names what passed only at the second
    // try.
    retry: process.env['CI'] === undefined ? 0 : 1,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
