import * as vscode from 'vscode';
import { requireTrust } from '../commands/require-trust.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { nodeTopic } from './node-topic.ts';
import { pickTopic } from './pick-topic.ts';
import type { TopicAction } from './topic-messages.ts';
import { TopicTab } from './topic-tab.ts';

/** The tabs of topics, and the commands about them. */
export class TopicTabs implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #extensionUri: vscode.Uri;
  readonly #tabs = new Map<string, TopicTab>();
  readonly #commands: vscode.Disposable;

  constructor(connections: Connections, extensionUri: vscode.Uri) {
    this.#connections = connections;
    this.#extensionUri = extensionUri;
    const act = (name: string, action: TopicAction) =>
      vscode.commands.registerCommand(`ksql.topics.${name}`, () => this.#active?.act(action));
    this.#commands = vscode.Disposable.from(
      vscode.commands.registerCommand('ksql.topics.open', (node) => this.#open(node)),
      act('goTo', 'goTo'),
      act('goToNext', 'goToNext'),
      act('begin', 'begin'),
      act('partitions', 'partitions'),
      act('formats', 'formats'),
      act('fillIn', 'produce'),
    );
  }

  dispose(): void {
    this.#commands.dispose();
    for (const tab of this.#tabs.values()) tab.dispose();
  }

  get #active(): TopicTab | undefined {
    return [...this.#tabs.values()].find((tab) => tab.isActive);
  }

  /** @param node an item of the explorer; without one it is asked for a topic */
  async #open(node: unknown): Promise<void> {
    if (!requireTrust()) return;
    try {
      const topic = nodeTopic(node) ?? (await pickTopic(await this.#connections.client()));
      if (topic === undefined) return;
      const key = `${this.#connections.name}/${topic}`;
      const open = this.#tabs.get(key);
      if (open !== undefined) return open.reveal();
      const tab = new TopicTab(topic, this.#connections, this.#extensionUri);
      this.#tabs.set(key, tab);
      tab.onDidDispose(() => this.#tabs.delete(key));
    } catch (error) {
      void vscode.window.showErrorMessage(messageOf(error));
    }
  }
}
