import { EvaluationError } from '../../types/evaluation-error.ts';
import { caseVariants } from './classes.ts';
import { isWithinCharacter } from './is-within-character.ts';
import { type Instruction, Operation, type RegexProgram } from './program.ts';
import { stepLimit } from './step-limit.ts';

/** Bits of memory for what failed already; beyond it nothing is kept, and the steps alone are the limit. */
const MAX_FAILURES = 2 ** 28;
/** Numbers on the stack of what can be tried yet: 64 MB. */
const MAX_STACK = 2 ** 24;
/** Memory of more numbers is given back after each search. */
const KEPT_SIZE = 2 ** 14;
/** Numbers for each entry of the stack: an instruction (or a register, counted from -1 down) and two that it needs. */
const ENTRY = 3;

/**
 * Finds what java.util.regex finds, by trying and going back as it does, with two differences: what failed once at a
 * place of pattern and text is not tried there again, so that the time is linear in the text wherever there is no
 * reference to a group, nothing behind that varies and no large count; and the steps are counted, so that it ends in
 * any case.
 */
export class RegexMatcher {
  readonly #program: RegexProgram;
  readonly #registers: Int32Array;
  #stack = new Int32Array(0);
  #top = 0;
  #text = '';
  #failures = new Uint32Array(0);
  #isKept = false;
  #stepsLeft = 0;
  /** Where a look behind has to end. */
  #behindEnd = 0;
  /** Where marks were looked at last, and whether there is a letter before them. */
  #marksEnd = -1;
  #hasLetterBeforeMarks = false;
  /** Where the innermost pattern ended that was accepted. */
  #end = 0;

  constructor(program: RegexProgram) {
    this.#program = program;
    this.#registers = new Int32Array(program.registerCount);
  }

