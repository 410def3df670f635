import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CompletionItem, InsertTextFormat, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { isBeginning, namedTokens } from '../../language/parser/expected-tokens.ts';
import { parseScript } from '../../language/parser/parse-script.ts';
import { complete } from '../../server/completion/complete.ts';
import { ScriptStore } from '../../server/scripts/script-store.ts';

const FOLDERS = ['../fixtures/engine', '../../examples'].map((folder) => path.join(import.meta.dirname, folder));
const SCRIPTS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ksql'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8')),
);

/** A statement that is right, with the few before it that make what it may read. */
const statements = SCRIPTS.flatMap((script) => {
  const whole = parseScript(script, { dialect: 'latest', testStatements: true }).statements;
  return whole.flatMap(({ node, text, index }) => {
    const before = whole.slice(Math.max(0, index - 4), index).map((each) => each.text);
    return node === undefined ? [] : [{ before: `${before.join('\n')}\n`, text }];
  });
});

/** A snippet up to the first place that somebody has to fill, with what is proposed in the others. */
function inserted({ label, insertText = label, textEdit, insertTextFormat }: CompletionItem): string {
  const text = textEdit?.newText ?? insertText;
  if (insertTextFormat !== InsertTextFormat.Snippet) return text;
  const proposed = text
    .replaceAll(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
    .replaceAll(/\$\{\d+:((?:[^{}\\]|\\.|\{[^}]*\})*)\}/g, '$1');
  return proposed.split(/(?<!\\)\$(?:\d|\{\d+\})/)[0]!.replaceAll(/\\([$}\\])/g, '$1');
}

/** The statement up to the end of an item that was chosen. */
function chosen(item: CompletionItem, document: TextDocument, statement: number, cursor: number): string {
  const word = /[\w@]*$/.exec(document.getText().slice(0, cursor))![0];
  const start =
    item.textEdit !== undefined && TextEdit.is(item.textEdit)
      ? document.offsetAt(item.textEdit.range.start)
      : cursor - word.length;
  let before = document.getText().slice(0, start);
  for (const { range, newText } of item.additionalTextEdits ?? [])
    before = before.slice(0, document.offsetAt(range.start)) + newText + before.slice(document.offsetAt(range.end));
  const quote = /['"`]$/.exec(before)?.[0] ?? '';
  const text = before.slice(statement) + inserted(item) + quote;
  // A template may be more than one statement.
  return parseScript(text, { dialect: 'latest' }).statements[0]?.text ?? '';
}

const place = fc.record({
  statement: fc.constantFrom(...statements),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  /** Whether the rest of the statement stands behind the place. */
  hasRest: fc.boolean(),
});

test('wherever in a statement, what is chosen goes on with it', () => {
  fc.assert(
    fc.property(place, ({ statement: { before, text }, at, hasRest }) => {
      const cursor = before.length + Math.floor(at * text.length);
      const whole = before + text;
      const document = TextDocument.create('file:///any.ksql', 'ksql', 1, hasRest ? whole : whole.slice(0, cursor));
      const { items } = complete(new ScriptStore().get(document), document.positionAt(cursor));
      const wrong = items
        .map((item) => chosen(item, document, before.length, cursor))
        .filter((each) => !isBeginning(namedTokens(each)));
      expect(wrong).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
