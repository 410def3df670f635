import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockDifferences } from '../../language/project/lock-differences.ts';
import { readLock } from '../../language/project/read-lock.ts';
import { lockOf, lockText, SCHEMA_LOCK } from '../../language/project/schema-lock.ts';
import { ClientError } from '../api/client.ts';
import { readWholeSnapshotOf } from '../api/snapshot/read-snapshot.ts';
import { FileError } from '../files/file-error.ts';
import { EXIT, type ExitCode, StartError, UsageError } from '../script/exit-codes.ts';
import { declaredRoot } from '../script/project-files.ts';
import { isFolder } from './engines/chosen-engine.ts';
import { openTarget, type TargetOptions } from './engines/target.ts';

export interface PullOptions extends TargetOptions {
  /** Writes nothing, and fails where something would be written. */
  readonly check?: boolean;
}

/** `ksql pull`: writes what a server has to the lock of a project, or says how the two differ. */
export async function pull(folder: string | undefined, options: PullOptions): Promise<ExitCode> {
  const { server, bootstrapServer, stateDir, check } = options;
  if ((server ?? bootstrapServer ?? stateDir) === undefined)
    throw new UsageError('Say what to pull from: --server URL, --bootstrap-server LIST or --state-dir DIR.');
  if (folder !== undefined && !isFolder(folder)) throw new UsageError(`${folder} is no folder.`);
  const file = path.join(folder ?? declaredRoot('.') ?? '.', SCHEMA_LOCK);
  const target = await openTarget(options);
  try {
    const snapshot = await readWholeSnapshotOf(target.client).catch(refused);
    if (check) return compare(file, snapshot);
    const lock = lockOf(snapshot);
    write(file, lockText(lock));
    const count = (members: object, one: string) => {
      const { length } = Object.keys(members);
      return `${length} ${one}${length === 1 ? '' : 's'}`;
    };
    const { sources, types, topics, functions } = lock;
    const parts = [
      count(sources, 'source'),
      count(types, 'type'),
      count(topics, 'topic'),
      count(functions, 'function'),
    ];
    process.stdout.write(`${file}: ${parts.join(', ')}\n`);
    return EXIT.done;
  } finally {
    await target.close();
  }
}

/** A server that is away is no defect. */
function refused(error: unknown): never {
  throw error instanceof ClientError ? new StartError(error.message, { cause: error }) : error;
}

/** @throws FileError */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new FileError(file, 'cannot be written', error);
  }
}

/** @throws UsageError where there is no lock that can be read */
function compare(file: string, snapshot: Parameters<typeof lockDifferences>[1]): ExitCode {
  if (!existsSync(file)) throw new UsageError(`There is no ${file} to compare with; \`ksql pull\` writes it.`);
  const { lock, problems } = readLock(readFileSync(file, 'utf8'));
  if (lock === undefined) throw new UsageError(`${file}: ${problems.map(({ message }) => message).join(' ')}`);
  const differences = lockDifferences(lock, snapshot);
  for (const { message } of differences) process.stdout.write(`${message}\n`);
  return differences.length === 0 ? EXIT.done : EXIT.failed;
}
