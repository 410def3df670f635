import type * as vscode from 'vscode';
import { activateOn } from '../extension.ts';
import { colourFences, type MarkdownExtension } from '../markdown/colour-fences.ts';
import { DESKTOP } from './desktop-platform.ts';

export { deactivate } from '../extension.ts';

/** @returns what VS Code's Markdown preview asks for */
export function activate(context: vscode.ExtensionContext): MarkdownExtension {
  activateOn(DESKTOP, context);
  return { extendMarkdownIt: colourFences(context.extensionPath) };
}
