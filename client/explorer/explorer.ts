import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import type { QueryStatistics } from '../../engine/api/protocol.ts';
import { schemaText } from '../../engine/api/schema-text.ts';
import type { SnapshotSource } from '../../language/metastore/metastore-snapshot.ts';
import type { ConnectionState } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';

/** What a tree item stands for; `name` is its name on the server. */
export type ExplorerNode =
  | { readonly kind: 'connection' }
  | { readonly kind: 'branch'; readonly branch: BranchName }
  | { readonly kind: 'stream' | 'table'; readonly name: string; readonly source: SnapshotSource }
  | { readonly kind: 'column'; readonly name: string; readonly type: string; readonly role: string }
  | { readonly kind: 'query'; readonly name: string; readonly detail: string; readonly statement: string }
  | { readonly kind: 'topic'; readonly name: string; readonly detail: string }
  | { readonly kind: 'connector'; readonly name: string; readonly detail: string }
  | { readonly kind: 'type'; readonly name: string; readonly detail: string }
  | { readonly kind: 'problem'; readonly message: string };

type BranchName = 'Streams' | 'Tables' | 'Queries' | 'Topics' | 'Connectors' | 'Types';

const BRANCHES: readonly BranchName[] = ['Streams', 'Tables', 'Queries', 'Topics', 'Connectors', 'Types'];
const TITLES: Readonly<Record<BranchName, string>> = {
  Streams: vscode.l10n.t('Streams'),
  Tables: vscode.l10n.t('Tables'),
  Queries: vscode.l10n.t('Queries'),
  Topics: vscode.l10n.t('Topics'),
  Connectors: vscode.l10n.t('Connectors'),
  Types: vscode.l10n.t('Types'),
};
const STATES: Readonly<Record<ConnectionState['kind'], string>> = {
  idle: vscode.l10n.t('not started'),
  starting: vscode.l10n.t('starting'),
  connected: vscode.l10n.t('connected'),
  failed: vscode.l10n.t('failed'),
};
const ICONS: Readonly<Record<BranchName | ExplorerNode['kind'], string>> = {
  Streams: 'symbol-event',
  Tables: 'symbol-struct',
  Queries: 'gear',
  Topics: 'inbox',
  Connectors: 'plug',
  Types: 'symbol-parameter',
  connection: 'zap',
  branch: 'folder',
  stream: 'symbol-event',
  table: 'symbol-struct',
  column: 'symbol-field',
  query: 'gear',
  topic: 'inbox',
  connector: 'plug',
  type: 'symbol-parameter',
  problem: 'warning',
};

/**
 * The tree of what the connected engine has. Each branch asks for itself, so a failure in one leaves the others
 * working.
 */
export class Explorer implements vscode.TreeDataProvider<ExplorerNode> {
  readonly #connections: Connections;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  /** Asked once per refresh; all items show figures of the same moment. */
  #statistics: Promise<readonly QueryStatistics[] | undefined> | undefined;
  #branches = new Map<BranchName, Promise<readonly ExplorerNode[]>>();

  constructor(connections: Connections) {
    this.#connections = connections;
    connections.onDidChange(() => this.refresh());
  }

  /** Asks for everything anew when it is next shown. */
  refresh(): void {
    this.#statistics = undefined;
    this.#branches.clear();
    this.#changed.fire();
  }

