import * as vscode from 'vscode';
import type { Connections } from './connections.ts';
import { editConnection, newConnection, pickConnection, removeConnection } from './pick-connection.ts';

/** Registers the commands that choose, make and remove connections. */
export function registerConnectionCommands(connections: Connections): vscode.Disposable {
  const command = (name: string, action: (connections: Connections) => Promise<void>) =>
    vscode.commands.registerCommand(name, () => action(connections));
  return vscode.Disposable.from(
    command('ksql.chooseConnection', pickConnection),
    command('ksql.newConnection', newConnection),
    command('ksql.editConnection', editConnection),
    command('ksql.removeConnection', removeConnection),
  );
}
