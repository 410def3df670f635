import type { DiagnosticStage } from '../../../language/diagnostics/diagnostic-entry.ts';
import { createAsText, createSourceText } from '../../../language/format/statement-text.ts';
import type * as ast from '../../../language/generated/ast.ts';
import type { DataSource, Metastore, SourceKind } from '../../../language/metastore/metastore.ts';
import type { ParsedStatement } from '../../../language/parser/parse-script.ts';
import type { AnalysisSettings } from '../../../language/query/statement-context.ts';
import { StatementContext } from '../../../language/query/statement-context.ts';
import { columnsOfSource } from '../../../language/statements/create-source.ts';
import {
  defaultSinkTopic,
  injectedIntoCreate,
  injectedIntoCreateAs,
} from '../../../language/statements/injected-properties.ts';
import { printedQuery } from '../../../language/statements/printed-query.ts';
import { writtenColumns } from '../../../language/statements/source-columns.ts';
import { printedFormats, printedProperties, withClause } from '../../../language/statements/with-entries.ts';

/** The statement as ksqlDB echoes it with an error: with the defaults that were injected before the error was found. */
export function printedStatement(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
  stage: DiagnosticStage,
): string {
  const { node, text } = statement;
  if (stage === 'as-sent') return text;
  if (node?.$type !== 'CreateSource' && node?.$type !== 'CreateAs') return text;
  const context = new StatementContext(statement, metastore, settings, new Map());
  // What cannot even be printed is echoed as it came: the error that is being reported says why.
  const printed = context.attempt(() =>
    node.$type === 'CreateSource' ? printedSource(node, context, stage) : printedCreateAs(node, context),
  );
  return printed ?? text;
}

function printedSource(node: ast.CreateSource, context: StatementContext, stage: DiagnosticStage): string {
  const clause = withClause(node.properties, 'create', context);
  const format = (side: 'KEY' | 'VALUE', otherwise: string) =>
    String(
      clause.values.get(`${side}_FORMAT`) ??
        context.property(`ksql.persistence.default.format.${side.toLowerCase()}`) ??
        otherwise,
    ).toUpperCase();
  const injected = stage === 'complete' ? injectedIntoCreate(node.kind as SourceKind) : {};
  const formats = printedFormats(clause, format('KEY', 'KAFKA'), format('VALUE', ''));
  // Columns from the schema registry are injected before anything that a complete statement can be refused for.
  const inferred = stage === 'complete' ? context.attempt(() => columnsOfSource(node, clause, context)) : undefined;
  const columns = inferred ?? writtenColumns(node.elements, context);
  return createSourceText(node, { columns, properties: printedProperties(clause, injected, formats) });
}

function printedCreateAs(node: ast.CreateAs, context: StatementContext): string {
  const clause = withClause(node.properties, 'create-as', context);
  const sources = aliasedSources(node.query.from, context.metastore);
  const { name } = node;
  const kind = node.kind as SourceKind;
  const isWindowed = node.query.window !== undefined;
  const topic = defaultSinkTopic({ name, kind, isWindowed, left: sources[0]?.source }, context);
  const text = printedQuery(
    node.query,
    sources.map(({ alias, source }) => ({ alias, schema: source?.schema })),
  );
  return createAsText(node, printedProperties(clause, injectedIntoCreateAs(topic)), text);
}

interface AliasedSource {
  readonly alias: string;
  readonly source: DataSource | undefined;
}

function aliasedSources(relation: ast.Relation, metastore: Metastore): readonly AliasedSource[] {
  if (relation.$type === 'AliasedSource') {
    return [{ alias: relation.alias ?? relation.name, source: metastore.sources.get(relation.name) }];
  }
  const { left, right } = relation as ast.Join;
  return [...aliasedSources(left, metastore), ...aliasedSources(right, metastore)];
}
