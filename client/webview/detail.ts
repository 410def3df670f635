import type { RowDetail } from '../results/messages.ts';
import { count } from '../results/row-count.ts';
import { element, icon, iconButton } from './dom.ts';

/** The values of one row as a tree, beside the grid. */
export function detailPane(detail: RowDetail, close: () => void): HTMLElement {
  return element(
    'aside',
    { class: 'detail', 'aria-label': 'Row' },
    element(
      'header',
      {},
      element('span', {}, `Row ${count(detail.sequence + 1)}`),
      iconButton('close', 'Close', close),
    ),
    element(
      'div',
      { class: 'tree', role: 'tree' },
      ...detail.fields.map((field) => branch(field.name, field.value, field.type, 0)),
    ),
  );
}

function branch(name: string, value: unknown, type: string | undefined, depth: number): HTMLElement {
  const label = [
    element('span', { class: 'field-name' }, name),
    ...(type === undefined ? [] : [element('span', { class: 'field-type' }, type)]),
  ];
  const nested = value !== null && typeof value === 'object';
  if (!nested) {
    return element('div', { class: 'leaf', role: 'treeitem' }, ...label, leaf(value));
  }
  const entries = Object.entries(value);
  const summary = Array.isArray(value) ? `${entries.length} elements` : `${entries.length} fields`;
  return element(
    'details',
    { open: depth < 2, role: 'treeitem' },
    element('summary', {}, icon('chevron-right'), ...label, element('span', { class: 'field-type' }, summary)),
    ...entries.map(([key, item]) => branch(key, item, undefined, depth + 1)),
  );
}

function leaf(value: unknown): HTMLElement {
  if (value === null) return element('span', { class: 'null' }, 'null');
  return element('span', { class: typeof value === 'string' ? 'text-value' : 'plain-value' }, String(value));
}
