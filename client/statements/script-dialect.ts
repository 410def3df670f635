import * as vscode from 'vscode';
import type { Dialect } from '../../language/index.ts';

/** The setting that says in which dialect scripts are written. */
export const DIALECT_SETTING = 'ksql.dialect';

/** The dialect that the user's scripts are written in. */
export const scriptDialect = (): Dialect => vscode.workspace.getConfiguration().get<Dialect>(DIALECT_SETTING, 'latest');
