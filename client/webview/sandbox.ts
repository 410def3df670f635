import './page-texts.ts';
import * as l10n from '@vscode/l10n';
import type { SandboxStep, SandboxSteps } from '../connections/sandbox-step.ts';
import { element } from './elements/dom.ts';

declare function acquireVsCodeApi(): { postMessage(message: 'ready'): void };

const ICONS: Readonly<Record<SandboxStep['state'], string>> = {
  waiting: 'circle-large-outline',
  running: 'loading codicon-modifier-spin',
  done: 'pass-filled',
  failed: 'error',
};
const STATES: Readonly<Record<SandboxStep['state'], string>> = {
  waiting: l10n.t('waiting'),
  running: l10n.t('running'),
  done: l10n.t('done'),
  failed: l10n.t('failed'),
};
/** Steps that fail because of something the settings say. */
const BY_SETTINGS = new Set(['image', 'ports']);
const RETRY = 'ksql.sandbox.start';
const SETTINGS = `workbench.action.openSettings?${encodeURIComponent(JSON.stringify(['ksql.sandbox']))}`;

const list = document.getElementById('steps')!;

/** A button that is a link to a command of the editor. */
const commandLink = (command: string, label: string) =>
  element('a', { class: 'button', href: `command:${command}` }, label);

function stepItem({ name, title, state, detail }: SandboxStep): HTMLLIElement {
  const text = element('div', {}, element('span', {}, title));
  if (detail !== undefined) text.append(element('p', { class: 'detail-text' }, detail));
  if (state === 'failed') {
    const settings = BY_SETTINGS.has(name) ? [commandLink(SETTINGS, l10n.t('Change the Settings'))] : [];
    text.append(element('p', {}, commandLink(RETRY, l10n.t('Try Again')), ...settings));
  }
  const icon = element('span', { class: `codicon codicon-${ICONS[state]}`, role: 'img', 'aria-label': STATES[state] });
  return element('li', { 'data-state': state }, icon, text);
}

window.addEventListener('message', ({ data }: MessageEvent<SandboxSteps>) => {
  list.replaceChildren(...data.steps.map(stepItem));
});

acquireVsCodeApi().postMessage('ready');
