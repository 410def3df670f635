import { analyzeScript, parseScript } from '../../language/index.ts';
import { EMPTY_METASTORE } from '../../language/metastore/metastore.ts';
import { statementNames } from '../../language/names/statement-names.ts';
import type { NeededStatement } from '../protocol.ts';
import type { Script } from '../scripts/script-store.ts';

/** What is there already; undefined: nothing is known to be. */
export interface PresentNames {
  readonly sources: ReadonlyMap<string, unknown>;
  readonly types: ReadonlyMap<string, unknown>;
}

interface Maker extends NeededStatement {
  readonly kind: 'source' | 'type';
}

/**
 * The statements of open scripts that make what a statement names and the server does not have, and what those need in turn, each
 * after those that it needs.
 * @param scripts the statement's own first: where several make the same, its own is taken
 */
export function neededStatements(
  text: string,
  scripts: readonly Script[],
  present: PresentNames | undefined,
): readonly NeededStatement[] {
  const makers = scripts.flatMap(makersOf).filter((maker) => maker.text !== text && !isPresent(maker, present));
  const firsts = firstOfEach(makers);
  const needed: Maker[] = [];
  const visiting = new Set<Maker>();
  const visit = (statement: string) => {
    const named = namesIn(statement);
    for (const maker of firsts) {
      if (visiting.has(maker) || maker.text === statement || !named.has(`${maker.kind} ${maker.name}`)) continue;
      visiting.add(maker);
      visit(maker.text);
      needed.push(maker);
    }
  };
  visit(text);
  return needed.map(({ uri, start, text: needs, name }) => ({ uri, start, text: needs, name }));
}

function makersOf({ document, parsed }: Script): Maker[] {
  return parsed.statements.flatMap(({ node, text, range }): Maker[] => {
    const at = { uri: document.uri, start: range.start, text };
    if (node?.$type === 'CreateSource' || node?.$type === 'CreateAs')
      return [{ ...at, kind: 'source', name: node.name }];
    return node?.$type === 'CreateType' ? [{ ...at, kind: 'type', name: node.name }] : [];
  });
}

const isPresent = ({ kind, name }: Maker, present: PresentNames | undefined): boolean =>
  present !== undefined && (kind === 'source' ? present.sources : present.types).has(name);

function firstOfEach(makers: readonly Maker[]): readonly Maker[] {
  return [...Map.groupBy(makers, ({ kind, name }) => `${kind} ${name}`).values()].map(([first]) => first!);
}

/** The sources and types that a statement names, as `source NAME`. What they are need not be known for that. */
function namesIn(text: string): ReadonlySet<string> {
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const parsed = parseScript(text, settings);
  const analysis = analyzeScript(parsed, EMPTY_METASTORE, settings);
  return new Set(
    parsed.statements.flatMap((statement) =>
      statementNames(statement, analysis, new Set()).uses.map(({ named }) => `${named.kind} ${named.name}`),
    ),
  );
}
