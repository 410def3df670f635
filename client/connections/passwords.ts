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
    const password = await vscode.window.showInputBox({
      title: vscode.l10n.t('Password of {0}', connection.name),
      prompt:
        lookup.place === undefined
          ? vscode.l10n.t(
              'It was saved before its address was kept with it. Enter it again to send it to {0}; Escape sends nothing.',
              place,
            )
          : vscode.l10n.t(
              'It was saved for {0}. Enter it again to send it to {1}; Escape sends nothing.',
              lookup.place,
              place,
            ),
      password: true,
      ignoreFocusOut: true,
    });
    if (password === undefined || password === '')
      throw new Error(
        vscode.l10n.t(
          'The password of {0} was saved for another address, and was not sent to {1}. Choose the connection again to enter it for there.',
          connection.name,
          place,
        ),
      );
    await this.keep(connection, password);
    return password;
  }
}
