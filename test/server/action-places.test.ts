import { expect, test } from 'vitest';
import { type CodeAction, CodeActionKind, type TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { actions } from '../../server/actions/actions.ts';
import { type Script, ScriptStore } from '../../server/scripts/script-store.ts';
import { type Place, placesOf, report, SOURCES } from './places.ts';

const PLACES = placesOf('actions.ksql');

const actionsAt = ({ script, offset, end }: Place): CodeAction[] => {
  const { document } = script;
  return actions(script, { start: document.positionAt(offset), end: document.positionAt(end) }, undefined, true);
};

/** The document after an action, or the text of the file that it makes. */
function after({ script }: Place, { edit, command }: CodeAction): string {
  const [created] = edit?.documentChanges?.flatMap((change) => ('edits' in change ? change.edits : [])) ?? [];
  if (created !== undefined) return (created as TextEdit).newText;
  if (edit === undefined) return `(${command?.command} ${command?.arguments?.join(' ')})`;
  return TextDocument.applyEdits(script.document, edit.changes?.[script.document.uri] ?? []);
}

test('what can be done at each place, and what comes of it', async () => {
  const found = PLACES.map((place) => {
    const lines = actionsAt(place).flatMap((action) => {
      const text = after(place, action);
      const own = text.startsWith(SOURCES) ? text.slice(SOURCES.length) : text;
      const kept = own.startsWith('--@test') ? own : own.slice(commonStart(own, place.script.document.getText()));
      return [
        `${action.title} · ${action.kind}`,
        ...kept
          .trim()
          .split('\n')
          .map((line) => `  │ ${line}`),
      ];
    });
    return [place.marked, lines.length === 0 ? ['nothing'] : lines] as const;
  });
  await expect(report(found)).toMatchFileSnapshot('places/actions.txt');
});

/** Where the first line that differs begins. */
function commonStart(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i === 0 || i === a.length ? 0 : a.lastIndexOf('\n', i - 1) + 1;
}

const errorsOf = ({ analysis, parsed }: Script): number =>
  [...parsed.diagnostics, ...analysis.diagnostics].filter(({ severity }) => severity === 'error').length;

test('no rewriting brings an error into a script', () => {
  const broken: string[] = [];
  for (const place of PLACES) {
    for (const action of actionsAt(place)) {
      if (action.edit?.changes === undefined) continue;
      const document = TextDocument.create('file:///after.ksql', 'ksql', 1, after(place, action));
      if (errorsOf(new ScriptStore().get(document)) > errorsOf(place.script))
        broken.push(`${place.marked} ${action.title}`);
    }
  }
  expect(broken).toEqual([]);
});

test('a generated test is one that runs through the analysis', () => {
  const generated = PLACES.flatMap((place) =>
    actionsAt(place).flatMap((action) => (action.title.startsWith('Generate a test') ? [after(place, action)] : [])),
  );
  expect(generated.length).toBeGreaterThan(3);
  for (const text of generated) {
    const script = new ScriptStore().get(TextDocument.create('file:///t.test.ksql', 'ksql', 1, text));
    expect([text, ...script.analysis.diagnostics.filter(({ severity }) => severity === 'error')]).toEqual([text]);
  }
});

test('what is asked for on saving comes alone', () => {
  const place = PLACES.find(({ marked }) => marked.includes('mesage'))!;
  const range = { start: place.script.document.positionAt(0), end: place.script.document.positionAt(0) };
  const [fixAll, ...others] = actions(place.script, range, ['source.fixAll']);
  expect(others).toEqual([]);
  expect(after(place, fixAll!).toLowerCase()).toContain('select stars, message, stars from ratings');
  expect(actions(place.script, range, [CodeActionKind.SourceOrganizeImports])).toEqual([]);
});
