import { describe, expect, test } from 'vitest';
import {
  CODES_BY_TOPIC,
  DIAGNOSTICS,
  type DiagnosticCode,
  isDiagnosticCode,
} from '../../../language/diagnostics/diagnostic-codes.ts';
import type { DiagnosticSituation } from '../../../language/diagnostics/diagnostic-entry.ts';
import { withExampleSources } from '../../../language/diagnostics/example-sources.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import { withoutIgnored } from '../../../language/hints/ignored.ts';
import { scriptHints } from '../../../language/hints/script-hints.ts';
import { UseCounts } from '../../../language/hints/use-counts.ts';
import { analyzeScript, parseScript } from '../../../language/index.ts';
import { EMPTY_METASTORE, type Metastore, type RegisteredSchema } from '../../../language/metastore/metastore.ts';
import { STRING, struct } from '../../../language/types/sql-type.ts';

/**
 * Codes that the analysis of one script never gives: the editor's own, that of statements which an engine refuses, and
 * of several files.
 */
const NOT_OF_ANALYSIS: readonly DiagnosticCode[] = [
  'file-too-long',
  'rejected',
  'doubled-definition',
  'circular-definition',
  'lock-differs',
];

/** Scripts for the codes that have no short example. */
const LONG_EXAMPLES: Partial<Record<DiagnosticCode, string>> = {
  'expression-too-deep': `SELECT ${'('.repeat(201)}id${')'.repeat(201)} FROM orders EMIT CHANGES;`,
  'type-too-large': Array.from({ length: 16 }, (_, i) => {
    const part = i === 0 ? 'STRING' : `t${i - 1}`;
    return `CREATE TYPE t${i} AS STRUCT<a ${part}, b ${part}>;`;
  }).join('\n'),
};

const ROW = struct([{ name: 'PAGE', type: STRING }]);
const SCHEMAS: readonly RegisteredSchema[] = [
  { subject: 'events-value', id: 1, format: 'AVRO', root: ROW },
  { subject: 'plain-value', id: 2, format: 'AVRO', root: STRING },
  { subject: 'mixed-value', id: 3, format: 'PROTOBUF', root: ROW, definitions: ['Click', 'View'] },
];

/** What the situations of the examples speak of. */
const SERVER: Metastore = {
  ...EMPTY_METASTORE,
  topics: new Map(['events', 'plain', 'mixed'].map((name) => [name, { name, partitions: 1, replicas: 1 }])),
  schemas: {
    latest: (subject) => SCHEMAS.find((schema) => schema.subject === subject),
    byId: (id) => SCHEMAS.find((schema) => schema.id === id),
  },
  queries: new Map([
    [
      'CST_PRICES_0',
      { id: 'CST_PRICES_0', kind: 'source-table', sources: [], sink: 'PRICES', statementText: 'CREATE SOURCE TABLE …' },
    ],
  ]),
};

function diagnosticsOf(script: string, given: DiagnosticSituation | undefined, code: DiagnosticCode) {
  const parsed = parseScript(withExampleSources(script), { dialect: 'latest' });
  const analysis = analyzeScript(parsed, given?.connected ? SERVER : EMPTY_METASTORE, {
    dialect: 'latest',
    properties: new Map(Object.entries(given?.settings ?? {})),
    variables: new Map(),
    offline: given?.connected !== true,
  });
  // Examples of other codes may well give a hint.
  const hints = HINTS.has(code) ? scriptHints(parsed, analysis, surroundings()) : [];
  return withoutIgnored(parsed, [...analysis.diagnostics, ...hints.filter((hint) => hint.code === code)]);
}

const surroundings = () => ({ functions: FUNCTIONS, isNamedElsewhere: () => false, uses: new UseCounts() });

const HINTS: ReadonlySet<string> = new Set(CODES_BY_TOPIC.get('Hints'));

const codes = Object.keys(DIAGNOSTICS) as DiagnosticCode[];

describe('each code', () => {
  test.each(codes.filter((code) => !NOT_OF_ANALYSIS.includes(code)))('%s comes from its example alone', (code) => {
    const { example = LONG_EXAMPLES[code], given, severity, offlineSeverity } = DIAGNOSTICS[code];
    expect(example).toBeDefined();
    const found = diagnosticsOf(example!, given, code);
    expect(new Set(found.map((diagnostic) => diagnostic.code))).toEqual(new Set([code]));
    for (const diagnostic of found) expect([severity, offlineSeverity]).toContain(diagnostic.severity);
  });

  test.each(codes.filter((code) => DIAGNOSTICS[code].corrected !== undefined))(
    '%s is gone from the corrected script',
    (code) => {
      const { corrected, given } = DIAGNOSTICS[code];
      expect(diagnosticsOf(corrected!, given, code).filter(({ severity }) => severity !== 'information')).toEqual([]);
    },
  );

  test.each(codes)('%s has a page', (code) => {
    const { title, meaning, reason, example, corrected } = DIAGNOSTICS[code];
    expect(title).toMatch(/^\S.*[^.]$/);
    for (const text of [meaning, reason]) expect(text).toMatch(/^\S.*\.$/);
    expect(corrected === undefined).toBe(example === undefined);
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

test('a code stands in one table', () => {
  const listed = [...CODES_BY_TOPIC.values()].flat();
  expect(listed).toHaveLength(codes.length);
  expect(new Set(listed)).toEqual(new Set(codes));
});

test('a text is told from a code', () => {
  expect(isDiagnosticCode('unknown-column')).toBe(true);
  expect(isDiagnosticCode('toString')).toBe(false);
});
