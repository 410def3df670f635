import type { ParseOptions } from '../parser/parse-options.ts';
import { type ParsedScript, type ParsedStatement, parseScript, parseSlice } from '../parser/parse-script.ts';
import { type StatementSlice, splitStatements } from '../parser/split-statements.ts';
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
  readonly slices: readonly StatementSlice[];
  /** In the order of the text; none of a test script, of which each test has an engine of its own. */
  readonly heads: ReadonlyMap<HeadKey, readonly StatementHead[]>;
  /** Indexes of the statements that may change the session. */
  readonly sessionChanges: readonly number[];
  /** The statements of a test script stand alone: they see no other file, and none sees them. */
  readonly isTest: boolean;
  readonly #statements = new Map<number, ParsedStatement>();
  #script: ParsedScript | undefined;
  #words: ReadonlySet<string> | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.isTest = /^--@test\b/m.test(text);
    this.slices = splitStatements(text).statements;
    const heads = new Map<HeadKey, StatementHead[]>();
    const sessionChanges: number[] = [];
    this.slices.forEach((slice, index) => {
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

  /** Whether a name stands in the file as a word, wherever. */
  names(name: string): boolean {
    this.#words ??= new Set(this.text.toUpperCase().match(/[A-Z_][A-Z0-9_@]*/g));
    return this.#words.has(name.toUpperCase()) || (!/^\w+$/.test(name) && this.text.includes(name));
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
          this.#sessionChangesAbove(index) === other.#sessionChangesAbove(otherIndex) &&
          this.textOf(index) === other.textOf(otherIndex)
        );
      })
    );
  }

  #sessionChangesAbove(index: number): number {
    return this.sessionChanges.length === 0 ? 0 : this.sessionChanges.findLastIndex((each) => each < index) + 1;
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
    this.#script ??= parseScript(this.text, { ...options, testStatements: this.isTest });
    return this.#script;
  }

  /** Lets go of the trees of all statements but those that other files have asked for. */
  release(): void {
    this.#script = undefined;
  }

  /** Forgets what was parsed, because it would be parsed otherwise now. */
  forget(): void {
    this.#script = undefined;
    this.#statements.clear();
  }
}
