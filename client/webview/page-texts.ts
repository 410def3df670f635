/**
 * The translation that the host has put into the page. The script of a page imports this first: texts are looked up as
 * the modules below are loaded.
 */
import * as l10n from '@vscode/l10n';

const element = document.getElementById('texts');
if (element !== null) l10n.config({ contents: JSON.parse(element.textContent) });
