import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type BrowserContext, chromium, type Page } from 'playwright-core';
import { codeServerEntry } from '../../../scripts/install-code-server.mjs';

const root = path.join(import.meta.dirname, '../../..');
const START_TIMEOUT_MS = 60_000;
/** Whatever one waits for in a workbench is there within this time, or it does not come. */
const ACTION_TIMEOUT_MS = 15_000;
const SIZE = { width: 1440, height: 900 };
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** What the extension consists of besides its bundles. */
const EXTENSION_FILES = [
  'package.json',
  'package.nls.json',
  'l10n',
  'dist',
  'syntaxes',
  'examples',
  'client/media',
  'client/language-configuration.json',
  'client/schemas',
];

/** A workbench with the extension in it, and what has to be ended after the suite. */
export interface Host {
  readonly page: Page;
  readonly folder: string;
  close(): Promise<void>;
}

export type HostChoice =
  | { readonly kind: 'desktop'; readonly executable: string }
  | { readonly kind: 'browser'; readonly chromium: string; readonly entry: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Which workbench can be had on this machine: the desktop's that KSQL_VSCODE names, else code-server in Chromium. */
export function chooseHost(): HostChoice {
  const desktop = process.env['KSQL_VSCODE'];
  if (desktop) return { kind: 'desktop', executable: desktop };
  const browser = [process.env['KSQL_CHROMIUM'] ?? '', ...CHROMIUM].find((file) => file !== '' && existsSync(file));
  if (browser === undefined) return { kind: 'none', reason: 'there is no Chromium (KSQL_CHROMIUM can name one)' };
  if (!existsSync(path.join(root, 'dist/extension.cjs'))) return { kind: 'none', reason: 'dist has no build' };
  const entry = codeServerEntry();
  if (entry === undefined) return { kind: 'none', reason: 'code-server could not be installed' };
  return { kind: 'browser', chromium: browser, entry };
}

/** Whether the workbench asks for trust in a new workspace; by itself these trust everything. */
const TRUST_SETTING = 'security.workspace.trust.enabled';

/** Settings that keep the workbench quiet, so that nothing but the extension is on the screen. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.ignoreRecommendations': true,
  [TRUST_SETTING]: false,
  'security.workspace.trust.startupPrompt': 'never',
  'editor.accessibilitySupport': 'off',
  'editor.minimap.enabled': false,
  'files.autoSave': 'off',
  'window.titleBarStyle': 'custom',
};

/** Words for the extension's texts in a language that the workbench is then in. */
export interface Translation {
  readonly language: string;
  readonly manifest: object;
  readonly bundle: object;
}

/** Opens a workbench on a new folder with the given files. */
export async function openHost(
  choice: Exclude<HostChoice, { kind: 'none' }>,
  theme: string,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>> = {},
  translation?: Translation,
): Promise<Host> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ksql-e2e-'));
  const at = (name: string) => path.join(scratch, name);
  const folder = at('workspace');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  mkdirSync(at('user/User'), { recursive: true });
  writeFileSync(
    at('user/User/settings.json'),
    JSON.stringify({ ...SETTINGS, ...settings, 'workbench.colorTheme': theme }),
  );
  // A workbench in the browser takes settings that are a machine's from here.
  mkdirSync(at('user/Machine'));
  writeFileSync(at('user/Machine/settings.json'), JSON.stringify(settings));
  installExtension(at('extensions'));
  if (translation !== undefined) {
    const { language, manifest, bundle } = translation;
    const [extension] = readdirSync(at('extensions')).filter((name) => name.includes('ksql-workbench'));
    writeFileSync(at(`extensions/${extension}/package.nls.${language}.json`), JSON.stringify(manifest));
    writeFileSync(at(`extensions/${extension}/l10n/bundle.l10n.${language}.json`), JSON.stringify(bundle));
  }
  const isTrusted = settings[TRUST_SETTING] !== true;
  const opened =
    choice.kind === 'desktop'
      ? await openDesktop(choice.executable, scratch, isTrusted)
      : await openBrowser(choice, scratch, isTrusted, translation?.language);
  opened.page.setDefaultTimeout(ACTION_TIMEOUT_MS);
  await opened.page.locator('.monaco-workbench').waitFor({ timeout: START_TIMEOUT_MS });
  return {
    page: opened.page,
    folder,
    close: async () => {
      await opened.close();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** What the suites have packaged and installed is taken; without that, the files of the checkout. */
function installExtension(extensions: string): void {
  const installed = process.env['KSQL_E2E_EXTENSIONS'];
  if (installed !== undefined) {
    cpSync(installed, extensions, { recursive: true });
    return;
  }
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const target = path.join(extensions, `${publisher}.${name}-${version}`);
  for (const file of EXTENSION_FILES) {
    const from = path.join(root, file);
    if (existsSync(from))
      cpSync(from, path.join(target, file), {
        recursive: true,
        filter: (source) => !/dist\/types|\.map$/.test(source),
      });
  }
}

async function openDesktop(executable: string, scratch: string, isTrusted: boolean) {
  const app = await _electron.launch({
    executablePath: executable,
    args: [
      path.join(scratch, 'workspace'),
      `--user-data-dir=${path.join(scratch, 'user')}`,
      `--extensions-dir=${path.join(scratch, 'extensions')}`,
      ...(isTrusted ? ['--disable-workspace-trust'] : []),
      ...['--skip-welcome', '--skip-release-notes', '--disable-updates', '--no-sandbox', '--disable-gpu'],
    ],
  });
  const page = await app.firstWindow();
  return { page, close: () => app.close() };
}

async function openBrowser(
  { chromium: executablePath, entry }: Extract<HostChoice, { kind: 'browser' }>,
  scratch: string,
  isTrusted: boolean,
  language?: string,
) {
  const port = await freePort();
  const server = spawn(
    path.join(root, 'node_modules/node/bin/node'),
    [
      entry,
      ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', '--disable-telemetry', '--disable-update-check'],
      ...(isTrusted ? ['--disable-workspace-trust'] : []),
      '--disable-getting-started-override',
      ...['--user-data-dir', path.join(scratch, 'user'), '--extensions-dir', path.join(scratch, 'extensions')],
      path.join(scratch, 'workspace'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await answers(server, `http://127.0.0.1:${port}/healthz`);
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  const context: BrowserContext = await browser.newContext({
    viewport: SIZE,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  // What the workbench's own translation would set, which code-server does not bring.
  if (language !== undefined) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)}`);
  await page.goto(`http://127.0.0.1:${port}/`);
  const close = async () => {
    await browser.close();
    await ended(server);
  };
  return { page, close };
}

async function answers(server: ChildProcess, url: string): Promise<void> {
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const until = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < until) {
    if (server.exitCode !== null) break;
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`code-server does not answer:\n${output}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill();
  const timer = setTimeout(() => server.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
