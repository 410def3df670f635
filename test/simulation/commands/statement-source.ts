import type { Chance } from '../../support/chance.ts';

/** A statement that bears its number, by which it is found in a log. */
export interface NumberedStatement {
  readonly number: number;
  readonly text: string;
}

const KINDS = 14;

/** The number of a statement; undefined for any other text. */
export function numberOf(text: string): number | undefined {
  const number = /\/\*(\d+)\*\//.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * Makes statements that change an engine, over few names, so that they get into each other's way: a source of few kinds
 * and names makes them meet often, one of many makes all kinds meet.
 */
export class StatementSource {
  readonly #random: Chance;
  readonly #names: number;
  readonly #kinds: readonly number[];
  #number = 0;

  constructor(random: Chance) {
    this.#random = random;
    this.#names = 1 + random.below(3);
    const likelihood = random.pick([0.2, 0.5, 1]);
    const kinds = Array.from({ length: KINDS }, (_, kind) => kind).filter(() => random.happens(likelihood));
    this.#kinds = kinds.length === 0 ? [0] : kinds;
  }

  /** @param queryIds those that there are, as far as the client knows */
  next(queryIds: readonly string[]): NumberedStatement {
    const number = this.#number++;
    const [verb, rest] = this.#statement(queryIds, number);
    return { number, text: `${verb} /*${number}*/ ${rest};` };
  }

  #statement(queryIds: readonly string[], number: number): readonly [verb: string, rest: string] {
    const random = this.#random;
    const one = (prefix: string) => `${prefix}${random.below(this.#names)}`;
    const query = random.happens(0.1) || queryIds.length === 0 ? 'ALL' : random.pick(queryIds);
    const source = one('s');
    const target = one('a');
    const unlessThere = random.pick(['', '', 'IF NOT EXISTS ']);
    const deletes = random.pick(['', ' DELETE TOPIC']);
    const columns = `(k INT KEY, v INT, n${number} INT)`;
    const topic = `KAFKA_TOPIC='${one('t')}', VALUE_FORMAT='JSON', PARTITIONS=${1 + random.below(2)}`;
    const statements = [
      ['CREATE', `STREAM ${unlessThere}${source} ${columns} WITH (${topic})`],
      ['CREATE OR REPLACE', `STREAM ${source} ${columns} WITH (${topic})`],
      ['ALTER', `STREAM ${source} ADD COLUMN n${number} INT`],
      ['CREATE', `STREAM ${unlessThere}${target} AS SELECT k, v FROM ${source}`],
      ['CREATE OR REPLACE', `STREAM ${target} AS SELECT k, v FROM ${source} WHERE v > ${number}`],
      ['CREATE', `TABLE ${unlessThere}${one('c')} AS SELECT k, COUNT(*) AS n FROM ${source} GROUP BY k`],
      ['INSERT', `INTO ${target} SELECT k, v FROM ${source}`],
      ['DROP', `STREAM ${random.pick(['', 'IF EXISTS '])}${random.pick([source, target])}${deletes}`],
      ['DROP', `TABLE ${one('c')}${deletes}`],
      ['TERMINATE', query],
      ['PAUSE', query],
      ['RESUME', query],
      ['CREATE', `TYPE ${one('y')} AS STRUCT<n${number} INT>`],
      ['DROP', `TYPE ${random.pick(['', 'IF EXISTS '])}${one('y')}`],
    ] as const;
    return statements[random.pick(this.#kinds)]!;
  }
}
