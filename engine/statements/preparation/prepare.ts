import type * as ast from '../../../language/generated/ast.ts';
import type { Metastore } from '../../../language/metastore/metastore.ts';
import { type ParsedStatement, parseScript } from '../../../language/parser/parse-script.ts';
import {
  isBeforeName,
  substituteVariables,
  VariableError,
  variablesByName,
} from '../../../language/parser/substitute-variables.ts';
import type { AnalysisSettings } from '../../../language/query/statement-context.ts';
import { analyzeStatement } from '../../../language/script/analyze-statement.ts';
import { preparationProblem } from '../../../language/script/preparation.ts';
import type { Diagnostic } from '../../../language/text/diagnostic.ts';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import type { Surroundings } from '../../runtime/commands/command-log.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import { SchemaCatalog } from '../../serde/schemas/schema-catalog.ts';
import { analysisFailure, preparationFailure } from './analysis-failure.ts';
import { maskedRequest } from './masked-statement.ts';
import { placeInText } from './place-in-text.ts';
import { checkSinkTopic } from './sink-topic.ts';
import type { ExecutionContext, PreparedStatement } from './statement-handler.ts';
import { withRecordedSurroundings, withSurroundings } from './surroundings.ts';

/** Parses the statements of a request. @throws EngineError for the first syntax error, with its line and column. */
export function parseStatements(text: string, context: ExecutionContext): readonly ParsedStatement[] {
  const parsed = parseScript(text, { dialect: dialectOf(context) });
  for (const statement of parsed.statements) {
    const problem = statement.text.includes('${') ? undefined : statement.diagnostics[0];
    if (problem !== undefined) throw syntaxError(text, problem.range.start, problem.message, text.trim());
  }
  return parsed.statements;
}

const dialectOf = ({ services, session }: ExecutionContext) =>
  (session.properties.get('ksql.dialect') ?? services.serverProperties.get('ksql.dialect')) === '2018'
    ? '2018'
    : 'latest';

function syntaxError(text: string, offset: number, message: string, statementText: string): EngineError {
  const { line, column } = placeInText(text, offset);
  return new EngineError(ERROR_CODE.badStatement, `line ${line}:${column}: Syntax Error\n${message}`, {
    statementText,
  });
}

/** The statement as it is after its variables are replaced. @throws EngineError */
function substituted(statement: ParsedStatement, context: ExecutionContext): ParsedStatement {
  if (!statement.text.includes('${')) return statement;
  const { session } = context;
  // It counts as it was sent: statements before this one do not change it.
  if (String(session.sent['ksql.variable.substitution.enable']) === 'false') return withoutVariables(statement);
  const variables = variablesByName(session.listVariables().map(({ name, value }) => [name, value] as const));
  try {
    const text = substituteVariables(statement.text, variables);
    const [replaced] = parseScript(text, { dialect: dialectOf(context) }).statements;
    const problem = replaced?.diagnostics[0];
    if (problem !== undefined) throw syntaxError(text, problem.range.start, problem.message, text);
    return replaced ?? statement;
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    throw new EngineError(ERROR_CODE.badStatement, `Failed to prepare statement: ${error.message}`, {
      statementText: maskedRequest([statement]),
    });
  }
}

/**
 * Where variables are not replaced, one that stands for a name is an odd name, and one that stands for a value is
 * nothing. @throws EngineError
 */
function withoutVariables(statement: ParsedStatement): ParsedStatement {
  const name = /'(?:[^']|'')*'|(\$\{\w+\})/g;
  for (const { 1: variable, index } of statement.text.matchAll(name)) {
    if (variable === undefined) continue;
    if (!isBeforeName(statement.text, index)) {
      const message = `Failed to prepare statement: ${variable} stands for a value, and variables are not replaced.`;
      throw new EngineError(ERROR_CODE.badStatement, message, { statementText: statement.text });
    }
    const message = `Illegal argument: source names may only contain alphanumeric values, '_' or '-'. Got: '${variable.toUpperCase()}'`;
    throw new EngineError(ERROR_CODE.badStatement, message, { statementText: variable.toUpperCase() });
  }
  return statement;
}

/** The metastore with what the registry holds now, and the broker, unless its topics are known. */
export async function connectedMetastore(
  metastore: Metastore,
  services: EngineServices,
  node: ast.Statement | undefined,
): Promise<Metastore> {
  return withSchemas(await withTopics(metastore, services), services, node);
}

async function withTopics(metastore: Metastore, services: EngineServices): Promise<Metastore> {
  if (metastore.topics !== undefined) return metastore;
  const topics = await services.broker.listTopics();
  const known = new Map(
    topics.map(({ name, partitions, replicas, config }) => {
      const retentionMs = config['retention.ms'] === undefined ? undefined : Number(config['retention.ms']);
      return [name, { name, partitions, replicas, retentionMs }] as const;
    }),
  );
  return { ...metastore, topics: known };
}

