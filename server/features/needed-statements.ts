import { analyzeScript, parseScript } from '../../language/index.ts';
import { EMPTY_METASTORE } from '../../language/metastore/metastore.ts';
import { statementNames } from '../../language/names/statement-names.ts';
import type { HeadKey, ProjectFile } from '../../language/project/project-file.ts';
import type { NeededStatement } from '../protocol.ts';

/** What is there already; undefined: nothing is known to be. */
export interface PresentNames {
  readonly sources: ReadonlyMap<string, unknown>;
  readonly types: ReadonlyMap<string, unknown>;
}

interface Maker extends NeededStatement {
  readonly key: HeadKey;
}

/**
 * The statements of a project that make what a statement names and the server does not have, and what those need in
 * turn, each after those that it needs.
 * @param files the statement's own first: where several make the same, the first one counts
 */
export function neededStatements(
  text: string,
  files: readonly ProjectFile[],
  present: PresentNames | undefined,
): readonly NeededStatement[] {
  const needed: Maker[] = [];
  const visiting = new Set<HeadKey>();
  const visit = (statement: string) => {
    const named = namesIn(statement).filter((key) => !visiting.has(key) && !isPresent(key, present));
    const makers = named.flatMap((key) => makerOf(key, files) ?? []).sort(byPlace(files));
    for (const maker of makers) {
      if (visiting.has(maker.key) || maker.text === statement || maker.text === text) continue;
      visiting.add(maker.key);
      visit(maker.text);
      needed.push(maker);
    }
  };
  visit(text);
  return needed.map(({ uri, start, text: needs, name }) => ({ uri, start, text: needs, name }));
}

function makerOf(key: HeadKey, files: readonly ProjectFile[]): Maker | undefined {
  const file = files.find((each) => each.makes(key));
  const head = file?.heads.get(key)?.find(({ effect }) => effect !== 'change');
  if (file === undefined || head === undefined) return undefined;
  const { index, name } = head;
  return { key, uri: file.path, start: file.slices[index]!.start, text: file.textOf(index), name };
}

const byPlace =
  (files: readonly ProjectFile[]) =>
  (a: Maker, b: Maker): number => {
    const rank = ({ uri }: Maker) => files.findIndex(({ path }) => path === uri);
    return rank(a) - rank(b) || a.start - b.start;
  };

function isPresent(key: HeadKey, present: PresentNames | undefined): boolean {
  const [kind, name] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
  return present !== undefined && (kind === 'source' ? present.sources : present.types).has(name);
}

/** The sources and types that a statement names. What they are need not be known for that. */
function namesIn(text: string): readonly HeadKey[] {
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const parsed = parseScript(text, settings);
  const analysis = analyzeScript(parsed, EMPTY_METASTORE, settings);
  const named = parsed.statements.flatMap((statement) => statementNames(statement, analysis, new Set()).uses);
  const keys = named.flatMap(({ named: { kind, name } }): HeadKey[] =>
    kind === 'source' || kind === 'type' ? [`${kind} ${name}`] : [],
  );
  return [...new Set(keys)];
}
