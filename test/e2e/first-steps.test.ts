import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

describe.skipIf(host.kind === 'none')('first steps', () => {
  const workbench = openWorkbench('first-steps', THEMES.light, { 'empty.ksql': '' });
  const step = (text: string) =>
    workbench.page.locator('.gettingStartedContainer .monaco-button:visible', { hasText: text });

  test('an empty script says where to begin, and the steps do what they say', { timeout: 120_000 }, async () => {
    await workbench.openFile('empty.ksql');
    await workbench.lenses.filter({ hasText: 'Open an example' }).waitFor({ timeout: 40_000 });
    await workbench.screenshot('1-empty');
    await workbench.pressLens('First steps');
    const page = workbench.page.locator('.gettingStartedContainer');
    const title = (text: string) => page.locator('.getting-started-step:visible .step-title', { hasText: text });
    await page.getByText('First Steps with KSQL').first().waitFor();
    await step('Open the Example').waitFor();
    await workbench.screenshot('2-steps');
    await workbench.press(step('Open the Example'));
    await workbench.page.locator('.tab', { hasText: 'Ratings of an airline' }).waitFor();
    await workbench.command('KSQL: First Steps');
    await workbench.press(title('Be told what is wrong'));
    await workbench.press(step('Open a Script With a Slip'));
    await expect.poll(() => workbench.errors.count()).toBe(1);
    await workbench.command('KSQL: First Steps');
    await workbench.press(title('Press Run'));
    await workbench.screenshot('3-run');
    await workbench.press(step('Run the Example'));
    await workbench.results.locator('.grid-row:visible').first().waitFor({ timeout: 60_000 });
    expect(await workbench.page.locator('.tab', { hasText: 'Ratings of an airline' }).count()).toBe(1);
    await workbench.screenshot('4-rows');
  });

  test('lenses of an empty script go when one writes', async () => {
    await workbench.openFile('empty.ksql');
    await workbench.lenses.filter({ hasText: 'First steps' }).waitFor();
    await workbench.toEnd();
    await workbench.page.keyboard.type('SHOW TOPICS;', { delay: 40 });
    await expect.poll(() => workbench.lenses.filter({ hasText: 'First steps' }).count()).toBe(0);
    await workbench.pressLens('Run', 'last');
    await workbench.newestResults.locator('.card', { hasText: 'SHOW TOPICS' }).first().waitFor();
  });
});
