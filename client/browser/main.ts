import type * as vscode from 'vscode';
import { activateOn } from '../extension.ts';
import { BROWSER } from './browser-platform.ts';

export { deactivate } from '../extension.ts';

export function activate(context: vscode.ExtensionContext): void {
  activateOn(BROWSER, context);
}
