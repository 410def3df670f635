import * as vscode from 'vscode';
import type { Tool } from '../../engine/tools/tool.ts';
import type { Connections } from '../connections/connections.ts';
import { scriptDialect } from '../statements/script-dialect.ts';

const ALLOW_CHANGES = 'ksql.tools.allowChanges';

/**
 * Offers the tools of `ksql mcp` to the language models of the editor, on the connection that is chosen. A tool that
 * changes something runs only where a setting allows it, and asks each time.
 */
export function registerModelTools(
  { extension }: vscode.ExtensionContext,
  connections: Connections,
): vscode.Disposable {
  const declared: readonly { readonly name: string }[] = extension.packageJSON.contributes.languageModelTools;
  return vscode.Disposable.from(
    ...declared.map(({ name }) => vscode.lm.registerTool(name, new ModelTool(name, connections))),
  );
}

type Input = Readonly<Record<string, unknown>>;

class ModelTool implements vscode.LanguageModelTool<Input> {
  readonly #name: string;
  readonly #connections: Connections;

  constructor(name: string, connections: Connections) {
    this.#name = name;
    this.#connections = connections;
  }

  async prepareInvocation({ input }: vscode.LanguageModelToolInvocationPrepareOptions<Input>) {
    const { title, changes } = await this.#tool();
    const { name } = this.#connections;
    const invocationMessage = vscode.l10n.t('{0} ({1})', title, name);
    if (!changes) return { invocationMessage };
    const message = new vscode.MarkdownString().appendCodeblock(String(input['statements'] ?? ''), 'ksql');
    return { invocationMessage, confirmationMessages: { title: vscode.l10n.t('{0} on {1}?', title, name), message } };
  }

  async invoke({ input }: vscode.LanguageModelToolInvocationOptions<Input>, token: vscode.CancellationToken) {
    const tool = await this.#tool();
    if (!vscode.workspace.isTrusted)
      throw new Error(vscode.l10n.t('This workspace is not trusted, so no KSQL runs in it.'));
    if (tool.changes && !vscode.workspace.getConfiguration().get(ALLOW_CHANGES, false))
      throw new Error(
        vscode.l10n.t('Statements that change something are not allowed: the setting {0} is off.', ALLOW_CHANGES),
      );
    const abort = new AbortController();
    const cancelled = token.onCancellationRequested(() => abort.abort());
    try {
      const { client } = await this.#connections.open();
      const text = await tool.run(input, { client, dialect: scriptDialect(), signal: abort.signal });
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } finally {
      cancelled.dispose();
      if (tool.changes) this.#connections.refreshSoon();
    }
  }

  /**
   * Loaded when a model asks for the first time: the analyser is behind it, which the extension does without otherwise.
   */
  async #tool(): Promise<Tool> {
    const { TOOLS } = await import('../../engine/tools/tools.ts');
    return TOOLS.find(({ name }) => name === this.#name)!;
  }
}
