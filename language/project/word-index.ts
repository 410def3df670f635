import type { ProjectFile } from './project-file.ts';

/**
 * Which words the files of a project have, so that a look tells whether a name stands in another file. A file is read
 * when somebody first asks about others than it: typing in a file costs nothing here.
 */
export class WordIndex {
  readonly #counts = new Map<string, number>();
  readonly #wordsOf = new Map<ProjectFile, ReadonlySet<string>>();
  readonly #unread = new Set<ProjectFile>();

  /** Takes over that a file has come, gone or has another text. */
  replace(before: ProjectFile | undefined, after: ProjectFile | undefined): void {
    if (before !== undefined) {
      this.#unread.delete(before);
      for (const word of this.#wordsOf.get(before) ?? []) this.#add(word, -1);
      this.#wordsOf.delete(before);
    }
    if (after !== undefined) this.#unread.add(after);
  }

  /** Whether a name stands in another file than the given one, wherever. */
  isElsewhere(name: string, than: ProjectFile): boolean {
    for (const file of this.#unread) if (file !== than) this.#read(file);
    const word = name.toUpperCase();
    const own = this.#wordsOf.get(than)?.has(word) ? 1 : 0;
    if ((this.#counts.get(word) ?? 0) > own) return true;
    // What is no word may stand in a text as it is.
    return !/^\w+$/.test(name) && [...this.#wordsOf.keys()].some((file) => file !== than && file.text.includes(name));
  }

  #read(file: ProjectFile): void {
    const words = new Set(file.text.toUpperCase().match(/[A-Z_][A-Z0-9_@]*/g));
    this.#unread.delete(file);
    this.#wordsOf.set(file, words);
    for (const word of words) this.#add(word, 1);
  }

  #add(word: string, by: number): void {
    const count = (this.#counts.get(word) ?? 0) + by;
    if (count === 0) this.#counts.delete(word);
    else this.#counts.set(word, count);
  }
}
