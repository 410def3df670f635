import { type AstNode, AstUtils } from 'langium';
import type * as ast from '../generated/ast.ts';
import type { Metastore } from '../metastore/metastore.ts';
import { eachNode } from '../parser/each-node.ts';
import { propertyRange } from '../parser/property-range.ts';
import { isSystemColumn } from '../query/column-names.ts';
import type { ExpressionTable } from '../query/statement-context.ts';
import { PRIMITIVE_TYPES } from '../types/parse-type.ts';
import type { Named, NamedColumn, NameUse } from './name.ts';

/** What the names of a statement can stand for. */
export interface NameSurroundings {
  readonly metastore: Metastore;
  readonly expressions: ExpressionTable;
}

/** The names in the tree of a statement, in the order of the text. */
export function treeNames(root: ast.Statement, surroundings: NameSurroundings): readonly NameUse[] {
  const names = new TreeNames(root, surroundings);
  eachNode(root, (node) => names.visit(node as ast.KsqlAstType[keyof ast.KsqlAstType]));
  return names.uses.sort((a, b) => a.range.start - b.range.start);
}

/** The name that a source goes by in a query, and whether that is an alias. */
export interface QuerySource {
  readonly source: string;
  readonly aliased: boolean;
}

/** The sources of the query in a tree, by the names that they go by there. */
export function querySources(root: AstNode): ReadonlyMap<string, QuerySource> {
  const found = new Map<string, QuerySource>();
  eachNode(root, (node) => {
    if (node.$type !== 'AliasedSource') return;
    const { name, alias } = node as ast.AliasedSource;
    found.set(alias ?? name, { source: name, aliased: alias !== undefined });
  });
  return found;
}

class TreeNames {
  readonly uses: NameUse[] = [];
  readonly #sources: ReadonlyMap<string, QuerySource>;
  readonly #metastore: Metastore;
  readonly #expressions: ExpressionTable;

  constructor(root: ast.Statement, { metastore, expressions }: NameSurroundings) {
    this.#sources = querySources(root);
    this.#metastore = metastore;
    this.#expressions = expressions;
  }

  visit(node: ast.KsqlAstType[keyof ast.KsqlAstType]): void {
    switch (node.$type) {
      case 'CreateSource':
      case 'CreateAs':
        return this.#add(node, 'name', { kind: 'source', name: node.name }, true);
      case 'CreateType':
        return this.#add(node, 'name', typeNamed(node.name), true);
      case 'CreateConnector':
        return this.#add(node, 'name', { kind: 'connector', name: node.name }, true);
      case 'DefineVariable':
      case 'UndefineVariable':
        return this.#add(node, 'name', variableNamed(node.name), node.$type === 'DefineVariable', 'variable');
      case 'TableElement':
      case 'AlterOption':
        return this.#declaration(node);
      case 'DropSource':
      case 'AlterSource':
      case 'DescribeSource':
      case 'AssertSource':
        return this.#add(node, 'name', { kind: 'source', name: node.name });
      case 'InsertSelect':
        return this.#add(node, 'target', { kind: 'source', name: node.target });
      case 'InsertValues':
        return this.#written(node, 'target', node.target, node.columns);
      case 'AssertValues':
      case 'AssertNullValues':
        return this.#written(node, 'source', node.source, node.columns);
      case 'DropType':
        return this.#add(node, 'name', typeNamed(node.name));
      case 'DropConnector':
      case 'DescribeConnector':
        return this.#add(node, 'name', { kind: 'connector', name: node.name });
      case 'DescribeFunction':
        return this.#add(node, 'name', functionNamed(node.name.replace(/[`"]/g, '')));
      case 'PrintTopic':
      case 'AssertTopic':
        return this.#text(node, 'topic', { kind: 'topic', name: node.topic });
      case 'TerminateQuery':
      case 'PauseQuery':
      case 'ResumeQuery':
      case 'ExplainStatement':
        if (node.queryId) this.#add(node, 'queryId', { kind: 'query', name: node.queryId });
        return;
      case 'SetProperty':
      case 'UnsetProperty':
      case 'AlterSystem':
        return this.#text(node, 'name', { kind: 'setting', name: node.name });
      default:
        this.#visitInner(node);
    }
  }

