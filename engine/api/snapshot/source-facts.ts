import { unitMs } from '../../../language/types/time-units.ts';

/** What a server tells of a source by the statement that made it only. */
export interface SourceFacts {
  readonly readOnly?: boolean;
  readonly delimiter?: string;
  readonly windowSizeMs?: number;
}

const NAMED_CHARACTERS: Readonly<Record<string, string>> = { TAB: '\t', SPACE: ' ' };

/** Reads a statement as servers print them. */
export function sourceFacts(statement: string): SourceFacts {
  const delimiter = /\bVALUE_DELIMITER\s*=\s*'((?:[^']|'')+)'/i.exec(statement)?.[1];
  const size =
    /\bWINDOW_SIZE\s*=\s*'\s*(\d+)\s+(\w+)\s*'/i.exec(statement) ??
    /\b(?:TUMBLING|HOPPING)\s*\(\s*SIZE\s+(\d+)\s+(\w+)/i.exec(statement);
  const unit = size === null ? undefined : unitMs(size[2]!);
  return {
    ...(/^\s*CREATE\s+(?:OR\s+REPLACE\s+)?SOURCE\s/i.test(statement) ? { readOnly: true } : {}),
    ...(delimiter === undefined ? {} : { delimiter: NAMED_CHARACTERS[delimiter.toUpperCase()] ?? delimiter }),
    ...(unit === undefined ? {} : { windowSizeMs: Number(size![1]) * unit }),
  };
}
