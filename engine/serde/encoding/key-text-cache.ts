import { ByteIndex } from '../../bytes/byte-index.ts';
import { decodeUtf8 } from './bytes.ts';

/** Longer texts are made anew each time. */
const LONGEST = 64;
/** So many texts are not looked for after too few were found. */
const PAUSE = 1_000_000;

/**
 * Texts of keys, which come again and again: of the same bytes it gives the same object, so that a map finds its entry
 * without looking at the characters. Where keys hardly ever come again it looks for none for a while.
 */
export class KeyTextCache {
  readonly #index = new ByteIndex();
  readonly #texts: string[] = [];
  #generation = 0;
  #found = 0;
  #pause = 0;

  text(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > LONGEST) return decodeUtf8(bytes, start, end);
    if (this.#pause > 0) {
      this.#pause--;
      return decodeUtf8(bytes, start, end);
    }
    const known = this.#index.find(bytes, start, end);
    if (known >= 0) {
      this.#found++;
      return this.#texts[known]!;
    }
    const text = decodeUtf8(bytes, start, end);
    this.#add(this.#index.add(bytes, start, end), text);
    return text;
  }

  #add(number: number, text: string): void {
    if (this.#index.generation !== this.#generation) {
      if (this.#found < this.#texts.length) this.#pause = PAUSE;
      this.#generation = this.#index.generation;
      this.#found = 0;
      this.#texts.length = 0;
    }
    this.#texts[number] = text;
  }
}
