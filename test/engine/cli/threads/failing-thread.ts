import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Loaded before the program: its further threads fail as long as a file is there. */
const file = process.env.KSQL_TEST_FAILING_THREAD!;
if (!isMainThread)
  setInterval(() => {
    if (existsSync(file)) throw new Error('it is told to fail');
  }, 50).unref();
