import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SeededRandom } from '../../../engine/connectors/datagen/random.ts';
import { EngineUnderTest } from './engine-under-test.ts';

export interface DamageReport {
  /** The file that a byte was changed in, from the state directory. */
  readonly file: string;
  /** How the engine took it: it started, or it said which file is damaged and did not; anything else is a failure. */
  readonly outcome: 'started' | 'refused' | 'failed';
  readonly message: string;
}

/**
 * Changes one byte in a copy of a stopped engine's state directory and starts an engine on the copy.
 * @param random chooses the file, the byte, and what becomes of it
 */
export async function tryDamage(
  stateDir: string,
  copy: string,
  options: readonly string[],
  random: SeededRandom,
): Promise<DamageReport> {
  rmSync(copy, { recursive: true, force: true });
  cpSync(stateDir, copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const stat = statSync(path.join(copy, name));
    return stat.isFile() && stat.size > 0;
  });
  const file = random.pick(files);
  const bytes = readFileSync(path.join(copy, file));
  const at = random.between(0, bytes.length - 1);
  bytes[at] = bytes[at]! ^ random.between(1, 255);
  writeFileSync(path.join(copy, file), bytes);
  const engine = new EngineUnderTest(['--state-dir', copy, ...options]);
  try {
    await engine.start();
    const client = engine.client();
    await client.execute('SHOW QUERIES; SHOW TOPICS;').finally(() => client.close());
    await engine.stop();
    return { file, outcome: 'started', message: engine.lastLines.join('\n') };
  } catch (error) {
    await engine.kill().catch(() => undefined);
    const message = (error as Error).message;
    const refused = message.includes(path.basename(file)) && !/\n\s+at .*:\d+:\d+/.test(message);
    return { file, outcome: refused ? 'refused' : 'failed', message };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