  /** Begins the search of a text; the limit of steps is that of all its matches together. */
  open(text: string, maxSteps: number = stepLimit(text)): void {
    this.#text = text;
    this.#marksEnd = -1;
    this.#stepsLeft = maxSteps;
    const bits = (text.length + 1) * this.#program.slotCount;
    this.#isKept = bits > 0 && bits <= MAX_FAILURES;
    if (!this.#isKept) return;
    const words = Math.ceil(bits / 32);
    if (words > this.#failures.length) this.#failures = new Uint32Array(words);
    else this.#failures.fill(0, 0, words);
  }

  /**
   * The first match at or after a position of the text that was opened: the ends of the whole and of each group, -1 for
   * a group that took no part. The array is overwritten by the next search.
   * @throws EvaluationError when it takes too many steps
   */
  find(from: number): Int32Array | undefined {
    const registers = this.#registers.fill(-1);
    const { start, first, skipsHalves } = this.#program;
    const text = this.#text;
    for (let at = from; at <= text.length; at++) {
      if (first !== undefined && (at === text.length || first[Math.min(text.charCodeAt(at), 128)] === 0)) continue;
      if (skipsHalves && at > from && isWithinCharacter(text, at)) continue;
      this.#top = 0;
      if (!this.#matches(start, at)) continue;
      registers[0] = at;
      registers[1] = this.#end;
      return registers;
    }
    return undefined;
  }

  /** Ends the search of a text, and gives large memory back. */
  close(): void {
    this.#text = '';
    if (this.#stack.length > KEPT_SIZE) this.#stack = new Int32Array(0);
    if (this.#failures.length > KEPT_SIZE) this.#failures = new Uint32Array(0);
  }

  /**
   * Whether the instructions from one on lead to an acceptance. What they could try yet is forgotten then, as it is in
   * Java.
   */
  #matches(start: number, from: number): boolean {
    const { code } = this.#program;
    const text = this.#text;
    const bottom = this.#top;
    let at = start;
    let position = from;
    for (;;) {
      if (--this.#stepsLeft < 0) throw tooManySteps(text);
      const instruction = code[at]!;
      switch (instruction.operation) {
        case Operation.character: {
          const width = widthOf(instruction, text, position);
          at = width === 0 ? -1 : instruction.next;
          position += width;
          break;
        }
        case Operation.split:
          at = this.#split(instruction, at, position);
          break;
        case Operation.run:
          position = this.#run(instruction, at, position);
          at = position < 0 ? -1 : instruction.next;
          break;
        case Operation.loop:
          at = this.#loop(instruction, at, position);
          break;
        case Operation.accept:
          this.#top = bottom;
          this.#end = position;
          return true;
        case Operation.acceptBehind:
          if (position === this.#behindEnd) {
            this.#top = bottom;
            return true;
          }
          at = -1;
          break;
        default:
          at = this.#perform(instruction, position) ? instruction.next : -1;
          position = this.#end;
      }
      if (at >= 0) continue;
      at = this.#back(bottom);
      if (at < 0) return false;
      position = this.#end;
    }
  }

  /** Does what an instruction says that has one way on. @returns whether it goes on, at the position in `#end` */
  #perform(instruction: Instruction, position: number): boolean {
    const { operation, register, group, loop, other } = instruction;
    this.#end = position;
    switch (operation) {
      case Operation.open:
        this.#set(register, position);
        return true;
      case Operation.close:
        this.#set(2 * group, this.#registers[register]!);
        this.#set(2 * group + 1, position);
        return true;
      case Operation.enter:
        this.#set(loop!.count, 0);
        this.#set(loop!.begin, -1);
        return true;
      case Operation.look: {
        const isFound = this.#looks(instruction, position);
        this.#end = position;
        return isFound !== instruction.isNegated;
      }
      case Operation.atomic:
        return this.#matches(other, position);
      case Operation.keep:
        return this.#keep(instruction, position);
      case Operation.reference:
        return this.#refer(instruction, position);
      case Operation.place:
        return this.#isAt(instruction, position);
      default:
        return false;
    }
  }

  #push(tag: number, a: number, b: number): void {
    const top = this.#top;
    if (top + ENTRY > this.#stack.length) this.#grow();
    const stack = this.#stack;
    stack[top] = tag;
    stack[top + 1] = a;
    stack[top + 2] = b;
    this.#top = top + ENTRY;
  }

  #grow(): void {
    if (this.#stack.length >= MAX_STACK) throw tooManySteps(this.#text);
    const larger = new Int32Array(Math.max(256 * ENTRY, this.#stack.length * 2));
    larger.set(this.#stack);
    this.#stack = larger;
  }

  #set(register: number, value: number): void {
    this.#push(-1 - register, this.#registers[register]!, 0);
    this.#registers[register] = value;
  }

  /**
   * Goes back to the last place where something else can be tried. @returns its instruction, the position being in
   * `#end`; -1 for none
   */
  #back(bottom: number): number {
    const { code } = this.#program;
    const stack = this.#stack;
    while (this.#top > bottom) {
      if (--this.#stepsLeft < 0) throw tooManySteps(this.#text);
      const entry = this.#top - ENTRY;
      const tag = stack[entry]!;
      if (tag < 0) {
        this.#registers[-1 - tag] = stack[entry + 1]!;
        this.#top = entry;
        continue;
      }
      const instruction = code[tag]!;
      const next =
        instruction.operation === Operation.run
          ? this.#backInRun(instruction, entry)
          : this.#backInChoice(instruction, entry);
      if (next >= 0) return next;
    }
    return -1;
  }

  /** The second of two ways; or, where both were tried, the note that both failed. */
  #backInChoice(instruction: Instruction, entry: number): number {
    const position = this.#stack[entry + 1]!;
    const isSecond = this.#stack[entry + 2] === 0;
    if (this.#isKept && instruction.slot >= 0) {
      if (isSecond) this.#stack[entry + 2] = 1;
      else this.#markFailed(instruction, position, position);
    }
    if (!isSecond || !this.#isKept || instruction.slot < 0) this.#top = entry;
    if (!isSecond) return -1;
    this.#end = position;
    const { loop } = instruction;
    if (loop === undefined) return instruction.other;
    return loop.isReluctant ? this.#nextRound(instruction, position) : instruction.next;
  }

  #split(instruction: Instruction, at: number, position: number): number {
    if (this.#hasFailed(instruction, position)) return -1;
    this.#push(at, position, 0);
    return instruction.next;
  }

  /** A round that matched nothing is the last, even where more are asked for. */
  #loop(instruction: Instruction, at: number, position: number): number {
    const { count, begin, min, max, isReluctant } = instruction.loop!;
    const rounds = this.#registers[count]!;
    if (this.#registers[begin] === position) return instruction.next;
    if (rounds < min) return this.#nextRound(instruction, position);
    if (rounds >= max) return instruction.next;
    if (this.#hasFailed(instruction, position)) return -1;
    this.#push(at, position, 0);
    return isReluctant ? instruction.next : this.#nextRound(instruction, position);
  }

  #nextRound(instruction: Instruction, position: number): number {
    const { count, begin, counts } = instruction.loop!;
    const rounds = this.#registers[count]!;
    this.#set(count, Math.min(rounds + 1, counts - 1));
    this.#set(begin, position);
    return instruction.other;
  }

  /** @returns where the run ends at first, or -1 */
  #run(instruction: Instruction, at: number, from: number): number {
    const { min, max, mode } = instruction;
    let position = from;
    for (let count = 0; count < min; count++) {
      const width = widthOf(instruction, this.#text, position);
      if (width === 0) return -1;
      position += width;
      if (--this.#stepsLeft < 0) throw tooManySteps(this.#text);
    }
    const low = position;
    if (this.#hasFailed(instruction, low)) return -1;
    if (mode === 'reluctant') {
      this.#push(at, max === Infinity ? low : max - min, low);
      return low;
    }
    let before = low;
    const isKept = this.#isKept && instruction.slot >= 0;
    for (let count = min; count < max; count++) {
      const width = widthOf(instruction, this.#text, position);
      if (width === 0) break;
      before = position;
      position += width;
      if (--this.#stepsLeft < 0) throw tooManySteps(this.#text);
      if (isKept && this.#hasFailed(instruction, position)) {
        if (mode === 'possessive') return -1;
        // Neither this end nor a later one leads to a match.
        position = before;
        break;
      }
    }
    if (mode === 'greedy' ? isKept || position > low : isKept) this.#push(at, low, position);
    return position;
  }

  /** The next end of a run of characters; or, where there is no other, the note that all failed. */
  #backInRun(instruction: Instruction, entry: number): number {
    const stack = this.#stack;
    const [a, position] = [stack[entry + 1]!, stack[entry + 2]!];
    const isKept = this.#isKept && instruction.slot >= 0;
    if (instruction.mode === 'reluctant') return this.#backInReluctantRun(instruction, entry);
    if (instruction.mode === 'possessive') {
      this.#markFailed(instruction, a, position);
      this.#top = entry;
      return -1;
    }
    if (isKept) this.#markFailed(instruction, position, position);
    if (position === a) {
      this.#top = entry;
      return -1;
    }
    const shorter = position - (position - a > 1 && isWithinCharacter(this.#text, position - 1) ? 2 : 1);
    stack[entry + 2] = shorter;
    if (!isKept && shorter === a) this.#top = entry;
    this.#end = shorter;
    return instruction.next;
  }

  #backInReluctantRun(instruction: Instruction, entry: number): number {
    const stack = this.#stack;
    const isEndless = instruction.max === Infinity;
    const [a, position] = [stack[entry + 1]!, stack[entry + 2]!];
    const width = !isEndless && a === 0 ? 0 : widthOf(instruction, this.#text, position);
    if (width === 0 || this.#hasFailed(instruction, position + width)) {
      if (isEndless) this.#markFailed(instruction, a, position);
      this.#top = entry;
      return -1;
    }
    if (!isEndless) stack[entry + 1] = a - 1;
    stack[entry + 2] = position + width;
    this.#end = position + width;
    return instruction.next;
  }

  #looks(instruction: Instruction, position: number): boolean {
    const { other, isBehind, min, max } = instruction;
    if (!isBehind) return this.#matches(other, position);
    const outerEnd = this.#behindEnd;
    this.#behindEnd = position;
    let isFound = false;
    for (let from = position - min; !isFound && from >= Math.max(0, position - max); from--)
      isFound = this.#matches(other, from);
    this.#behindEnd = outerEnd;
    return isFound;
  }

  #keep({ other, min, max }: Instruction, from: number): boolean {
    let position = from;
    for (let count = 0; count < max; count++) {
      if (!this.#matches(other, position)) {
        this.#end = position;
        return count >= min;
      }
      if (this.#end === position && count >= min) return true;
      position = this.#end;
    }
    return true;
  }

  #refer({ group, caseMode }: Instruction, position: number): boolean {
    const start = this.#registers[2 * group]!;
    const end = this.#registers[2 * group + 1]!;
    if (start < 0) return false;
    const text = this.#text;
    this.#stepsLeft -= end - start;
    if (caseMode === 'exact') {
      this.#end = position + end - start;
      return text.startsWith(text.slice(start, end), position);
    }
    let at = position;
    for (let from = start; from < end; ) {
      const wanted = text.codePointAt(from)!;
      const found = text.codePointAt(at);
      if (found === undefined || !caseVariants(wanted, caseMode).includes(found)) return false;
      from += wanted > 0xffff ? 2 : 1;
      at += found > 0xffff ? 2 : 1;
    }
    this.#end = at;
    return true;
  }

  #isAt({ place, regex }: Instruction, position: number): boolean {
    switch (place) {
      case 'start':
        return position === 0;
      case 'end':
        return position === this.#text.length;
      case 'boundary':
        return this.#isWordBefore(position) !== this.#isWordAt(position);
      case 'no-boundary':
        return this.#isWordBefore(position) === this.#isWordAt(position);
      case 'other':
        // JavaScript would go back to the beginning of a character; within one there is no end of a line.
        if (isWithinCharacter(this.#text, position)) return false;
        regex!.lastIndex = position;
        return regex!.test(this.#text);
      default:
        return place satisfies never;
    }
  }

  #isWordAt(position: number): boolean {
    const character = characterAt(this.#text, position);
    return WORD.test(character) || (MARK.test(character) && this.#isLetterBeforeMarks(position));
  }

  #isWordBefore(position: number): boolean {
    const character = characterBefore(this.#text, position);
    return WORD.test(character) || (MARK.test(character) && this.#isLetterBeforeMarks(position));
  }

  #isLetterBeforeMarks(position: number): boolean {
    let at = position;
    let character = characterBefore(this.#text, at);
    // Where this was asked one mark before, the answer is the same.
    for (; at !== this.#marksEnd && MARK.test(character); character = characterBefore(this.#text, at)) {
      if (--this.#stepsLeft < 0) throw tooManySteps(this.#text);
      at -= character.length;
    }
    if (at !== this.#marksEnd) this.#hasLetterBeforeMarks = LETTER.test(character);
    this.#marksEnd = position;
    return this.#hasLetterBeforeMarks;
  }

  #hasFailed(instruction: Instruction, position: number): boolean {
    if (!this.#isKept || instruction.slot < 0) return false;
    const bit = this.#bit(instruction, position);
    return ((this.#failures[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
  }

  /** Keeps that nothing came of an instruction at the positions from one to another. */
  #markFailed(instruction: Instruction, from: number, to: number): void {
    if (!this.#isKept || instruction.slot < 0) return;
    for (let position = from; position <= to; position++) {
      const bit = this.#bit(instruction, position);
      this.#failures[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  /**
   * What comes of an instruction depends on the position, and on the counts of the loops around and whether they have
   * moved.
   */
  #bit({ slot, around }: Instruction, position: number): number {
    let state = 0;
    for (const { count, begin, counts } of around) {
      const isFresh = this.#registers[begin] === position ? 1 : 0;
      state = (state * counts + this.#registers[count]!) * 2 + isFresh;
    }
    return position * this.#program.slotCount + slot + state;
  }
}

const WORD = /^[\p{L}\p{Nd}_]/u;
const LETTER = /^[\p{L}\p{Nd}]/u;
const MARK = /^\p{Mn}/u;

const tooManySteps = (text: string): EvaluationError =>
  new EvaluationError(
    `The regular expression takes too many steps over a text of ${text.length} characters. Simplify repetitions within repetitions and references to groups.`,
  );

/** How many units one character of the set of an instruction has at a position; 0 where there is none. */
function widthOf({ set }: Instruction, text: string, position: number): number {
  if (position >= text.length) return 0;
  const unit = text.charCodeAt(position);
  if (unit < 128) return set!.ascii[unit]!;
  const code = unit >= 0xd800 && unit <= 0xdbff ? text.codePointAt(position)! : unit;
  return set!.has(code) ? (code > 0xffff ? 2 : 1) : 0;
}

const characterAt = (text: string, at: number): string =>
  at < text.length ? String.fromCodePoint(text.codePointAt(at)!) : '';

const characterBefore = (text: string, at: number): string =>
  at === 0 ? '' : isWithinCharacter(text, at - 1) ? text.slice(at - 2, at) : text[at - 1]!;
