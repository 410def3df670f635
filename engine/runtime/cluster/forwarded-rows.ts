import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { ClusterClient, ForwardedQuery } from '../../api/cluster/cluster-client.ts';
import { EngineError } from '../../api/errors.ts';
import type { ErrorBody } from '../../api/protocol.ts';
import { type PlacedRow, parsePlace, type RowPlace, type RowSource } from './placed-row.ts';

/** Turns the JSON of a row into its values. */
export type RowDecoder = (json: string) => readonly SqlValue[];

/** A row as another engine has written it: who writes it again takes the text, and its values are read if asked for. */
class ForwardedRow implements PlacedRow {
  readonly place: RowPlace;
  readonly json: string;
  readonly host: string;
  readonly #decode: RowDecoder;

  constructor(place: RowPlace, json: string, host: string, decode: RowDecoder) {
    this.place = place;
    this.json = json;
    this.host = host;
    this.#decode = decode;
  }

  get values(): readonly SqlValue[] {
    return this.#decode(this.json);
  }

  get tombstone(): false {
    return false;
  }
}

/** What another engine answers to a pull query, for the partitions that it has. */
export class ForwardedRows implements RowSource {
  readonly #host: string;
  readonly #decode: RowDecoder;
  readonly #lines: AsyncGenerator<string[]>;
  readonly #closing = new AbortController();
  readonly #beginWithinMs: number | undefined;
  #hasMetadata = false;
  #isWaiting = false;

  /** @param beginWithinMs how long the other may take to begin, where that is shorter than for any request */
  constructor(
    host: string,
    client: ClusterClient,
    query: ForwardedQuery,
    { decode, beginWithinMs }: { readonly decode: RowDecoder; readonly beginWithinMs?: number | undefined },
  ) {
    this.#host = host;
    this.#decode = decode;
    this.#beginWithinMs = beginWithinMs;
    this.#lines = client.lines(query, this.#closing.signal);
  }

  /** @throws ClientError, or an EngineError that the other has met */
  async next(): Promise<readonly PlacedRow[] | undefined> {
    this.#isWaiting = true;
    const limit = this.#hasMetadata || this.#beginWithinMs === undefined ? undefined : this.#giveUpAfter();
    try {
      for (;;) {
        const { done, value: lines } = await this.#lines.next();
        if (done) return undefined;
        const rows = this.#rowsOf(lines);
        if (rows.length > 0) return rows;
      }
    } finally {
      clearTimeout(limit);
      this.#isWaiting = false;
    }
  }

  #giveUpAfter(): NodeJS.Timeout {
    return setTimeout(() => {
      if (!this.#hasMetadata) this.#closing.abort();
    }, this.#beginWithinMs);
  }

  close(): void {
    // An answer that is broken off while nobody waits for it would have nobody to tell.
    if (this.#isWaiting) this.#closing.abort();
    else void this.#lines.return(undefined).catch(() => undefined);
  }

  #rowsOf(lines: readonly string[]): readonly PlacedRow[] {
    const rows: PlacedRow[] = [];
    // A partition's rows share a place.
    let text: string | undefined;
    let place: RowPlace | undefined;
    for (const line of lines) {
      if (!this.#hasMetadata) this.#hasMetadata = true;
      else if (line.startsWith('{')) throw errorOf(line);
      else if (line !== '') {
        const tab = line.indexOf('\t');
        const own = line.slice(0, tab);
        if (own !== text || place === undefined) place = parsePlace(own);
        text = own;
        rows.push(new ForwardedRow(place, line.slice(tab + 1), this.#host, this.#decode));
      }
    }
    return rows;
  }
}

function errorOf(line: string): EngineError {
  const { error_code, message } = JSON.parse(line) as ErrorBody;
  return new EngineError(error_code, message);
}
