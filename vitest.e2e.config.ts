import { defineConfig } from 'vitest/config';

/** The suites that drive a real VS Code workbench; they need a build in `dist`. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
