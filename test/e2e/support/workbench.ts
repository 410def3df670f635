import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const screenshots = path.join(import.meta.dirname, '../../../.test-output/e2e');
const MODIFIER = process.platform === 'darwin' ? 'Meta' : 'Control';

/** What a person does in a workbench: open files, type, press keys, look. */
export class Workbench {
  /** What its pictures are called after. */
  readonly #name: string;
  #page: Page | undefined;
  #folder: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  open(page: Page, folder: string): void {
    this.#page = page;
    this.#folder = folder;
  }

  /** The text of a file of the workspace. */
  read(name: string): string {
    return readFileSync(path.join(this.#folder!, name), 'utf8');
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error('The workbench is not open yet.');
    return this.#page;
  }

  get editor(): Locator {
    return this.page.locator('.editor-instance .monaco-editor').first();
  }

  /** The lines of the active editor that are on the screen. */
  get lines(): Locator {
    return this.editor.locator('.view-line');
  }

  /** Squiggles of errors in the active editor. */
  get errors(): Locator {
    return this.editor.locator('.squiggly-error');
  }

  get lenses(): Locator {
    return this.editor.locator('.codelens-decoration a');
  }

  /** The page of the results panel, inside its two frames. */
  get results(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }

  /** The page of the panel that was opened last, where there are several. */
  get newestResults(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready >> nth=-1').frameLocator('#active-frame');
  }

  get statusBar(): Locator {
    return this.page.locator('.statusbar-item[id*="ksql"]');
  }

  async openFile(name: string): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await this.page.locator('.tab', { hasText: name }).waitFor();
    await this.editor.waitFor();
  }

  /** Runs a command of the palette by its full title. A workbench that was just opened may not list those of extensions yet. */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    const item = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press('F1');
      await input.waitFor();
      await input.fill(`>${title}`);
      try {
        return await item.click({ timeout: 2_000 });
      } catch (error) {
        if (tries === 5) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Chooses an item of the list that is open, or is about to open under a title. */
  async pick(title: string, item: string): Promise<void> {
    const list = this.page.locator('.quick-input-widget', { hasText: title });
    await list.locator('.quick-input-list .monaco-list-row', { hasText: item }).first().click();
  }

  /** Fills in the box that is open, or is about to open under a title. */
  async answer(title: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget', { hasText: title }).locator('input:visible').last();
    await input.fill(text);
    await input.press('Enter');
  }

  async focusEditor(): Promise<void> {
    await this.page.keyboard.press(`${MODIFIER}+1`);
  }

  /** Puts the cursor at the end of the last line. */
  async toEnd(): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press(`${MODIFIER}+End`);
  }

  /** Replaces everything in the active editor. Typed text would get closing brackets of its own, so it goes in as one piece. */
  async replaceAll(text: string): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press(`${MODIFIER}+A`);
    await this.page.keyboard.insertText(text);
  }

  async showView(title: string): Promise<void> {
    await this.page.locator(`.activitybar .action-label[aria-label^="${title}"]`).click();
  }

  /** Keeps a picture for people to look at. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${this.#name}-${name}.png`) });
  }
}