  /** Nodes within statements. */
  #visitInner(node: ast.KsqlAstType[keyof ast.KsqlAstType]): void {
    switch (node.$type) {
      case 'AliasedSource':
        this.#add(node, 'name', { kind: 'source', name: node.name });
        if (node.alias !== undefined)
          this.#add(node, 'alias', { kind: 'alias', name: node.alias, source: node.name }, true);
        return;
      case 'SelectAllOf':
        return this.#qualifier(node, 'source', node.source);
      case 'SelectExpression':
        return this.#alias(node);
      case 'ColumnReference':
        return this.#column(node, undefined);
      case 'QualifiedReference':
        this.#qualifier(node, 'qualifier', node.qualifier);
        return this.#column(node, node.qualifier);
      case 'AccessPath':
        return this.#path(node);
      case 'FunctionCall':
        return this.#add(node, 'name', functionNamed(node.name));
      case 'Lambda':
        return node.parameters.forEach((name, i) => {
          this.#add(node, 'parameters', { kind: 'parameter', name, lambda: startOf(node) }, true, 'name', i);
        });
      case 'NamedType':
        if (!PRIMITIVE_TYPES.has(node.name.toUpperCase())) this.#add(node, 'name', typeNamed(node.name));
        return;
      case 'StructTypeField':
        return this.#add(node, 'name', fieldOf(node), true);
      case 'Property':
        return this.#property(node);
      default:
    }
  }

  #add(
    node: AstNode,
    property: string,
    named: Named,
    defines = false,
    form: NameUse['form'] = 'name',
    index?: number,
  ): void {
    const range = propertyRange(node, property, index);
    // A name that stands for a variable is the variable's.
    if (range !== undefined && !named.name.startsWith('${')) this.uses.push({ named, range, defines, form });
  }

  /** A name that may be written as a text. */
  #text(node: AstNode, property: string, named: Named): void {
    const range = propertyRange(node, property);
    if (range === undefined || named.name.startsWith('${')) return;
    const isText = range.end - range.start === named.name.length + 2;
    const inner = isText ? { start: range.start + 1, end: range.end - 1 } : range;
    this.uses.push({ named, range: inner, defines: false, form: isText ? 'text' : 'name' });
  }

  #declaration(node: ast.TableElement | ast.AlterOption): void {
    const { $container: statement } = node;
    const named: NamedColumn = { kind: 'column', source: statement.name, name: node.name };
    this.#add(node, 'name', named, statement.$type !== 'AssertSource');
  }

  /** The source that a statement writes into, and the columns of it that it lists. */
  #written(node: AstNode, property: string, source: string, columns: readonly string[]): void {
    this.#add(node, property, { kind: 'source', name: source });
    columns.forEach((name, i) => {
      this.#add(node, 'columns', this.#columnNamed(source, name), false, 'name', i);
    });
  }

  #qualifier(node: AstNode, property: string, name: string): void {
    const known = this.#sources.get(name);
    if (known === undefined) return;
    const { source, aliased } = known;
    this.#add(node, property, aliased ? { kind: 'alias', name, source } : { kind: 'source', name });
  }

  /** What AS names: a column of what the query writes, or one of an answer. */
  #alias(node: ast.SelectExpression): void {
    if (!node.alias) return;
    const statement = AstUtils.getContainerOfType(
      node,
      (each): each is ast.Query => each.$type === 'Query',
    )?.$container;
    if (statement?.$type === 'CreateAs')
      this.#add(node, 'alias', { kind: 'column', source: statement.name, name: node.alias }, true);
    else if (statement?.$type === 'InsertSelect')
      this.#add(node, 'alias', { kind: 'column', source: statement.target, name: node.alias });
    else this.#add(node, 'alias', { kind: 'result', name: node.alias }, true);
  }

  #column(node: ast.ColumnReference | ast.QualifiedReference, qualifier: string | undefined): void {
    const named = this.#columnOf(node, qualifier);
    if (named !== undefined) this.#add(node, 'name', named);
  }

  /**
   * What a name in an expression stands for: what the analyser says, or, where it did not get there, what the sources
   * have.
   */
  #columnOf(node: ast.ColumnReference | ast.QualifiedReference, qualifier: string | undefined): Named | undefined {
    const { name } = node;
    const expression = this.#expressions.get(node);
    if (expression?.kind === 'lambda-parameter') return parameterAt(node);
    if (expression?.kind === 'column') {
      const source = expression.source === undefined ? undefined : this.#sources.get(expression.source)?.source;
      return source === undefined ? { kind: 'pseudo-column', name } : this.#columnNamed(source, expression.name);
    }
    if (expression !== undefined) return undefined;
    const owners = [...this.#sources]
      .filter(([alias]) => qualifier === undefined || alias === qualifier)
      .filter(([, { source }]) => this.#has(source, name));
    return owners.length === 1 ? this.#columnNamed(owners[0]![1].source, name) : undefined;
  }

  #has(source: string, column: string): boolean {
    const columns = this.#metastore.sources.get(source)?.schema.columns ?? [];
    return columns.some(({ name }) => name === column);
  }

  #columnNamed(source: string, name: string): Named {
    return isSystemColumn(name) && !this.#has(source, name)
      ? { kind: 'pseudo-column', name }
      : { kind: 'column', source, name };
  }

  /** The fields along `a->b[1]->c`. */
  #path({ base, steps }: ast.AccessPath): void {
    const column =
      base.$type === 'ColumnReference'
        ? this.#columnOf(base, undefined)
        : base.$type === 'QualifiedReference'
          ? this.#columnOf(base, base.qualifier)
          : undefined;
    const path: string[] = [];
    for (const step of steps) {
      if (step.$type !== 'Dereference') continue;
      const field = { kind: 'field', name: step.field, path: [...path] } as const;
      this.#add(step, 'field', column?.kind === 'column' ? { ...field, within: column } : field);
      path.push(step.field);
    }
  }

  /** A property of WITH, and the column or topic that its value names. */
  #property(node: ast.Property): void {
    const name = node.name.toUpperCase();
    this.#text(node, 'name', { kind: 'property', name });
    const { value, $container } = node;
    if (value.$type !== 'StringLiteral') return;
    const statement = $container.$container;
    if (name === 'KAFKA_TOPIC' || name === 'KAFKA.TOPIC')
      this.#text(value, 'value', { kind: 'topic', name: value.value });
    if (name !== 'TIMESTAMP' || (statement.$type !== 'CreateSource' && statement.$type !== 'CreateAs')) return;
    const column = /^[`"].*[`"]$/s.test(value.value) ? value.value.slice(1, -1) : value.value.toUpperCase();
    this.#text(value, 'value', { kind: 'column', source: statement.name, name: column });
  }
}

