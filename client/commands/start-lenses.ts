import * as vscode from 'vscode';
import { SessionState } from '../../language/script/session-state.ts';
import type { StartAt } from '../results/messages.ts';
import { applySessionStatement, scriptStatements } from '../statements/script-statements.ts';
import { scriptAround } from '../statements/script-text.ts';
import { sessionDefaults } from '../statements/session-defaults.ts';
import { titled, wantedLenses } from './lens-titles.ts';
import { startOf } from './run-request.ts';

/** What the lenses of queries are called, by their command and by where the query will begin to read. */
const TITLES: Readonly<Record<string, Readonly<Record<StartAt, string>>>> = {
  'ksql.run': {
    now: vscode.l10n.t('▷ Run from now on'),
    beginning: vscode.l10n.t('▷ Run from the beginning'),
    end: vscode.l10n.t('▷ Run to the end of its topics'),
  },
  'ksql.preview': {
    now: vscode.l10n.t('Preview from now on'),
    beginning: vscode.l10n.t('Preview from the beginning'),
    end: vscode.l10n.t('Preview to the end of its topics'),
  },
};
const READING = new Set(['push', 'create-as', 'insert-select']);

/**
 * The lenses in the user's language. Those of queries say where they will begin to read, by the settings above them: a
 * query that does not read what is there already is the usual reason for an empty result. The lens that would say the
 * same again goes.
 */
export function sayWhereFrom(
  document: vscode.TextDocument,
  lenses: readonly vscode.CodeLens[],
  ofProject: Readonly<Record<string, string>> = {},
): vscode.CodeLens[] {
  if (lenses.length === 0) return [];
  const starts = startsOf(document, { ...sessionDefaults(), ...ofProject });
  return wantedLenses(lenses)
    .map(titled)
    .flatMap((lens) => {
      const { command, range } = lens;
      const startAt = starts.get(document.offsetAt(range.start));
      if (command === undefined || startAt === undefined) return [lens];
      if (command.command === 'ksql.runFromBeginning') return startAt === 'now' ? [lens] : [];
      const title = TITLES[command.command]?.[startAt];
      if (title === undefined) return [lens];
      const tooltip =
        startAt === 'now'
          ? vscode.l10n.t(
              "Reads what comes from now on. SET 'auto.offset.reset' = 'earliest'; above it makes it read what is there already.",
            )
          : vscode.l10n.t('Reads what is there already, as SET above it, ksql.json or the settings say.');
      return [new vscode.CodeLens(range, { ...command, title, tooltip })];
    });
}

/** Where each query of a script begins to read, by its offset. */
function startsOf(
  document: vscode.TextDocument,
  properties: Readonly<Record<string, string>>,
): ReadonlyMap<number, StartAt> {
  const session = new SessionState(Object.entries(properties));
  const starts = new Map<number, StartAt>();
  const around = scriptAround(document);
  for (const { text, start, form } of scriptStatements(around.text)) {
    if (form === 'session') applySessionStatement(text, session);
    else if (READING.has(form)) starts.set(start - around.start, startOf(Object.fromEntries(session.properties)));
  }
  return starts;
}
