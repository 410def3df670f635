import { badRequest } from '../api/errors.ts';
import { parseBytes } from './byte-text.ts';

const NAME = 'ksql.workbench.memory.max.bytes';

/** What settings give an engine of memory, in bytes; undefined where they say nothing. @throws EngineError */
export function memorySetting(setting: (name: string) => string | undefined): number | undefined {
  const text = setting(NAME);
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === undefined) throw badRequest(`${NAME} takes a size such as 512MB or 2GB, not ${text}.`);
  return bytes;
}
