import type { ParseOptions } from '../parser/parse-options.ts';
import { type ParsedScript, type ParsedStatement, parseScript, parseSlice } from '../parser/parse-script.ts';
import { type SplitScript, type StatementSlice, splitStatements } from '../parser/split-statements.ts';
import { changesSession, type StatementHead, statementHead } from './statement-head.ts';

/** Equal for the sources, or types, of one name. */
export type HeadKey = `${'source' | 'type'} ${string}`;

export const headKey = ({ kind, name }: Pick<StatementHead, 'kind' | 'name'>): HeadKey => `${kind} ${name}`;

/**
 * A file of a project as others see it: cut into statements, of which it is known what they make. What more there is to
 * know of a statement is found out when somebody wants to know it.
 */
export class ProjectFile {
  readonly path: string;
  readonly text: string;
  readonly split: SplitScript;
  readonly slices: readonly StatementSlice[];
  /** In the order of the text; none of a test script, of which each test has an engine of its own. */
  readonly heads: ReadonlyMap<HeadKey, readonly StatementHead[]>;
  /** Indexes of the statements that may change the session. */
  readonly sessionChanges: readonly number[];
  /** The statements of a test script stand alone: they see no other file, and none sees them. */
  readonly isTest: boolean;
  /** How many statements above each one change the session. */
  readonly #changesAbove: number[] = [];
  readonly #statements = new Map<number, ParsedStatement>();
  #script: ParsedScript | undefined;
  /** Of a text before, as long as this one is not parsed. */
  #earlier: ParsedScript | undefined;

  /** @param before the file with another text */
  constructor(path: string, text: string, before?: ProjectFile) {
    this.path = path;
    this.text = text;
    this.isTest = text.includes('--@test') && /^--@test\b/m.test(text);
    this.split = splitStatements(text, before?.split);
    this.slices = this.split.statements;
    this.#earlier = before && (before.#script ?? before.#earlier);
    const heads = new Map<HeadKey, StatementHead[]>();
    const sessionChanges: number[] = [];
    this.slices.forEach((slice, index) => {
      this.#changesAbove.push(sessionChanges.length);
      if (changesSession(text.slice(slice.start, slice.start + 9))) sessionChanges.push(index);
      const head = this.isTest ? undefined : statementHead(text, slice, index);
      if (head === undefined) return;
      const alike = heads.get(headKey(head));
      if (alike === undefined) heads.set(headKey(head), [head]);
      else alike.push(head);
    });
    this.heads = heads;
    this.sessionChanges = sessionChanges;
  }

  /** Whether the file makes what has the key. */
  makes(key: HeadKey): boolean {
    return this.heads.get(key)?.some(({ effect }) => effect !== 'change') === true;
  }

  /** Whether all that the file does to what has the key is to replace it. */
  onlyReplaces(key: HeadKey): boolean {
    return this.heads.get(key)?.every(({ effect, orReplace }) => effect === 'change' || orReplace) === true;
  }

  /** The statements that change the session, as a text that is another one when they are. */
  get sessionText(): string {
    return this.sessionChanges.map((index) => this.textOf(index)).join('\n');
  }

  /** Whether another version of the file does the same to what has the key, behind as many changes of the session. */
  isAlike(other: ProjectFile, key: HeadKey): boolean {
    const [own, others] = [this.heads.get(key) ?? [], other.heads.get(key) ?? []];
    return (
      own.length === others.length &&
      own.every(({ index }, i) => {
        const { index: otherIndex } = others[i]!;
        return (
          this.#changesAbove[index] === other.#changesAbove[otherIndex] &&
          this.textOf(index) === other.textOf(otherIndex)
        );
      })
    );
  }

  textOf(index: number): string {
    const { start, end } = this.slices[index]!;
    return this.text.slice(start, end);
  }

  /** One statement, parsed. */
  statement(index: number, options: ParseOptions): ParsedStatement {
    const known = this.#statements.get(index);
    if (known !== undefined) return known;
    const parsed = this.#script?.statements[index] ?? parseSlice(this.text, this.slices[index]!, index, options, false);
    this.#statements.set(index, parsed);
    return parsed;
  }

  /** The whole file, parsed. */
  script(options: ParseOptions): ParsedScript {
    if (this.#script !== undefined) return this.#script;
    const earlier = this.#earlier;
    this.#earlier = undefined;
    this.#script = parseScript(this.text, { ...options, testStatements: this.isTest }, this.split, earlier);
    return this.#script;
  }

  /** Lets go of the trees of all statements but those that other files have asked for. */
  release(): void {
    this.#script = undefined;
    this.#earlier = undefined;
  }

  /** Forgets what was parsed, because it would be parsed otherwise now. */
  forget(): void {
    this.release();
    this.#statements.clear();
  }
}
