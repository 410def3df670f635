import type * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import type { SandboxPage } from './sandbox-page.ts';
import type { ServerSession } from './server-session.ts';

/** How sessions are had where the extension runs: with processes, or within a browser. */
export interface SessionMaker {
  /**
   * Connects to a server, or starts the engine that a connection stands for.
   * @throws Error that says why it cannot be had
   */
  open(connection: Connection, surroundings: OpenSurroundings, choice: OpenChoice): Promise<ServerSession>;
  /** Where the embedded engine keeps topics, definitions and offsets; undefined: nowhere. */
  storageOf(context: vscode.ExtensionContext): string | undefined;
}

/** What sessions are opened with. */
export interface OpenSurroundings {
  readonly extensionUri: vscode.Uri;
  /** The folder of the bundles. */
  readonly distPath: string;
  readonly log: vscode.LogOutputChannel;
  readonly sandboxPage: SandboxPage;
  /** Where the embedded engine keeps what it has; absent: in memory. */
  readonly storage?: string | undefined;
  /** Keeps what belongs to the workspace. */
  readonly workspaceState: vscode.Memento;
}

/** How one session is opened. */
export interface OpenChoice {
  readonly password: string | undefined;
  /** Called when a process of ours ends without having been told to. */
  readonly onExit: (session: ServerSession, reason: string) => void;
  /**
   * The embedded engine is not had in memory instead where another window's has the storage, which is a StorageInUse
   * then.
   */
  readonly storageOnly?: boolean;
  /** Another window's engine was waited for already, and did not leave the storage. */
  readonly isImpatient?: boolean;
  /** The embedded engine begins with nothing in its storage. */
  readonly emptied?: boolean;
  /** How long a server may take to answer, in milliseconds. */
  readonly timeoutMs?: number;
}