  async getChildren(node?: ExplorerNode): Promise<ExplorerNode[]> {
    const { kind } = this.#connections.state;
    if (node === undefined) return kind === 'idle' ? [] : [{ kind: 'connection' }];
    switch (node.kind) {
      case 'connection':
        if (this.#connections.state.kind === 'failed')
          return [{ kind: 'problem', message: this.#connections.state.reason }];
        return kind === 'connected' ? BRANCHES.map((branch) => ({ kind: 'branch', branch })) : [];
      case 'branch':
        return [...(await this.#branch(node.branch))];
      case 'stream':
      case 'table':
        return node.source.columns.map(({ name, type, namespace }) => ({
          kind: 'column',
          name,
          type,
          role: namespace === 'value' ? '' : namespace,
        }));
      case 'type':
      case 'connector':
      case 'query':
      case 'column':
      case 'topic':
      case 'problem':
        return [];
      default:
        return node satisfies never;
    }
  }

  async getTreeItem(node: ExplorerNode): Promise<vscode.TreeItem> {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    switch (node.kind) {
      case 'connection': {
        const item = make(this.#connections.name, node.kind, Expanded);
        item.description = STATES[this.#connections.state.kind];
        return item;
      }
      case 'branch': {
        const found = await this.#branch(node.branch);
        const item = make(
          TITLES[node.branch],
          node.kind,
          found.length === 0 ? None : ['Streams', 'Tables'].includes(node.branch) ? Expanded : Collapsed,
        );
        item.id = `branch ${node.branch}`;
        const isProblem = found[0]?.kind === 'problem';
        item.description = isProblem ? '' : found.length.toLocaleString('en-US');
        item.iconPath = new vscode.ThemeIcon(ICONS[node.branch]);
        return item;
      }
      case 'stream':
      case 'table':
        return this.#sourceItem(node);
      case 'column': {
        const item = make(node.name, node.kind, None);
        item.description = node.type.replaceAll('`', '');
        if (node.role === 'key') item.iconPath = new vscode.ThemeIcon('key');
        return item;
      }
      case 'problem': {
        const item = make(node.message.split('\n')[0]!, node.kind, None);
        item.tooltip = node.message;
        return item;
      }
      case 'type':
      case 'connector':
      case 'query':
      case 'topic': {
        const item = make(node.name, node.kind, None);
        item.description = node.detail;
        if (node.kind === 'topic')
          item.command = { command: 'ksql.topics.open', title: vscode.l10n.t('Open Topic'), arguments: [node] };
        if (node.kind === 'query') item.tooltip = new vscode.MarkdownString().appendCodeblock(node.statement, 'ksql');
        return item;
      }
      default:
        return node satisfies never;
    }
  }

  async #sourceItem(node: Extract<ExplorerNode, { kind: 'stream' | 'table' }>): Promise<vscode.TreeItem> {
    const { source } = node;
    const item = make(node.name, node.kind, vscode.TreeItemCollapsibleState.Collapsed);
    const writers = this.#connections.snapshot?.queries.filter(({ sink }) => sink === node.name) ?? [];
    const statistics = (await this.#statisticsNow()) ?? [];
    const rate = statistics
      .filter(({ queryId }) => writers.some(({ id }) => id === queryId))
      .reduce((sum, { rowsOutPerSecond }) => sum + rowsOutPerSecond, 0);
    const parts = [
      source.valueFormat,
      ...(source.partitions === undefined ? [] : [partitionCount(source.partitions)]),
      ...(rate >= 1 ? [vscode.l10n.t('{0}/s', Math.round(rate).toLocaleString('en-US'))] : []),
    ];
    item.description = parts.join(' · ');
    item.tooltip = new vscode.MarkdownString(
      source.windowType
        ? vscode.l10n.t('topic `{0}` · {1} windows', source.topic, source.windowType.toLowerCase())
        : vscode.l10n.t('topic `{0}`', source.topic),
    );
    return item;
  }

  #statisticsNow(): Promise<readonly QueryStatistics[] | undefined> {
    this.#statistics ??= this.#connections.session?.client.statistics().catch(() => undefined);
    return this.#statistics ?? Promise.resolve(undefined);
  }

  #branch(branch: BranchName): Promise<readonly ExplorerNode[]> {
    const known = this.#branches.get(branch);
    if (known !== undefined) return known;
    const asked = this.#ask(branch).catch((error): readonly ExplorerNode[] => [
      { kind: 'problem', message: messageOf(error) },
    ]);
    this.#branches.set(branch, asked);
    return asked;
  }

  async #ask(branch: BranchName): Promise<readonly ExplorerNode[]> {
    const client = await this.#connections.client();
    switch (branch) {
      case 'Streams':
      case 'Tables': {
        const kind = branch === 'Streams' ? 'stream' : 'table';
        const sources = this.#connections.snapshot?.sources ?? [];
        return sources
          .filter((source) => source.kind === kind.toUpperCase())
          .toSorted((a, b) => a.name.localeCompare(b.name))
          .map((source) => ({ kind, name: source.name, source }));
      }
      case 'Queries':
        return queriesOf(client);
      case 'Topics':
        return topicsOf(client);
      case 'Connectors':
        return connectorsOf(client);
      case 'Types':
        return typesOf(client);
      default:
        return branch satisfies never;
    }
  }
}

function make(label: string, kind: ExplorerNode['kind'], state: vscode.TreeItemCollapsibleState): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.contextValue = kind;
  item.iconPath = new vscode.ThemeIcon(ICONS[kind]);
  return item;
}

const partitionCount = (partitions: number): string =>
  partitions === 1 ? vscode.l10n.t('1 partition') : vscode.l10n.t('{0} partitions', partitions);

async function queriesOf(client: KsqlClient): Promise<readonly ExplorerNode[]> {
  const [answer] = await client.execute('SHOW QUERIES;');
  if (answer?.['@type'] !== 'queries') return [];
  return answer.queries.map(({ id, state, queryType, sinks, queryString }) => ({
    kind: 'query',
    name: id,
    detail: [queryType.toLowerCase(), state.toLowerCase(), ...sinks.map((sink) => `→ ${sink}`)].join(' · '),
    statement: queryString,
  }));
}

async function topicsOf(client: KsqlClient): Promise<readonly ExplorerNode[]> {
  const [answer] = await client.execute('SHOW TOPICS;');
  if (answer?.['@type'] !== 'kafka_topics') return [];
  return answer.topics.map(({ name, replicaInfo }) => ({
    kind: 'topic',
    name,
    detail: partitionCount(replicaInfo.length),
  }));
}

async function connectorsOf(client: KsqlClient): Promise<readonly ExplorerNode[]> {
  const [answer] = await client.execute('SHOW CONNECTORS;');
  if (answer?.['@type'] !== 'connector_list') return [];
  return answer.connectors.map(({ name, type, state }) => ({
    kind: 'connector',
    name,
    detail: `${type.toLowerCase()} · ${state.toLowerCase()}`,
  }));
}

async function typesOf(client: KsqlClient): Promise<readonly ExplorerNode[]> {
  const [answer] = await client.execute('SHOW TYPES;');
  if (answer?.['@type'] !== 'type_list') return [];
  return Object.entries(answer.types).map(([name, schema]) => ({ kind: 'type', name, detail: schemaText(schema) }));
}
