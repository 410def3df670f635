import * as l10n from '@vscode/l10n';
import type { FilledRecord, FormProblem, RecordField } from '../../topics/topic-messages.ts';
import { element, icon, iconButton } from '../elements/dom.ts';
import { setAttribute } from '../elements/dom-patch.ts';

type Control = HTMLInputElement | HTMLTextAreaElement;

/** What the form asks for. */
export interface RecordFormActions {
  produce(filled: FilledRecord): void;
  editAsJson(filled: FilledRecord): void;
  close(): void;
}

/** A form for one record of a topic. It keeps what stands in it, so that the record can be written again. */
export class RecordForm {
  readonly root: HTMLElement;
  readonly #keys = group(l10n.t('Key'));
  readonly #values = group(l10n.t('Value'));
  readonly #headers = element('div', { class: 'record-headers' });
  readonly #status = element('span', { class: 'record-status', role: 'status' });
  readonly #tombstone = element('input', {
    type: 'checkbox',
    onchange: () => {
      this.#values.disabled = this.#tombstone.checked;
    },
  });
  readonly #timestamp = textInput('', l10n.t('now'));
  readonly #partition = textInput('numeric', l10n.t('by key'));
  /** The places that problems name: what has the focus there, and what says what is wrong. */
  readonly #places = new Map<FormProblem['at'], { readonly control: HTMLElement; readonly note: HTMLElement }>();
  #columns: readonly Control[] = [];
  #fields: readonly RecordField[] = [];

  constructor(actions: RecordFormActions) {
    const produce = () => actions.produce(this.#filled());
    const more = group(l10n.t('Record'));
    more.append(
      this.#labelled('timestamp', l10n.t('Timestamp'), '', this.#timestamp),
      this.#labelled('partition', l10n.t('Partition'), '', this.#partition),
      element('label', { class: 'record-check' }, this.#tombstone, l10n.t('Tombstone: no value')),
      this.#headers,
    );
    const add = element(
      'button',
      { class: 'word-button', onclick: () => this.#addHeader(add) },
      icon('add'),
      l10n.t('Add Header'),
    );
    this.#headers.append(add, this.#note('headers', add));
    const button = (look: 'main' | 'secondary', text: string, title: string, onclick: () => void) =>
      element('button', { class: `button ${look}`, title, onclick }, text);
    this.root = element(
      'section',
      {
        class: 'record-form',
        role: 'form',
        'aria-label': l10n.t('A record to write'),
        onkeydown: (event) => {
          const { key, ctrlKey, metaKey } = event as KeyboardEvent;
          if (key === 'Enter' && (ctrlKey || metaKey)) produce();
          else if (key === 'Escape') actions.close();
          else return;
          event.preventDefault();
        },
      },
      iconButton('close', l10n.t('Close the form'), () => actions.close()),
      this.#keys,
      this.#values,
      more,
      element(
        'div',
        { class: 'record-actions' },
        button('main', l10n.t('Produce'), l10n.t('Write the record (Ctrl+Enter)'), produce),
        button('secondary', l10n.t('Edit as JSON'), l10n.t('Open the record in a document'), () =>
          actions.editAsJson(this.#filled()),
        ),
        this.#status,
      ),
    );
  }

  /** Shows these fields. What stands in the form stays where they are those that it has. */
  show(fields: readonly RecordField[]): void {
    if (JSON.stringify(fields) === JSON.stringify(this.#fields)) return;
    this.#fields = fields;
    for (const old of this.root.querySelectorAll('.record-column')) old.remove();
    this.#columns = fields.map(controlOf);
    for (const [i, { part, name, type }] of fields.entries()) {
      const labelled = this.#labelled(i, name, type, this.#columns[i]!);
      labelled.classList.add('record-column');
      (part === 'key' ? this.#keys : this.#values).append(labelled);
    }
    this.#keys.hidden = !fields.some(({ part }) => part === 'key');
    this.tell('', []);
  }

  focus(): void {
    this.root.querySelector<Control>('input:not(:disabled), textarea:not(:disabled)')?.focus();
  }

  /** Says what became of the record: each problem at its field, where it has one. */
  tell(written: string, problems: readonly FormProblem[]): void {
    for (const [at, { control, note }] of this.#places) {
      note.textContent = messagesAt(problems, at);
      setAttribute(control, 'aria-invalid', String(note.textContent !== ''));
    }
    const [first] = problems;
    const refused = messagesAt(problems, undefined) || l10n.t('Not written: see what is wrong above.');
    this.#status.classList.toggle('failed', first !== undefined);
    this.#status.textContent = first === undefined ? written : refused;
    this.#places.get(first?.at)?.control.focus();
  }

  #labelled(at: NonNullable<FormProblem['at']>, name: string, type: string, control: Control): HTMLElement {
    const words = [element('span', {}, name), element('span', { class: 'record-type' }, type)];
    const label =
      control.type === 'checkbox'
        ? element('label', { class: 'record-check' }, control, ...words)
        : element('label', {}, element('span', { class: 'record-name' }, ...words), control);
    return element('div', {}, label, this.#note(at, control));
  }

  /** What says what is wrong with a control. */
  #note(at: NonNullable<FormProblem['at']>, control: HTMLElement): HTMLElement {
    const id = `problem-${at}`;
    const note = element('span', { id, class: 'record-problem' });
    control.setAttribute('aria-describedby', id);
    this.#places.set(at, { control, note });
    return note;
  }

  #addHeader(add: HTMLElement): void {
    const name = textInput('', l10n.t('name'));
    const value = textInput('', l10n.t('value'));
    name.setAttribute('aria-label', l10n.t('Name of the header'));
    value.setAttribute('aria-label', l10n.t('Value of the header'));
    const row = element('div', { class: 'record-header' }, name, value);
    row.append(
      iconButton('trash', l10n.t('Remove the header'), () => {
        row.remove();
        add.focus();
      }),
    );
    add.before(row);
    name.focus();
  }

  #filled(): FilledRecord {
    const headers = [...this.#headers.querySelectorAll('.record-header')].map((row) => {
      const [name, value] = row.querySelectorAll('input');
      return { name: name!.value, value: value!.value };
    });
    return {
      texts: this.#columns.map(textOf),
      timestamp: this.#timestamp.value,
      partition: this.#partition.value,
      headers,
      isTombstone: this.#tombstone.checked,
    };
  }
}

const group = (legend: string): HTMLFieldSetElement =>
  element('fieldset', { class: 'record-fields' }, element('legend', {}, legend));

const messagesAt = (problems: readonly FormProblem[], at: FormProblem['at']): string =>
  problems
    .filter((problem) => problem.at === at)
    .map(({ message }) => message)
    .join(' ');

const textInput = (inputmode: '' | 'numeric' | 'decimal', placeholder: string): HTMLInputElement =>
  element('input', { type: 'text', ...(inputmode !== '' && { inputmode }), placeholder, spellcheck: 'false' });

const textOf = (control: Control): string =>
  control instanceof HTMLInputElement && control.type === 'checkbox' ? String(control.checked) : control.value;

function controlOf({ input, hint }: RecordField): Control {
  switch (input) {
    case 'checkbox':
      return element('input', { type: 'checkbox' });
    case 'json':
    case 'raw':
      return element('textarea', { rows: '2', placeholder: hint, spellcheck: 'false' });
    case 'number':
    case 'decimal':
      return textInput('decimal', 'NULL');
    case 'text':
      return textInput('', hint === '' ? 'NULL' : hint);
    default:
      return input satisfies never;
  }
}
