import { analyzeStatement, type ParsedStatement, parseScript } from '../../language/index.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import type { Relation } from '../../language/query/analyzed.ts';
import { badRequest } from '../api/errors.ts';
import type { TestScript } from '../api/topics/topics-protocol.ts';

/**
 * A script that makes all that a query reads, down to the streams and tables that are written from outside, and then
 * the query: what a test of it begins with.
 * @param text one statement with a query
 * @throws EngineError where there is none, or it cannot be analysed
 */
export function testScript(text: string, metastore: Metastore): TestScript {
  const [statement, ...more] = parseScript(ended(text), { dialect: 'latest' }).statements;
  if (statement?.node === undefined || more.length > 0) throw badRequest('A test is made of one statement.');
  const needed = new Map<string, DataSource>();
  for (const name of readNames(statement, metastore)) addSource(name, metastore, needed);
  const sources = [...needed.values()];
  if (sources.length === 0) throw badRequest('A test is made of a query over streams or tables.');
  const inputs = sources.filter(({ createdAs }) => !createdAs);
  return {
    script: [...sources.map(({ statementText }) => ended(statementText)), ended(text)].join('\n'),
    topics: [...new Set(inputs.map(({ topic }) => topic))],
  };
}

const ended = (text: string): string => `${text.trim().replace(/;$/, '')};`;

/** The sources that the statement's query names. */
function readNames(statement: ParsedStatement, metastore: Metastore): readonly string[] {
  const { node } = statement;
  // What runs already is known by what it made.
  const made = node?.$type === 'CreateAs' ? metastore.sources.get(node.name)?.readsFrom : undefined;
  if (made !== undefined) return made;
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: false } as const;
  const { analyzed, diagnostics } = analyzeStatement(statement, metastore, settings);
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw badRequest(problem.message);
  if (analyzed?.kind === 'select' && analyzed.query.kind === 'pull')
    throw badRequest(
      'A pull query looks into a table at one moment. Make the test of the query that writes the table.',
    );
  return analyzed !== undefined && 'query' in analyzed ? sourcesOf(analyzed.query.relation) : [];
}

const sourcesOf = (relation: Relation): readonly string[] =>
  relation.kind === 'source' ? [relation.source.name] : [...sourcesOf(relation.left), ...sourcesOf(relation.right)];

/** A source behind those that it is made of. */
function addSource(name: string, metastore: Metastore, needed: Map<string, DataSource>): void {
  const source = metastore.sources.get(name);
  if (source === undefined || needed.has(name)) return;
  if (source.createdAs) for (const each of source.readsFrom ?? []) addSource(each, metastore, needed);
  needed.set(name, source);
}
