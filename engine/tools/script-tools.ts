import { analyzeScript, parseScript } from '../../language/index.ts';
import { readSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { explain } from '../../language/text/diagnostic.ts';
import { readSnapshotOf } from '../api/snapshot/read-snapshot.ts';
import { LineIndex } from '../script/line-index.ts';
import { answersText } from './answer-text.ts';
import { oneStatement } from './one-statement.ts';
import { inputOf, type Tool } from './tool.ts';

/** What is wrong with a script, before anything of it runs. */
export const checkScript: Tool = {
  name: 'ksql_check',
  title: 'Check a KSQL Script',
  description:
    'Analyses KSQL statements without running them: syntax, names, types, keys, joins, against what the connected engine has and what the script itself makes. Call it before you show or run KSQL that you wrote.',
  changes: false,
  inputSchema: inputOf({ script: { type: 'string', description: 'One or more KSQL statements.' } }, 'script'),
  async run(input, { client, dialect }) {
    const script = String(input['script']);
    const snapshot = await readSnapshotOf(client);
    const parsed = parseScript(script, { dialect });
    const settings = { dialect, properties: new Map(), variables: new Map() };
    const { diagnostics } = analyzeScript(parsed, readSnapshot(snapshot), settings);
    if (diagnostics.length === 0) return `Nothing is wrong with ${statementCount(parsed.statements.length)}.`;
    const lines = new LineIndex(script);
    return diagnostics
      .toSorted((a, b) => a.range.start - b.range.start)
      .map((diagnostic) => {
        const { line, column } = lines.position(diagnostic.range.start);
        const fixes = diagnostic.fixes.map(({ title }) => `\n  fix: ${title}`).join('');
        return `${line}:${column} ${diagnostic.severity} ${diagnostic.code}: ${explain(diagnostic)}${fixes}`;
      })
      .join('\n');
  },
};

/** How a query would run, or how one runs. */
export const explainStatement: Tool = {
  name: 'ksql_explain',
  title: 'Explain a Query',
  description:
    'Explains how a query would be executed (sources, joins, internal topics, schema), or, given the id of a running query, what it does.',
  changes: false,
  inputSchema: inputOf(
    {
      statement: {
        type: 'string',
        description: 'A SELECT, CREATE … AS SELECT or INSERT INTO … SELECT, or a query id.',
      },
    },
    'statement',
  ),
  async run({ statement }, { client, dialect, signal }) {
    const { text } = oneStatement(`EXPLAIN ${statement}`, dialect);
    return answersText(await client.execute(text, { signal }));
  },
};

const statementCount = (count: number): string => (count === 1 ? 'the statement' : `the ${count} statements`);
