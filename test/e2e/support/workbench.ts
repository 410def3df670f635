import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const screenshots = path.join(import.meta.dirname, '../../../.test-output/e2e');
const MODIFIER = process.platform === 'darwin' ? 'Meta' : 'Control';

/** Lenses come once the language server has started, which takes its time on a busy machine. */
const LENS_TIMEOUT_MS = 40_000;
/** A script of the page that ends once no lens has come, gone, moved or been drawn anew for 300 ms. */
const LENSES_STAND_STILL = `new Promise((resolve) => {
  let timer;
  const observer = new MutationObserver(wait);
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => { observer.disconnect(); resolve(); }, 300);
  }
  for (const widgets of document.querySelectorAll('.editor-instance .contentWidgets'))
    observer.observe(widgets, { subtree: true, childList: true, characterData: true, attributeFilter: ['style'] });
  wait();
})`;

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

  get folder(): string {
    return this.#folder!;
  }

  /** The text of a file of the workspace. */
  read(name: string): string {
    return readFileSync(path.join(this.#folder!, name), 'utf8');
  }

  /** Changes a setting as an edit of the file of settings does: the user's, and the machine's of a browser. */
  setSetting(name: string, value: unknown): void {
    for (const place of ['User', 'Machine']) {
      const file = path.join(this.#folder!, '../user', place, 'settings.json');
      if (!existsSync(file)) continue;
      const settings: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...settings, [name]: value }));
    }
  }

  /** Process ids of the engines that run for this workspace. */
  engines(): readonly number[] {
    return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('ksql.mjs serve') && line.includes(this.#folder!))
      .map((line) => Number.parseInt(line, 10));
  }

  /** What the extension's output channels hold, of this window and those before it. */
  logs(): string {
    const folder = path.join(this.#folder!, '../user/logs');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /KSQL.*\.log$/.test(file))
      .map((file) => `${file}\n${readFileSync(path.join(folder, file), 'utf8')}`)
      .join('\n');
  }

  /** Loads the window anew, as *Developer: Reload Window* does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
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

  /** Presses a button of the mouse as long as a person does. */
  async press(what: Locator, timeoutMs?: number): Promise<void> {
    await what.click({ delay: 120, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) });
  }

  /**
   * Presses the first or last lens with some words once all lenses stand still, as a person does: VS Code draws them
   * anew a moment after what they are about has changed, and another one may come to stand at that place.
   */
  async pressLens(text: string, which: 'first' | 'last' = 'first', timeoutMs = LENS_TIMEOUT_MS): Promise<void> {
    const found = this.lenses.filter({ hasText: text });
    const lens = which === 'first' ? found.first() : found.last();
    await lens.waitFor({ timeout: timeoutMs });
    await this.page.evaluate(LENSES_STAND_STILL);
    await this.press(lens);
  }

  /** The dim words behind statements. */
  async marks(): Promise<readonly string[]> {
    const contents = await this.page.evaluate<string[]>(
      `[...document.querySelectorAll('.editor-instance .view-line span')].map((span) => getComputedStyle(span, '::after').content)`,
    );
    return contents.filter((content) => content.startsWith('"') && content.length > 2);
  }

  get notifications(): Locator {
    return this.page.locator('.notification-toast');
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

  /**
   * Runs a command of the palette by its full title. A workbench that was just opened may not list those of extensions
   * yet, and a page that comes to the front takes the focus a moment later, which closes the palette.
   */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    const item = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    for (let tries = 1; ; tries++) {
      try {
        await this.page.keyboard.press('F1');
        await input.fill(`>${title}`, { timeout: 4_000 });
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

  /** Opens the menu of something, and chooses an item. */
  async chooseInMenu(what: Locator, item: string): Promise<void> {
    await what.click({ button: 'right', delay: 120 });
    await this.pressInMenu(item);
  }

  /**
   * Chooses an item of a menu that has just opened. It takes no click yet, which may be the end of the one that opened
   * it: a person looks first.
   */
  async pressInMenu(item: string): Promise<void> {
    const found = this.page.locator('.monaco-menu .action-label', { hasText: item }).first();
    await found.hover();
    await this.page.waitForTimeout(250);
    await this.press(found);
  }

  /** Fills in the box that is open, or is about to open under a title. */
  async answer(title: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget', { hasText: title }).locator('input:visible').last();
    await input.fill(text);
    await input.press('Enter');
  }

  /** A page of the panel that has the focus hands keys on a moment later. */
  async focusEditor(): Promise<void> {
    await this.page.keyboard.press(`${MODIFIER}+1`);
    await this.page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
  }

  /** Puts the cursor at the end of the last line. */
  async toEnd(): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press(`${MODIFIER}+End`);
  }

  /**
   * Replaces everything in the active editor. Typed text would get closing brackets of its own, so it goes in as one
   * piece.
   */
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