async function withSchemas(
  connected: Metastore,
  services: EngineServices,
  node: ast.Statement | undefined,
): Promise<Metastore> {
  if (services.registry === undefined) return connected;
  const catalog = new SchemaCatalog(services.registry);
  await catalog.load(wantedSchemas(node));
  return { ...connected, schemas: catalog.lookUps };
}

function wantedSchemas(node: ast.Statement | undefined): {
  readonly subjects: readonly string[];
  readonly ids: readonly number[];
} {
  if (node?.$type !== 'CreateSource' && node?.$type !== 'CreateAs') return { subjects: [], ids: [] };
  const entries = node.properties?.entries ?? [];
  const propertyOf = (name: string) =>
    entries.find((entry) => entry.name.toUpperCase() === name)?.value as { readonly value?: string } | undefined;
  const topic = propertyOf('KAFKA_TOPIC')?.value;
  const ids = ['KEY_SCHEMA_ID', 'VALUE_SCHEMA_ID'].flatMap((name) => {
    const id = Number(propertyOf(name)?.value);
    return Number.isInteger(id) ? [id] : [];
  });
  return { subjects: topic === undefined ? [] : [`${topic}-key`, `${topic}-value`], ids };
}

export interface Preparation {
  readonly prepared: PreparedStatement;
  /** The metastore after the statement, with the topics that there will be then. */
  readonly metastore: Metastore;
}

export interface PreparationOptions {
  /** What there will be before the statement; absent: what there is now. */
  readonly metastore?: Metastore;
  /** The id that a query of the statement gets in the metastore after it. */
  readonly queryId?: string;
  /** Nothing about topics is an error: they were there when the statement was executed first. */
  readonly ignoreTopics?: boolean;
  /** What was found around the metastore when the statement was checked; absent: what there is now. */
  readonly surroundings?: Surroundings | undefined;
}

/** A statement that can be analysed, and what it is analysed with. */
interface PreparedText {
  readonly statement: ParsedStatement;
  readonly settings: AnalysisSettings;
}

/**
 * Puts the values of variables into a statement, and finds the sources that it names. That much ksqlDB does with every
 * statement, also with one that it does not carry out where it was sent.
 *
 * @throws EngineError
 */
export function prepareText(written: ParsedStatement, context: ExecutionContext, metastore: Metastore): PreparedText {
  const statement = substituted(written, context);
  const properties = new Map([...context.services.serverProperties, ...context.session.properties]);
  const settings: AnalysisSettings = { dialect: dialectOf(context), properties, variables: new Map() };
  const problem = preparationProblem(statement, metastore, settings);
  if (problem !== undefined) throw preparationFailure(problem, statement);
  return { statement, settings };
}

/**
 * Analyses a statement against the metastore as it is, or as the statements before it in a request will have made it.
 *
 * @throws EngineError for the first error
 */
export async function prepareStatement(
  written: ParsedStatement,
  context: ExecutionContext,
  { metastore = context.services.metastore, queryId, ignoreTopics = false, surroundings }: PreparationOptions = {},
): Promise<Preparation> {
  const { services } = context;
  const { statement, settings } = prepareText(written, context, metastore);
  const around =
    surroundings !== undefined
      ? withSurroundings(metastore, surroundings)
      : ignoreTopics
        ? await withSchemas(metastore, services, statement.node)
        : await connectedMetastore(metastore, services, statement.node);
  const { metastore: connected, found } = withRecordedSurroundings(around);
  const isNew = surroundings === undefined && !ignoreTopics;
  if (statement.node?.$type === 'CreateAs' && isNew && !services.takesSinkTopics)
    checkSinkTopic(statement, statement.node, connected, settings);
  const {
    analyzed,
    diagnostics,
    metastore: after,
  } = analyzeStatement(statement, connected, settings, new Map(), queryId);
  const problem = foundFirst(diagnostics);
  if (problem !== undefined || analyzed === undefined) {
    throw analysisFailure(problem, statement, connected, settings);
  }
  const prepared = { node: statement.node!, text: statement.text, analyzed, surroundings: found() };
  return { prepared, metastore: withoutSchemas(after) };
}

/**
 * When ksqlDB finds an error, where not with the others: names of columns before anything else, windows when all is
 * planned.
 */
const TURN: Partial<Record<Diagnostic['code'], number>> = {
  'reserved-alias': -2,
  'unknown-column': -1,
  'invalid-window': 1,
  'window-size': 1,
};

function foundFirst(diagnostics: readonly Diagnostic[]): Diagnostic | undefined {
  const turnOf = ({ code }: Diagnostic) => TURN[code] ?? 0;
  const [first] = diagnostics.filter(({ severity }) => severity === 'error').sort((a, b) => turnOf(a) - turnOf(b));
  return first;
}

/** Schemas are looked up for each statement anew: only those that it can want are loaded. */
function withoutSchemas({ schemas: _, ...rest }: Metastore): Metastore {
  return rest;
}
