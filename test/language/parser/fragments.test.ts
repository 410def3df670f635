import fc from 'fast-check';
import type { AstNode, CstNode } from 'langium';
import { describe, expect, test } from 'vitest';
import { makeTrials, type ParsedText, parseStatementText } from '../../../language/parser/ksql-parser.ts';
import { tokenize } from '../../../language/text/tokens.ts';
import { EXAMPLES } from '../format/recorded-statements.ts';

/** Nothing that is made here is nested as deep, so it is parsed as a whole. */
const AS_A_WHOLE = 1_000;

const comment = fc.constantFrom('', '', '', ' ', ' /* c */ ', ' -- c\n');
const names = fc.constantFrom('a', '`b c`', 's.a', 'ARRAY', 'end_', '1', "'t(['", '2.5e3', 'NULL', 'TRUE');

/** Expressions of all kinds, each in another, with comments between. */
const { expression } = fc.letrec<{ expression: string; nested: string }>((tie) => ({
  expression: fc.oneof({ maxDepth: 12, depthIdentifier: 'nesting' }, names, tie('nested'), tie('nested')),
  nested: fc
    .record({ one: tie('expression'), two: names, c: comment, form: fc.nat() })
    .map(({ one, two, c, form }) => FORMS[form % FORMS.length]!(one, two, c)),
}));
const FORMS: readonly ((one: string, two: string, comment: string) => string)[] = [
  (one, _, c) => `(${c}${one})`,
  (one, two, c) => `(${one} +${c} ${two})`,
  (one, two, c) => `(${one}) ||${c} -${two}`,
  (one, two, c) => `(${two} OR${c} NOT (${one}))`,
  (one, two, c) => `f(${one},${c} ${two})`,
  (one, two, c) => `f(${two},${c} ${one})`,
  (one, _, c) => `TRANSFORM(a, x =>${c} ${one})`,
  (one, _, c) => `REDUCE(a, 0, (x, y)${c} => ${one})`,
  (one, two, c) => `CASE WHEN${c} ${one} THEN ${two} END`,
  (one, two, c) => `CASE ${one} WHEN 1 THEN${c} 2 ELSE ${two} END`,
  (one, _, c) => `CAST(${one}${c} AS DECIMAL(4, 2))`,
  (one, _, c) => `CAST(${c}${one} AS MAP<INT, ARRAY<STRUCT<x ARRAY<STRUCT<y DECIMAL(4, 2)>>>>>)`,
  (one, two, c) => `ARRAY[${two},${c} ${one}]`,
  (one, two, c) => `STRUCT(x :=${c} ${two}, y := ${one})`,
  (one, two, c) => `MAP(${two} := ${c}${one}, 1 := 2)`,
  (one, two, c) => `a[${c}${one}]->f[1 + ${two}]`,
  (one, two, c) => `(a IN (${one}${c}, ${two}))`,
  (one, two, c) => `(NOT a BETWEEN (${one})${c} AND (${two}))`,
];

const type = fc.letrec<{ type: string; nested: string }>((tie) => ({
  type: fc.oneof({ maxDepth: 8 }, fc.constantFrom('INT', 'DECIMAL(4, 2)', 'ARRAY<INT>', 'my_type'), tie('nested')),
  nested: fc.tuple(tie('type'), comment, fc.nat(3)).map(([inner, c, form]) => {
    const forms = [`ARRAY<${c}${inner}>`, `MAP<INT,${c} ${inner}>`, `STRUCT<a ${inner}${c}, b INT>`, `${inner} ARRAY`];
    return forms[form]!;
  }),
})).type;

const statement = fc.oneof(
  fc
    .tuple(expression, expression, comment)
    .map(([one, two, c]) => `SELECT ${one} AS x,${c} (${two}) FROM s WHERE (${two}) = 1 EMIT CHANGES;`),
  expression.map(
    (key) => `CREATE TABLE t AS SELECT COUNT(*) FROM s GROUP BY (a, (${key})) HAVING f(${key}) EMIT CHANGES;`,
  ),
  expression.map((value) => `INSERT INTO s (a) VALUES (${value}, 1);`),
  fc.tuple(type, comment).map(([own, c]) => `CREATE STREAM IF NOT EXISTS s (a ${own}${c}) WITH (KAFKA_TOPIC='s');`),
  type.map((own) => `CREATE TYPE t AS ${own};`),
);

/** A syntax tree with the places of its nodes, and each leaf with what it belongs to. */
function treeOf(parsed: ParsedText): unknown {
  if (parsed.kind !== 'parsed') return parsed;
  const { value, parserErrors } = parsed.result;
  return { errors: parserErrors.length, tree: described(value), leaves: leavesOf(value.$cstNode!) };
}

function described(node: unknown, container?: AstNode): unknown {
  if (Array.isArray(node)) return node.map((element) => described(element, container));
  if (typeof node !== 'object' || node === null) return node;
  const own = node as AstNode;
  const { offset, end, text } = own.$cstNode!;
  const fields = Object.entries(own).filter(([key]) => !key.startsWith('$'));
  return {
    type: own.$type,
    place: [offset, end, text],
    isLinked: own.$container === container,
    within: [own.$containerProperty, own.$containerIndex],
    fields: fields.map(([key, value]) => [key, described(value, own)]),
  };
}

function leavesOf(node: CstNode): unknown[] {
  if ('content' in node) return (node.content as CstNode[]).flatMap(leavesOf);
  const { offset, end, hidden, astNode } = node;
  return [[offset, end, hidden, hidden ? undefined : astNode.$type]];
}

describe('a statement that is cut while it is parsed', () => {
  test('has the tree that it has as a whole', () => {
    fc.assert(
      fc.property(statement, fc.integer({ min: 3, max: 6 }), (text, levels) => {
        const whole = parseStatementText(text, AS_A_WHOLE);
        expect(treeOf(parseStatementText(text, levels))).toEqual(treeOf(whole));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('has errors where it has any as a whole', () => {
    const isBroken = (parsed: ParsedText) =>
      parsed.kind === 'parsed' && parsed.result.lexerErrors.length + parsed.result.parserErrors.length > 0;
    fc.assert(
      fc.property(statement, fc.nat(), fc.constantFrom('', ',', ')', 'AS', '(', 'END'), (text, place, instead) => {
        const tokens = tokenize(text);
        const { start, end } = tokens[place % tokens.length]!;
        const changed = `${text.slice(0, start)} ${instead} ${text.slice(end)}`;
        const broken = isBroken(parseStatementText(changed, AS_A_WHOLE));
        expect(isBroken(parseStatementText(changed))).toBe(broken);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

test('what is tried on a broken statement parses where it would by itself', () => {
  const statements = fc.oneof(fc.constantFrom(...EXAMPLES.map(([, text]) => text)), statement);
  const pieces = fc.constantFrom('', ',', ')', '(', 'AS', 'END', '*', 'FROM');
  const changes = fc.array(fc.tuple(fc.nat(), pieces), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(statements, fc.nat(), changes, (text, breaks, tries) => {
      const tokens = tokenize(text);
      const without = tokens[breaks % tokens.length]!;
      const broken = text.slice(0, without.start) + text.slice(without.end);
      const places = [0, ...tokenize(broken).map(({ end }) => end)];
      const parses = makeTrials();
      for (const [place, piece] of tries) {
        const at = places[place % places.length]!;
        const tried = `${broken.slice(0, at)} ${piece} ${broken.slice(at)}`;
        expect(parses(tried), tried).toBe(makeTrials()(tried));
      }
      expect(parses(text)).toBe(makeTrials()(text));
    }),
    { numRuns: 150 },
  );
}, 60_000);
