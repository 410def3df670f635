import type * as vscode from 'vscode';
import type { FunctionDeclaration } from '../language/functions/declared.ts';
import type { Connections } from './connections/connections.ts';
import type { SandboxPage } from './connections/sandbox-page.ts';
import type { SessionMaker } from './connections/session-opening.ts';
import type { OpenLanguageClient } from './language-client.ts';
import type { CardOwner } from './results/card-owner.ts';

/** What the extension has of where it runs: of a machine with processes and files, or of a browser. */
export interface Platform {
  readonly sessions: SessionMaker;
  readonly openLanguageClient: OpenLanguageClient;
  /**
   * Reads which functions the workspace declares.
   * @param tell is given the declarations
   * @param onChanged hears that files have changed since they were told
   */
  watchFunctions(
    surroundings: PlatformSurroundings,
    tell: (declarations: readonly FunctionDeclaration[]) => void,
    onChanged: () => void,
  ): FunctionWatch;
  /** Registers the commands that need what only one of the two has. */
  registerOwn(context: vscode.ExtensionContext, surroundings: PlatformSurroundings): vscode.Disposable;
}

/** What the parts of a platform work with. */
export interface PlatformSurroundings {
  readonly connections: Connections;
  readonly sandboxPage: SandboxPage;
  readonly log: vscode.LogOutputChannel;
  /** The results panel of a file. */
  readonly panelOf: (file: vscode.Uri) => CardOwner;
}

export interface FunctionWatch extends vscode.Disposable {
  /** Reads the declarations anew. */
  load(): Promise<void>;
}
