import { afterAll, beforeAll, beforeEach, onTestFailed } from 'vitest';
import { chooseHost, type Host, openHost, type Translation } from './host.ts';
import { Workbench } from './workbench.ts';

export { THEMES } from './themes.ts';

/** The workbench that the suites of this machine open; `none`, said aloud, when there is none. */
export const host = chooseHost();
if (host.kind === 'none') console.warn(`\n*** The end-to-end suites are skipped: ${host.reason}. ***\n`);

/** A workbench of its own for a suite: opened before its tests, closed after them; what fails leaves a picture. */
export function openWorkbench(
  name: string,
  theme: string,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>> = {},
  translation?: Translation,
): Workbench {
  const workbench = new Workbench(name);
  let opened: Host | undefined;
  beforeAll(async () => {
    if (host.kind === 'none') return;
    opened = await openHost(host, theme, files, settings, translation);
    workbench.open(opened.page, opened.folder);
  });
  beforeEach(({ task }) => {
    onTestFailed(() => workbench.screenshot(`failed-${task.name.replace(/\W+/g, '-')}`));
  });
  afterAll(() => opened?.close());
  return workbench;
}
