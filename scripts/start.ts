/** Runs the flights example on the embedded engine, live where there is a terminal, and says where to go from there. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const example = path.join('examples', 'flights.ksql');
/** The flights come in without long gaps: after so many seconds without a new row they are all there. */
const IDLE_SECONDS = '4';

const run = spawn(
  process.execPath,
  [path.join('engine', 'cli', 'main.ts'), 'run', example, '--idle-timeout', IDLE_SECONDS],
  { cwd: root, stdio: 'inherit' },
);
// Ctrl+C reaches the child as well, which ends the query; this process stays for the last lines.
process.on('SIGINT', () => undefined);
run.on('exit', (code) => {
  const interrupted = code === 130;
  if (code !== 0 && !interrupted) process.exit(code ?? 1);
  console.log(`
Those were the late departures per airport and hour: 10,000 flights joined with their airports.
The script: ${example}
In VS Code, with rows beside the code: npm run code`);
});
