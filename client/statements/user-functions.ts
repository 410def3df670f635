import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FunctionDeclaration } from '../../language/functions/declared.ts';
import { PROJECT_CONFIG, readProjectConfig } from '../../language/project/project-config.ts';

interface Listing {
  readonly declarations: readonly FunctionDeclaration[];
  readonly problems: readonly { readonly file: string; readonly line?: number; readonly message: string }[];
}

/** Changes are taken together when they come within this time, in milliseconds. */
const SETTLE_MS = 200;

/** The folder of the user's own functions, where there is one. Code of an untrusted workspace is not loaded. */
export function functionsFolder(): string | undefined {
  if (!vscode.workspace.isTrusted) return undefined;
  const name = vscode.workspace.getConfiguration('ksql.functions').get<string>('folder', 'functions');
  if (name === '') return undefined;
  return (vscode.workspace.workspaceFolders ?? [])
    .map(({ uri }) => path.resolve(uri.fsPath, name))
    .find((folder) => existsSync(folder));
}

/** The folders of the user's own functions: that of the settings, and those that each `ksql.json` names. */
export async function functionFolders(): Promise<readonly string[]> {
  const own = functionsFolder();
  if (!vscode.workspace.isTrusted) return [];
  const configs = await vscode.workspace.findFiles(`**/${PROJECT_CONFIG}`, '**/node_modules/**');
  const declared = await Promise.all(configs.map(foldersIn));
  return [...new Set([...(own === undefined ? [] : [own]), ...declared.flat()])].filter((folder) => existsSync(folder));
}

async function foldersIn(config: vscode.Uri): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(config));
  const { functions = [] } = readProjectConfig(text).config;
  return functions.map((folder) => path.resolve(path.dirname(config.fsPath), folder));
}

/**
 * Tells the language server which functions the user has declared, and shows what is wrong with their files. The
 * command line loads them, in a process of its own, so that nothing of them runs in the editor.
 */
export class UserFunctionDeclarations implements vscode.Disposable {
  readonly #distPath: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #tell: (declarations: readonly FunctionDeclaration[]) => void;
  readonly #onChanged: () => void;
  readonly #problems = vscode.languages.createDiagnosticCollection('ksql-functions');
  readonly #watcher = vscode.workspace.createFileSystemWatcher('**/*.{js,mjs,ts,mts}');
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param tell gives the declarations to the language server
   * @param onChanged hears that files have changed since they were told
   */
  constructor(
    distPath: string,
    log: vscode.LogOutputChannel,
    tell: (declarations: readonly FunctionDeclaration[]) => void,
    onChanged: () => void,
  ) {
    this.#distPath = distPath;
    this.#log = log;
    this.#tell = tell;
    this.#onChanged = onChanged;
    const touched = (uri: vscode.Uri) => {
      const folder = functionsFolder();
      if (folder === undefined || path.relative(folder, uri.fsPath).startsWith('..')) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        void this.load();
        this.#onChanged();
      }, SETTLE_MS);
    };
    this.#watcher.onDidChange(touched);
    this.#watcher.onDidCreate(touched);
    this.#watcher.onDidDelete(touched);
  }

  /** Reads the folder anew. */
  async load(): Promise<void> {
    const folder = functionsFolder();
    const listing = folder === undefined ? { declarations: [], problems: [] } : await this.#list(folder);
    if (listing === undefined) return;
    this.#tell(listing.declarations);
    this.#problems.clear();
    for (const { file, line = 1, message } of listing.problems) {
      const range = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
      this.#problems.set(vscode.Uri.file(path.join(folder!, file)), [new vscode.Diagnostic(range, message)]);
    }
  }

  async #list(folder: string): Promise<Listing | undefined> {
    const child = spawn(
      process.execPath,
      [path.join(this.#distPath, 'cli.mjs'), 'functions', folder, '--format', 'json'],
      { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => this.#log.warn(chunk.trimEnd()));
    await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    try {
      return JSON.parse(output) as Listing;
    } catch {
      this.#log.warn(`The functions in ${folder} could not be listed.`);
      return undefined;
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#problems.dispose();
    this.#watcher.dispose();
  }
}
