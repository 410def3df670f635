import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';

/** The setting that says where the embedded engine keeps what it has. */
export const STORAGE_SETTING = 'ksql.engine.storage';

/**
 * The folder that is the engine's alone, inside the one that the setting names: emptying it must touch nothing else.
 */
const OWN_FOLDER = 'ksql-engine';

/**
 * Where the embedded engine keeps topics, definitions and offsets; undefined: nowhere. By itself that is VS Code's
 * storage for the workspace, and where no folder is open its storage for the extension, so that all windows without a
 * folder share one.
 */
export function engineStorage({ storageUri, globalStorageUri }: vscode.ExtensionContext): string | undefined {
  const place = vscode.workspace.getConfiguration().get<string>(STORAGE_SETTING, 'workspace');
  if (place === 'memory') return undefined;
  if (place === 'workspace' || place === '') return path.join((storageUri ?? globalStorageUri).fsPath, OWN_FOLDER);
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return path.join(path.resolve(base, place), OWN_FOLDER);
}
