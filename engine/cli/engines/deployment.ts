import { hasRole, parseScript } from '../../../language/index.ts';
import { asEngineError } from '../../api/errors.ts';
import type { Engine } from '../../index.ts';
import { readScript } from '../../script/script-files.ts';

/**
 * Executes the statements of a deployment. What cannot be part of one is refused before anything runs.
 * @returns false where they fail, which has been said
 */
export async function runDeployment(engine: Engine, file: string): Promise<boolean> {
  const text = readScript(file);
  const statements = parseScript(text, { dialect: 'latest' }).statements;
  // What cannot be read is told by the engine, which reads it again.
  const refused = statements.find(
    ({ node }) => node !== undefined && !hasRole(node, 'definition', 'insert', 'session'),
  );
  if (refused !== undefined) {
    process.stderr.write(
      `${file}: Unsupported statement. Only SET, UNSET, CREATE STREAM, CREATE TABLE, CREATE TYPE, CREATE … AS SELECT and INSERT INTO are supported in standalone mode: ${refused.text}\n`,
    );
    return false;
  }
  if (!statements.some(({ node }) => node?.$type === 'CreateAs' || node?.$type === 'InsertSelect')) {
    process.stderr.write(
      `${file}: The SQL file does not contain any persistent queries. i.e. it contains no 'INSERT INTO', 'CREATE TABLE x AS SELECT' or 'CREATE STREAM x AS SELECT' style statements.\n`,
    );
    return false;
  }
  if (engine.queries.persistent().length > 0) return true;
  try {
    await engine.execute(text);
    return true;
  } catch (error) {
    process.stderr.write(`${file}: ${asEngineError(error).message}\n`);
    return false;
  }
}
