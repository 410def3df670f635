import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

describe.skipIf(host.kind === 'none')('the Problems view', () => {
  const workbench = openWorkbench('problems', THEMES.dark, { 'wrong.ksql': 'SHOW STREAMS\nSHOW TABLES;\n' });

  test('the code of a problem opens its page', async () => {
    await workbench.openFile('wrong.ksql');
    await workbench.errors.first().waitFor();
    await workbench.command('Problems: Focus on Problems View');
    await workbench.press(workbench.page.locator('.markers-panel a', { hasText: 'syntax-missing-semicolon' }));
    await workbench.page.locator('.tab', { hasText: 'syntax-missing-semicolon.md' }).waitFor();
    const heading = workbench.newestResults.locator('h1');
    await expect.poll(() => heading.textContent()).toContain('A statement without its semicolon');
  });
});
