import { tokenize } from './tokens.ts';

export interface TextPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of a statement that an engine's error speaks of: the line and column it gives, else a name it mentions, else
 * the first word. Offsets are relative to the statement.
 */
export function errorPlace(message: string, statement: string): TextPlace {
  const tokens = tokenize(statement);
  const first = { start: 0, end: tokens[0]?.end ?? statement.length };
  const position = /\bline:? (\d+)[:,](?: column:? )?(\d+)/i.exec(message);
  if (position !== null) {
    const lines = statement.split('\n');
    const line = Number(position[1]) - 1;
    const offset = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + Number(position[2]) - 1;
    const token = tokens.find(({ start, end }) => start <= offset && offset < end);
    if (token !== undefined) return token;
  }
  // Names that a message quotes come before those it only mentions; keywords are in every message.
  const quoted = [...message.matchAll(/['"`]([^'"`\n]+)['"`]/g)].map((match) => match[1]!);
  const plain = [...message.matchAll(/\b[A-Z][A-Z0-9_]{2,}\b/g)].map((match) => match[0]);
  for (const name of [...quoted, ...plain]) {
    const token = tokens
      .slice(1)
      .find(({ value, kind }) => kind !== 'symbol' && value.toUpperCase() === name.toUpperCase());
    if (token !== undefined && !KEYWORDS.has(token.value)) return token;
  }
  return first;
}

const KEYWORDS = new Set(
  'SELECT FROM WHERE GROUP BY PARTITION EMIT CHANGES FINAL LIMIT AS CREATE STREAM TABLE WITH INSERT INTO VALUES JOIN LEFT RIGHT FULL OUTER INNER ON WITHIN WINDOW KEY PRIMARY NOT NULL EXISTS IF OR REPLACE AND SOURCE SINK CONNECTOR DROP'.split(
    ' ',
  ),
);

/** The first line of a message, without what ksqlDB adds to it by habit. */
export function shortMessage(message: string): string {
  const [first] = message.split(/\n(?:Statement:|Caused by:)/);
  return first!.replace(/^(?:Failed to prepare statement|Exception while preparing statement): /, '').trim();
}
