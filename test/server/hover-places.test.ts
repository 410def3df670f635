import { expect, test } from 'vitest';
import type { MarkupContent } from 'vscode-languageserver';
import { hover } from '../../server/features/hover.ts';
import { signatureHelp } from '../../server/features/signature-help.ts';
import { placesOf, report } from './places.ts';

test('what a hover says at each place', async () => {
  const found = placesOf('hover.ksql').map(async ({ marked, script, offset }) => {
    const answer = await hover(script, script.document.positionAt(offset), async () => '12 rows/s · now');
    const text = (answer?.contents as MarkupContent | undefined)?.value;
    const about = answer?.range === undefined ? '' : `[${script.document.getText(answer.range)}]`;
    return [marked, text === undefined ? ['nothing'] : [about, ...text.split('\n')]] as const;
  });
  await expect(report(await Promise.all(found))).toMatchFileSnapshot('places/hover.txt');
});

test('the signature, and the argument, that is shown at each place', async () => {
  const found = placesOf('signature.ksql').map(({ marked, script, offset }) => {
    const help = signatureHelp(script, script.document.positionAt(offset));
    const active = help?.signatures[help.activeSignature ?? 0];
    if (active === undefined) return [marked, ['nothing']] as const;
    const parameter = active.parameters?.[active.activeParameter ?? 0]?.label ?? 'no more';
    return [marked, [`${active.label}  one of ${help!.signatures.length}`, `at ${parameter}`]] as const;
  });
  await expect(report(found)).toMatchFileSnapshot('places/signature.txt');
});
