/**
 * Gives what the extension shares with its pages, and which does not know VS Code, the translation that VS Code has
 * loaded. The extension imports this first: texts are looked up as the modules below are loaded.
 */
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';

if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
