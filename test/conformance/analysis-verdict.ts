import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { MemoryRegistry } from '../../engine/serde/schemas/memory-registry.ts';
import { SchemaCatalog } from '../../engine/serde/schemas/schema-catalog.ts';
import { asText } from '../../engine/testing/case-json.ts';
import { checkPost } from '../../engine/testing/check-post.ts';
import { prepareTopics } from '../../engine/testing/prepare-topics.ts';
import type { TestCase } from '../../engine/testing/test-case.ts';
import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';

/** Functions that exist only in ksqlDB's own test classes; a case that calls one cannot be analysed. */
const NEEDS_JAVA = /Can't find any functions with the name/;

/**
 * Failures that only records bring about, and verdicts on replacements, which compare query plans: not the analysis' to
 * find.
 */
const BEYOND_ANALYSIS =
  /Exception caught in process|TimestampExtractor callback|Query is not upgradeable|Upgrades not yet supported|Fatal user code error|StreamsException/;

/** Whether an existing query can be replaced is decided by its plan. */
const REPLACES_QUERY = /^\s*CREATE\s+OR\s+REPLACE\b[\s\S]*\bAS\s+SELECT\b/i;

/** What is accepted here on purpose: units in the singular, which ksqlDB takes for columns. */
const BETTER_HERE = /column '(DAY|HOUR|MINUTE|SECOND)' cannot be resolved/;

export type AnalysisVerdict = 'right' | 'needs java' | 'false error' | 'accepted' | 'wrong schema';

export const FAILURES: readonly AnalysisVerdict[] = ['false error', 'accepted', 'wrong schema'];

/** Analyses the statements of a case and compares the outcome with what ksqlDB did. */
export async function judgeAnalysis(
  testCase: TestCase,
): Promise<{ readonly verdict: AnalysisVerdict; readonly detail: string }> {
  const { analysis, text } = await analyze(testCase);
  const errors = analysis.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const expected = expectedFailure(testCase);
  if (first !== undefined && NEEDS_JAVA.test(first.message) && !NEEDS_JAVA.test(expected?.message ?? '')) {
    return { verdict: 'needs java', detail: '' };
  }
  if (expected !== undefined) {
    const isLast = (statement: number) => statement === analysis.statements.length - 1;
    if (errors.some(({ statement }) => isLast(statement))) return { verdict: 'right', detail: first!.message };
    if (errors.length > 0) return { verdict: 'false error', detail: `in an earlier statement: ${first!.message}` };
    if (isBeyond(expected, testCase)) return { verdict: 'right', detail: '' };
    return { verdict: 'accepted', detail: `${expected.message ?? expected.type}\n${text}` };
  }
  if (first !== undefined) return { verdict: 'false error', detail: `${first.message}\n${text}` };
  try {
    checkPost(testCase, analysis);
  } catch (error) {
    return { verdict: 'wrong schema', detail: `${(error as Error).message}\n${text}` };
  }
  return { verdict: 'right', detail: '' };
}

interface ExpectedFailure {
  readonly type?: string | undefined;
  readonly message?: string | undefined;
}

/** The error that the last statement must give, in the form of either kind of case. */
function expectedFailure({ expectedException, expectedError }: TestCase): ExpectedFailure | undefined {
  if (expectedException) return expectedException;
  if (!expectedError) return undefined;
  const message = asText(expectedError['message']);
  return message === undefined ? {} : { message };
}

function isBeyond({ type, message = '' }: ExpectedFailure, { statements }: TestCase): boolean {
  const replaces = message === '' && REPLACES_QUERY.test(statements.at(-1) ?? '');
  return replaces || BEYOND_ANALYSIS.test(`${type} ${message}`) || BETTER_HERE.test(message);
}

async function analyze(testCase: TestCase) {
  const broker = new MemoryBroker();
  const registry = new MemoryRegistry('NONE');
  await prepareTopics(testCase, broker, registry);
  const topics = new Map((await broker.listTopics()).map((topic) => [topic.name, topic]));
  const catalog = new SchemaCatalog(registry);
  const ids = testCase.topics.flatMap(({ keySchemaId, valueSchemaId }) => [keySchemaId, valueSchemaId]);
  await catalog.load({
    subjects: [...topics.keys()].flatMap((topic) => [`${topic}-key`, `${topic}-value`]),
    ids: [...ids.filter((id) => id !== undefined), ...Array.from({ length: 10 }, (_, i) => i + 1)],
  });
  const metastore: Metastore = { ...EMPTY_METASTORE, topics, schemas: catalog.lookUps };
  const text = testCase.statements.join('\n');
  const parsed = parseScript(text, { dialect: 'latest' });
  const properties = new Map(Object.entries(testCase.properties));
  return { text, analysis: analyzeScript(parsed, metastore, { dialect: 'latest', properties, variables: new Map() }) };
}
