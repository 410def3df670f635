import { namedSources } from '../../language/parser/named-sources.ts';
import { tokenize } from '../../language/text/tokens.ts';
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

/** Words before the name of the source that a statement is about. */
const BEFORE_NAME = new Set('INTO STREAM TABLE DESCRIBE'.split(' '));

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
  const needed: Maker[] = [];
  const visiting = new Set<Maker>();
  const visit = (statement: string) => {
    const named = namesIn(statement);
    for (const maker of firstOfEach(makers)) {
      if (visiting.has(maker) || maker.text === statement || !named[maker.kind].has(maker.name)) continue;
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

/** Names that may be of sources, by where they stand, and of types, which may stand anywhere. */
function namesIn(text: string): Readonly<Record<Maker['kind'], ReadonlySet<string>>> {
  const tokens = tokenize(text).filter(({ kind }) => kind === 'word' || kind === 'quoted');
  const about = tokens.filter((_, i) => {
    const before = tokens[i - 1];
    return before?.kind === 'word' && BEFORE_NAME.has(before.value);
  });
  return {
    source: new Set([...namedSources(text), ...about.map(({ value: name }) => ({ name }))].map(({ name }) => name)),
    type: new Set(tokens.map(({ value }) => value)),
  };
}
