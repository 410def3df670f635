import { GrammarAST } from 'langium';
import { KsqlGrammar } from '../language/generated/grammar.ts';
import { STATEMENT_ROLES, type StatementRole } from '../language/parser/statement-roles.ts';

const rules = new Map(
  KsqlGrammar()
    .rules.filter(GrammarAST.isParserRule)
    .map((rule) => [rule.name, rule]),
);
const roles: Readonly<Partial<Record<string, StatementRole>>> = STATEMENT_ROLES;

/** The rules that a rule of alternatives stands for, and theirs; a rule that is none stands for itself. */
function leaves(rule: GrammarAST.ParserRule): readonly GrammarAST.ParserRule[] {
  const { definition } = rule;
  const parts = GrammarAST.isAlternatives(definition) ? definition.elements : [definition];
  if (!parts.every((part) => GrammarAST.isRuleCall(part))) return [rule];
  return parts.flatMap((part) => leaves(rules.get((part as GrammarAST.RuleCall).rule.$refText)!));
}

/** The keywords that an element can begin with. */
function firstWords(element: GrammarAST.AbstractElement): readonly string[] {
  if (GrammarAST.isKeyword(element)) return [element.value];
  if (GrammarAST.isAlternatives(element)) return element.elements.flatMap(firstWords);
  if (GrammarAST.isRuleCall(element)) return firstWords(rules.get(element.rule.$refText)!.definition);
  if (!GrammarAST.isGroup(element)) throw new TypeError(`No statement begins with a ${element.$type}`);
  // Actions take no text. A statement begins with a word that it cannot do without.
  const [first] = element.elements.filter((part) => !GrammarAST.isAction(part));
  if (first === undefined || first.cardinality !== undefined) throw new TypeError('A statement begins with its verb');
  return firstWords(first);
}

/** The source of `language/parser/verbs.ts`: the words that statements begin with, in the order of the grammar. */
export function verbsText(): string {
  const [forTests, written] = [true, false].map((isTest) => {
    const statements = leaves(rules.get('Statement')!).filter(({ name }) => (roles[name] === 'test') === isTest);
    return new Set(statements.flatMap(({ definition }) => firstWords(definition)));
  }) as [Set<string>, Set<string>];
  const onlyInTests = new Set([...forTests].filter((verb) => !written.has(verb)));
  return `/** The words that statements begin with. Made from the grammar by \`npm run generate\`. */
${declaration('STATEMENT_VERBS', written)}

/** Words that only statements of test files begin with. */
${declaration('TEST_VERBS', onlyInTests)}
`;
}

/** As the formatter would write it: in one line where it is short enough. */
function declaration(name: string, words: ReadonlySet<string>): string {
  const quoted = [...words].map((word) => `'${word}'`);
  const line = `export const ${name} = [${quoted.join(', ')}] as const;`;
  return line.length <= 120
    ? line
    : `export const ${name} = [\n${quoted.map((word) => `  ${word},\n`).join('')}] as const;`;
}
