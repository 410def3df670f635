import { expect, test } from 'vitest';
import type { CompletionItem } from 'vscode-languageserver';
import { complete } from '../../server/completion/complete.ts';
import { placesOf, report } from './places.ts';

/** Longer lists are cut: functions come last. */
const SHOWN = 24;

test('what is offered at each place, in the order in which editors show it', async () => {
  const found = placesOf('completion.ksql').map(({ marked, script, offset }) => {
    const { items } = complete(script, script.document.positionAt(offset));
    return [marked, shown(items)] as const;
  });
  await expect(report(found)).toMatchFileSnapshot('places/completion.txt');
});

function shown(items: readonly CompletionItem[]): readonly string[] {
  if (items.length === 0) return ['nothing'];
  const sorted = items.toSorted((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1));
  const isFunction = ({ sortText }: CompletionItem) => sortText?.startsWith('d') === true;
  const lines = sorted.filter((item) => !isFunction(item)).map(lineOf);
  const functions = sorted.filter(isFunction).map(({ label }) => label);
  return [
    ...lines.slice(0, SHOWN),
    ...(lines.length > SHOWN ? [`… ${lines.length - SHOWN} more`] : []),
    ...(functions.length > 0 ? [`${functions.length} functions: ${functions.slice(0, 6).join(', ')} …`] : []),
  ];
}

function lineOf({ label, insertText = label, textEdit, additionalTextEdits, preselect }: CompletionItem): string {
  const inserted = (textEdit?.newText ?? insertText).replaceAll('\n', '⏎');
  return [
    label,
    ...(inserted === label ? [] : [`→ ${inserted}`]),
    ...(additionalTextEdits === undefined ? [] : ['(in the place of what stands before)']),
    ...(preselect === true ? ['(chosen)'] : []),
  ].join(' ');
}
