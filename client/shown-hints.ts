import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient';

const HINTS = 'ksql.hints';

type Handle = NonNullable<Middleware['handleDiagnostics']>;
type Show = Parameters<Handle>[2];

/** Leaves the hints among diagnostics away where the settings want that, and brings them back when they want them. */
export class ShownHints {
  readonly #last = new Map<string, () => void>();

  /** Shows what another handler leaves. */
  after(handle: Handle): Handle {
    return (uri, diagnostics, next) => handle(uri, diagnostics, (place, left) => this.#show(place, left, next));
  }

  settingsChanged(event: vscode.ConfigurationChangeEvent): void {
    if (event.affectsConfiguration(HINTS)) for (const again of this.#last.values()) again();
  }

  #show(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], show: Show): void {
    const again = () => show(uri, diagnostics.filter(isWanted));
    if (diagnostics.some(isHint)) this.#last.set(uri.toString(), again);
    else this.#last.delete(uri.toString());
    again();
  }
}

const isHint = ({ severity }: vscode.Diagnostic): boolean => severity === vscode.DiagnosticSeverity.Hint;
const isWanted = (diagnostic: vscode.Diagnostic): boolean =>
  !isHint(diagnostic) || vscode.workspace.getConfiguration().get(HINTS, true);
