import { writeFileSync } from 'node:fs';
import { type Dialect, type FormatStyle, formatScript } from '../../language/index.ts';
import { EXIT, type ExitCode } from '../script/exit-codes.ts';
import { findFiles, readScript } from '../script/script-files.ts';

export interface FormatCommandOptions {
  readonly dialect: Dialect;
  readonly width?: number;
  readonly case?: FormatStyle['keywordCase'];
  readonly commas?: FormatStyle['commas'];
  readonly joins?: FormatStyle['joinConditions'];
  /** Says which files would change and changes none. */
  readonly check?: boolean;
  /** Changes the files instead of printing them. */
  readonly write?: boolean;
}

/** `ksql format`: prints files in the one style of the formatter, writes them back, or tells which are not in it. */
export async function format(
  paths: readonly string[],
  { dialect, check, write, width, case: keywordCase, commas, joins: joinConditions }: FormatCommandOptions,
): Promise<ExitCode> {
  const chosen = Object.entries({ width, keywordCase, commas, joinConditions });
  const style: Partial<FormatStyle> = Object.fromEntries(chosen.filter(([, value]) => value !== undefined));
  let differs = false;
  for (const file of findFiles(paths)) {
    const text = readScript(file);
    // The dialect of the tests holds all statements there are.
    const formatted = formatScript(text, { ...style, dialect, testStatements: true });
    const changes = formatted !== text;
    differs ||= changes;
    if (write && changes) writeFileSync(file, formatted);
    if (check || write) process.stdout.write(changes ? `${file}\n` : '');
    else process.stdout.write(formatted);
  }
  return check && !write && differs ? EXIT.failed : EXIT.done;
}
