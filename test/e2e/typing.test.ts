import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SOURCES = `CREATE STREAM ratings (id BIGINT KEY, user_id INT, stars INT)
  WITH (KAFKA_TOPIC = 'ratings', VALUE_FORMAT = 'JSON', PARTITIONS = 1);

`;
/** What is typed: lines end where lists may be open, names are at once names and beginnings of keywords. */
const QUERIES = [
  'SELECT user_id,\nstars\nFROM ratings\nWHERE stars > 3\nEMIT CHANGES;\n',
  "select r.stars as fr,\ncount(*) as le\nfrom ratings r\nwhere user_id in (1, 2) and 'a' = 'b'\ngroup by r.stars emit changes;\n",
  'CREATE\nSTREAM s\nAS SELECT\n*\nFROM ratings\n/* a comment */ -- another\nPARTITION BY\nuser_id;\n',
];

describe.skipIf(host.kind === 'none')('typing', () => {
  const workbench = openWorkbench('typing', THEMES.dark, { 'queries.ksql': SOURCES }, { 'editor.autoIndent': 'none' });

  test.each([0, 400])(
    'gives what was typed, with pauses of %i ms before what opens or takes a list',
    async (pauseMs) => {
      await workbench.openFile('queries.ksql');
      const { keyboard } = workbench.page;
      for (const text of QUERIES) {
        await workbench.replaceAll(SOURCES);
        await workbench.toEnd();
        for (const char of text) {
          if (char === '\n') await workbench.page.waitForTimeout(pauseMs);
          await keyboard.type(char);
          if (/[ ,=('.]/.test(char)) await workbench.page.waitForTimeout(pauseMs);
        }
        await keyboard.press('Escape');
        await workbench.command('File: Save');
        await expect.poll(() => workbench.read('queries.ksql')).toBe(SOURCES + text);
      }
    },
  );

  test('an item of a list that opened by itself is taken by Tab, or by Enter once one has gone to it', async () => {
    await workbench.openFile('queries.ksql');
    await workbench.lenses.first().waitFor();
    const item = workbench.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'ratings' });
    for (const keys of [['Tab'], ['ArrowDown', 'Enter']]) {
      await workbench.replaceAll(`${SOURCES}SELECT * FROM `);
      await workbench.toEnd();
      await workbench.page.keyboard.type('ra');
      await item.waitFor();
      for (const key of keys) await workbench.page.keyboard.press(key);
      await expect.poll(() => workbench.lines.last().textContent()).toMatch(/FROM.ratings$/);
    }
  });
});
