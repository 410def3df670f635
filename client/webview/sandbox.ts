import type { SandboxStep, SandboxSteps } from '../connections/sandbox-step.ts';
import { element } from './elements/dom.ts';

declare function acquireVsCodeApi(): { postMessage(message: 'ready'): void };

const ICONS: Readonly<Record<SandboxStep['state'], string>> = {
  waiting: 'circle-large-outline',
  running: 'loading codicon-modifier-spin',
  done: 'pass-filled',
  failed: 'error',
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
    const settings = BY_SETTINGS.has(name) ? [commandLink(SETTINGS, 'Change the Settings')] : [];
    text.append(element('p', {}, commandLink(RETRY, 'Try Again'), ...settings));
  }
  const icon = element('span', { class: `codicon codicon-${ICONS[state]}`, role: 'img', 'aria-label': state });
  return element('li', { 'data-state': state }, icon, text);
}

window.addEventListener('message', ({ data }: MessageEvent<SandboxSteps>) => {
  list.replaceChildren(...data.steps.map(stepItem));
});

acquireVsCodeApi().postMessage('ready');
