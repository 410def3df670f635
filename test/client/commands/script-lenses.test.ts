import { expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { ScriptLenses } from '../../../client/commands/script-lenses.ts';

const document = (version: number) => ({ uri: 'file:///orders.ksql', version }) as unknown as vscode.TextDocument;
const lens = (line: number, title: string) =>
  ({ range: { start: { line, character: 0 } }, command: { title, command: 'ksql.run' } }) as vscode.CodeLens;

test('VS Code is told of lenses once, and only when they would say something else', () => {
  let running = '';
  const lenses = new ScriptLenses((_document, fromServer) =>
    running === '' ? fromServer : [...fromServer, lens(2, running)],
  );
  const script = document(1);
  expect(lenses.areToBeAskedFor(script, 0)).toBe(false);
  lenses.show(script, [lens(0, 'Run')]);
  expect(lenses.areToBeAskedFor(script, 0)).toBe(false);
  running = '■ Stop';
  expect(lenses.areToBeAskedFor(script, 0)).toBe(true);
  running = '■ Stop · 1 row';
  expect(lenses.areToBeAskedFor(script, 1000)).toBe(false);
  // What has changed since it was told must not be lost where it has forgotten.
  expect(lenses.isAwaited(script)).toBe(true);
  expect(lenses.show(script, [lens(0, 'Run')]).map(({ command }) => command!.title)).toEqual(['Run', '■ Stop · 1 row']);
  expect(lenses.areToBeAskedFor(script, 2000)).toBe(false);
  expect(lenses.isAwaited(script)).toBe(false);
  running = '■ Stop · 3 rows';
  expect(lenses.areToBeAskedFor(script, 2000)).toBe(true);
  // An editor that lost the focus meanwhile does not ask.
  expect(lenses.areToBeAskedFor(script, 60_000)).toBe(true);
  // After an edit it asks by itself.
  expect(lenses.areToBeAskedFor(document(2), 120_000)).toBe(false);
});
