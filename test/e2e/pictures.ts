/**
 * Takes the pictures of the first steps in a real workbench, light and dark, by doing the steps. They go to
 * docs/pictures and are looked at before they are committed. Needs Chromium and a build; says so without them.
 * Run with: npm run pictures
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chooseHost, openHost } from './support/host.ts';
import { THEMES } from './support/themes.ts';
import { Workbench } from './support/workbench.ts';

const folder = path.join(import.meta.dirname, '../../docs/pictures');
const choice = chooseHost();
if (choice.kind === 'none') {
  console.log(`skipped: ${choice.reason}`);
  process.exit(0);
}
mkdirSync(folder, { recursive: true });
for (const [name, theme] of [
  ['dark', THEMES.dark],
  ['light', THEMES.light],
] as const) {
  const host = await openHost(choice, theme, {});
  try {
    await takePictures(host.page, new Workbench('pictures'), host.folder, name);
  } finally {
    await host.close();
  }
}

async function takePictures(
  page: Awaited<ReturnType<typeof openHost>>['page'],
  workbench: Workbench,
  workspace: string,
  name: string,
): Promise<void> {
  workbench.open(page, workspace);
  await page.setViewportSize({ width: 1280, height: 720 });
  const picture = async (step: string) => {
    // No hint of a button under the mouse is in the picture.
    await page.mouse.move(400, 560);
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: path.join(folder, `${step}-${name}.png`) });
  };
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.command('KSQL: Open the Example of the First Steps');
  await workbench.lenses.first().waitFor({ timeout: 40_000 });
  await picture('example');
  await workbench.command('KSQL: Open a Script With a Slip');
  await workbench.errors.first().waitFor();
  await page.keyboard.press('F8');
  await picture('slip');
  await workbench.command('KSQL: Run the Example of the First Steps');
  await workbench.results.locator('.grid-row:visible').nth(5).waitFor({ timeout: 60_000 });
  await picture('watch');
  await workbench.press(workbench.statusBar);
  await picture('connect');
}