const typeNamed = (name: string): Named => ({ kind: 'type', name: name.toUpperCase() });
const functionNamed = (name: string): Named => ({ kind: 'function', name: name.toUpperCase() });
const variableNamed = (name: string): Named => ({ kind: 'variable', name: name.replace(/[`"]/g, '').toUpperCase() });

const startOf = (node: AstNode): number => node.$cstNode?.offset ?? 0;

function parameterAt(node: ast.ColumnReference | ast.QualifiedReference): Named | undefined {
  for (let around: AstNode | undefined = node; around !== undefined; around = around.$container) {
    const lambda = around as ast.Lambda;
    if (lambda.$type === 'Lambda' && lambda.parameters.includes(node.name))
      return { kind: 'parameter', name: node.name, lambda: startOf(lambda) };
  }
  return undefined;
}

/** A field where a type declares it: within a column, or within a custom type. */
function fieldOf(node: ast.StructTypeField): Named {
  const path: string[] = [];
  for (let around: AstNode | undefined = node.$container; around !== undefined; around = around.$container) {
    const inner = around as ast.StructTypeField | ast.TableElement | ast.AlterOption | ast.CreateType;
    if (inner.$type === 'StructTypeField') path.unshift(inner.name);
    if (inner.$type === 'CreateType')
      return { kind: 'field', name: node.name, path, within: { kind: 'type', name: inner.name.toUpperCase() } };
    if (inner.$type === 'TableElement' || inner.$type === 'AlterOption') {
      const within: NamedColumn = { kind: 'column', source: inner.$container.name, name: inner.name };
      return { kind: 'field', name: node.name, path, within };
    }
  }
  return { kind: 'field', name: node.name, path };
}
