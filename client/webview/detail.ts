import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { RecordDetail, RowDetail } from '../results/messages.ts';
import { element, icon, iconButton } from './elements/dom.ts';
import { shownTime } from './elements/text.ts';

/**
 * The values of one row as a tree, beside the grid, and below them the record that they come from.
 * @param of whether the row was made of a record, or is one
 */
export function detailPane(detail: RowDetail, close: () => void, of: 'row' | 'record' = 'row'): HTMLElement {
  return element(
    'aside',
    { class: 'detail', 'aria-label': l10n.t('Row') },
    element(
      'header',
      {},
      element('span', {}, l10n.t('Row {0}', count(detail.sequence + 1))),
      iconButton('close', l10n.t('Close'), close),
    ),
    element(
      'div',
      { class: 'tree', role: 'tree' },
      ...detail.fields.map((field) => branch(field.name, field.value, field.type, 0)),
    ),
    ...(detail.record === undefined ? [] : recordPart(detail.record, of)),
  );
}

function recordPart(record: RecordDetail, of: 'row' | 'record'): HTMLElement[] {
  const { topic, partition, offset, timestampMs, content } = record;
  const place = {
    [l10n.t('topic')]: topic,
    [l10n.t('partition')]: partition,
    [l10n.t('offset')]: offset,
    [l10n.t('event time')]: `${shownTime(timestampMs)} (${timestampMs})`,
  };
  const parts = Object.entries(place).map(([name, value]) => branch(name, value, undefined, 0));
  if (content === undefined)
    parts.push(
      element('p', { class: 'note' }, l10n.t('What it holds cannot be read; the topic may no longer have it.')),
    );
  else {
    const { key, window, value, headers } = content;
    // A record by itself has shown them above.
    const isShown = of === 'record';
    if (!isShown) parts.push(branch(l10n.t('key'), key, undefined, 0));
    if (window !== undefined)
      parts.push(branch(l10n.t('window'), `${shownTime(window.startMs)} – ${shownTime(window.endMs)}`, undefined, 0));
    if (!isShown) parts.push(branch(l10n.t('value'), value, undefined, 0));
    // A list, because a record may have several headers of one name.
    const entries = headers.map((header) => branch(header.key, header.value, undefined, 1));
    if (entries.length > 0) parts.push(group([label(l10n.t('headers'))], entries, true));
  }
  return [
    element(
      'header',
      of === 'row' ? { title: l10n.t('Of an aggregate or a join, the last record that went into the row') } : {},
      l10n.t('Record'),
    ),
    element('div', { class: 'tree', role: 'tree' }, ...parts),
  ];
}

const label = (name: string): HTMLElement => element('span', { class: 'field-name' }, name);
const dim = (text: string): HTMLElement => element('span', { class: 'field-type' }, text);

function branch(name: string, value: unknown, type: string | undefined, depth: number): HTMLElement {
  const labels = [label(name), ...(type === undefined ? [] : [dim(type)])];
  if (value === null || typeof value !== 'object')
    return element('div', { class: 'leaf', role: 'treeitem' }, ...labels, leaf(value, type));
  const entries = Object.entries(value);
  const size = dim(
    Array.isArray(value) ? l10n.t('{0} elements', entries.length) : l10n.t('{0} fields', entries.length),
  );
  const parts = entries.map(([key, item]) => branch(key, item, undefined, depth + 1));
  return group([...labels, size], parts, depth < 2);
}

/** Something that opens to show its parts. */
const group = (labels: readonly HTMLElement[], parts: readonly HTMLElement[], open: boolean): HTMLElement =>
  element('details', { open, role: 'treeitem' }, element('summary', {}, icon('chevron-right'), ...labels), ...parts);

/** Numbers may come as text, so that none of their digits is lost; the type of their column tells. */
function leaf(value: unknown, type = ''): HTMLElement {
  if (value === null) return element('span', { class: 'null' }, 'null');
  const isText = typeof value === 'string' && !/^(BIGINT|DOUBLE|DECIMAL)/.test(type);
  return element('span', { class: isText ? 'text-value' : 'plain-value' }, String(value));
}
