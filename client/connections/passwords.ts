import * as vscode from 'vscode';
import type { NamedConnection } from './connection.ts';
import { placeOf, readPassword, secretKey, storedForm } from './stored-password.ts';

/** The passwords of connections, in the secret storage. */
export class Passwords {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  async keep(connection: NamedConnection, password: string): Promise<void> {
    await this.#secrets.store(secretKey(connection), storedForm(connection, password));
  }

  async forget(connection: NamedConnection): Promise<void> {
    await this.#secrets.delete(secretKey(connection));
  }

  /**
   * The password that was entered for the place that the connection names. Where its settings have changed since, the
   * user is asked whether it may go there, by entering it again. @throws Error when the user does not
   */
  async for(connection: NamedConnection): Promise<string | undefined> {
    const lookup = readPassword(connection, await this.#secrets.get(secretKey(connection)));
    if (lookup.kind === 'none') return undefined;
    if (lookup.kind === 'found') return lookup.password;
    const place = placeOf(connection);
    const before = lookup.place === undefined ? 'before its address was kept with it' : `for ${lookup.place}`;
    const password = await vscode.window.showInputBox({
      title: `Password of ${connection.name}`,
      prompt: `It was saved ${before}. Enter it again to send it to ${place}; Escape sends nothing.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (password === undefined || password === '')
      throw new Error(
        `The password of ${connection.name} was saved ${before}, and was not sent to ${place}. Choose the connection again to enter it for there.`,
      );
    await this.keep(connection, password);
    return password;
  }
}
