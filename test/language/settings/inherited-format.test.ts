import { describe, expect, test } from 'vitest';
import { analyze } from '../script/script-fixture.ts';

/** The format of the values of the last sink. */
function sinkFormat(source: string, sink: string) {
  const script = `CREATE STREAM a (id INT KEY, v STRING) WITH (KAFKA_TOPIC = 'a', PARTITIONS = 1, ${source});
CREATE STREAM b ${sink} AS SELECT * FROM a EMIT CHANGES;`;
  const { statements, diagnostics } = analyze(script);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const last = statements.at(-1);
  return last?.kind === 'create-as' ? last.sink.valueFormat : undefined;
}

describe('a sink', () => {
  test("has its source's delimiter, also where it states the format or something else", () => {
    const piped = "VALUE_FORMAT = 'DELIMITED', VALUE_DELIMITER = '|'";
    for (const sink of ['', "WITH (KAFKA_TOPIC = 'c')", "WITH (VALUE_FORMAT = 'DELIMITED')"])
      expect(sinkFormat(piped, sink)).toMatchObject({ name: 'DELIMITED', delimiter: '|' });
    expect(sinkFormat(piped, "WITH (VALUE_DELIMITER = ';')")).toMatchObject({ name: 'DELIMITED', delimiter: ';' });
    expect(sinkFormat(piped, "WITH (VALUE_FORMAT = 'JSON')")?.delimiter).toBeUndefined();
  });
});
