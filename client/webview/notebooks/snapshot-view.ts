import * as l10n from '@vscode/l10n';
import type { SnapshotOutput } from '../../notebooks/output-types.ts';
import { element, icon } from '../elements/dom.ts';

/** A pinned snapshot, as its lines stand in the script, and what a new run gave otherwise. */
export function snapshotView({ lines, difference }: SnapshotOutput): HTMLElement {
  const root = element('section', { class: 'snapshot', 'aria-label': l10n.t('Pinned snapshot') });
  const count = lines.at(-1) ?? '';
  const state =
    difference === undefined
      ? count
      : difference.length === 0
        ? l10n.t('{0} · as pinned', count)
        : l10n.t('differs from what was pinned');
  root.classList.toggle('differs', (difference?.length ?? 0) > 0);
  root.append(
    element(
      'header',
      { class: 'snapshot-header' },
      icon('pinned'),
      element('span', {}, l10n.t('Snapshot')),
      element('span', { class: 'state' }, state),
    ),
  );
  const shown = difference !== undefined && difference.length > 0 ? difference : lines.slice(0, -1);
  root.append(
    ...shown.map((line) => {
      const sign = difference?.length ? line[0]! : '';
      return element('div', { class: 'snapshot-line', 'data-sign': sign }, line);
    }),
  );
  return root;
}
