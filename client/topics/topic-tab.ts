import * as vscode from 'vscode';
import { ClientError } from '../../engine/api/client.ts';
import {
  closeTopicView,
  findInTopicView,
  openTopicView,
  produceRecords,
  topicRecordForm,
  topicViewPage,
  topicViewRecord,
} from '../../engine/api/topics/topics-client.ts';
import type {
  FindRequest,
  ProduceAnswer,
  ProducedRecord,
  TopicViewInfo,
  TopicViewPage,
  TopicViewRequest,
} from '../../engine/api/topics/topics-protocol.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import type { ServerSession } from '../connections/server-session.ts';
import { escapeHtml } from '../page/escape-html.ts';
import { panelIcon, webviewMedia, webviewPage } from '../page/webview-page.ts';
import { displaySettings, onDidChangeDisplay } from '../results/display-settings.ts';
import type { CopyRequest, PageRequest } from '../results/messages.ts';
import { filledRecord, problemOfEngine, recordFields } from './record-fields.ts';
import { gridPage, recordColumns, recordDetail, recordsText } from './record-rows.ts';
import type {
  FilledRecord,
  FormProblem,
  FromTopicPage,
  RecordField,
  TopicAction,
  TopicSummary,
  ToTopicPage,
} from './topic-messages.ts';
import { beginText, chooseBegin, chooseFormats, choosePartitions, chooseTarget } from './view-choices.ts';

/** How often the page of a topic that is in sight learns what is new, in milliseconds. */
const REFRESH_MS = 300;
/** The engine is asked so often at least, in milliseconds, so that it keeps the view of a tab that nobody looks at. */
const KEEP_MS = 45_000;
/** So many records are copied at most. */
const MOST_COPIED = 10_000;
const COPY_PAGE = 500;

const NO_RECORDS: TopicViewPage = { end: 0, start: 0, records: [], scanned: 0, total: 0, unreadable: 0 };

/** A view that the engine has open. */
interface OpenView {
  readonly session: ServerSession;
  readonly info: TopicViewInfo;
}

/**
 * A tab that shows the records of a topic. The engine has them, and looks through them; the page asks for those that it
 * shows.
 */
export class TopicTab implements vscode.Disposable {
  readonly topic: string;
  readonly #connections: Connections;
  readonly #connectionName: string;
  readonly #panel: vscode.WebviewPanel;
  readonly #disposables: vscode.Disposable[] = [];
  #request: TopicViewRequest = {};
  /** The condition in the box, also where it is wrong and another one holds. */
  #whereError: string | undefined;
  #view: OpenView | undefined;
  #opening: Promise<void> | undefined;
  #problem: TopicSummary['problem'];
  #last: TopicViewPage | undefined;
  /** What the page wants to know when there is news. */
  #awaited: PageRequest | undefined;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;
  #target: Omit<FindRequest, 'after'> | undefined;
  #selected = -1;
  /** The fields of the form of a record, once it was open. */
  #fields: readonly RecordField[] = [];
  /** How many records there were when the page last got some. */
  #shownEnd = 0;
  /** When the engine was last asked, by the clock of `performance`. */
  #readMs = 0;

  constructor(topic: string, connections: Connections, extensionUri: vscode.Uri) {
    this.topic = topic;
    this.#connections = connections;
    this.#connectionName = connections.name;
    const media = webviewMedia(extensionUri);
    this.#panel = vscode.window.createWebviewPanel('ksql.topic', topic, vscode.ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [media],
    });
    this.#panel.iconPath = panelIcon(extensionUri);
    this.#panel.webview.html = webviewPage(this.#panel.webview, media, {
      title: topic,
      script: 'topic.js',
      body: `<main id="topic" data-panel="topic" aria-label="${escapeHtml(vscode.l10n.t('Records of a topic'))}"></main>`,
    });
    this.#disposables.push(
      this.#panel.webview.onDidReceiveMessage((message: FromTopicPage) => this.#receive(message)),
      this.#panel.onDidDispose(() => this.dispose()),
      onDidChangeDisplay((display) => this.#send({ kind: 'display', display })),
    );
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS);
    void this.#renew({});
  }

  get onDidDispose(): vscode.Event<void> {
    return this.#panel.onDidDispose;
  }

  get isActive(): boolean {
    return this.#panel.active;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#close();
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#panel.dispose();
  }

  /** Does what a button of the page, or a command, says. */
  async act(action: TopicAction): Promise<void> {
    const info = this.#view?.info;
    switch (action) {
      case 'retry':
        return this.#renew({});
      case 'print':
        return void vscode.commands.executeCommand('ksql.explorer.print', { kind: 'topic', name: this.topic });
      case 'produce':
        return this.#openForm();
      case 'capture':
        return void vscode.commands.executeCommand('ksql.topics.capture', { kind: 'topic', name: this.topic });
      case 'begin':
        return this.#choose(await chooseBegin());
      case 'partitions':
        return info && this.#choose(withPartitions(await choosePartitions(info, this.#request.partitions)));
      case 'formats':
        return info && this.#choose(await chooseFormats(info, this.#request));
      case 'goTo':
        this.#target = info && ((await chooseTarget(info)) ?? undefined);
        return this.#goTo(-1);
      case 'goToNext':
        return this.#goTo(this.#selected);
      default:
        action satisfies never;
    }
  }

  #receive(message: FromTopicPage): void {
    switch (message.kind) {
      case 'ready':
        this.#send({ kind: 'display', display: displaySettings() });
        this.#sendSummary();
        return;
      case 'page':
        this.#awaited = message.request;
        if (!message.request.wait) void this.#answer(message.request);
        return;
      case 'detail':
        return void this.#sendDetail(message.place);
      case 'where':
        return void this.#renew({ where: message.text.trim() });
      case 'selected':
        this.#selected = message.place;
        return;
      case 'copy':
        return void this.#copy(message.request);
      case 'produce':
        return void this.#produce(message.filled);
      case 'editAsJson':
        return this.#editAsJson(message.filled);
      case 'action':
        return void this.act(message.action);
      default:
        message satisfies never;
    }
  }

  async #choose(change: TopicViewRequest | undefined): Promise<void> {
    if (change !== undefined) await this.#renew(change);
  }

  /** Opens another view. Where that cannot be, such as with a wrong condition, the one that there is stays. */
  async #renew(change: TopicViewRequest): Promise<void> {
    await this.#opening;
    this.#opening = this.#open({ ...this.#request, ...change });
    await this.#opening;
  }

  async #open(request: TopicViewRequest): Promise<void> {
    try {
      const session = await this.#session();
      const info = await openTopicView(session.client, this.topic, request);
      this.#close();
      this.#view = { session, info };
      this.#request = request;
      this.#problem = undefined;
      this.#whereError = undefined;
      this.#last = undefined;
      this.#selected = -1;
      this.#sendSummary();
      this.#send({ kind: 'renewed' });
    } catch (error) {
      if (error instanceof ClientError && error.status === 404) this.#problem = notOurs(this.topic);
      else if (this.#view !== undefined && request.where !== this.#request.where) this.#whereError = messageOf(error);
      else this.#problem = { message: messageOf(error), canPrint: false };
      this.#sendSummary();
    }
  }

  /**
   * The session that the tab was opened on, or the one that took its place.
   * @throws Error where another connection was chosen meanwhile
   */
  async #session(): Promise<ServerSession> {
    const session = this.#view?.session;
    if (session !== undefined && session.end === undefined) return session;
    if (this.#connections.name !== this.#connectionName)
      throw new Error(
        vscode.l10n.t('This topic is one of {0}, and the connection is another one now.', this.#connectionName),
      );
    return this.#connections.open();
  }

  #close(): void {
    const view = this.#view;
    this.#view = undefined;
    // Where the engine has gone meanwhile, so has the view.
    if (view !== undefined) void closeTopicView(view.session.client, view.info.id).catch(() => undefined);
  }

  /** Answers the page with the records that it wants, from a view that is open. */
  async #answer(request: PageRequest): Promise<void> {
    await this.#opening;
    // The page asks for nothing more before it has an answer.
    this.#sendPage(request, (await this.#read(request.count, request.start)) ?? NO_RECORDS);
    this.#sendSummary();
  }

  #sendPage(request: PageRequest, page: TopicViewPage): void {
    this.#shownEnd = page.end;
    this.#send({ kind: 'page', page: gridPage(request, page) });
  }

  /** Records of the view, which is opened again where the engine has closed it. */
  async #read(count: number, start?: number): Promise<TopicViewPage | undefined> {
    const view = this.#view;
    if (view === undefined) return undefined;
    this.#readMs = performance.now();
    try {
      const page = await topicViewPage(view.session.client, view.info.id, count, start);
      if (page !== undefined) {
        this.#last = page;
        return page;
      }
      await this.#renew({});
    } catch (error) {
      this.#problem = { message: messageOf(error), canPrint: false };
      this.#close();
      this.#sendSummary();
    }
    return undefined;
  }

  /** Tells the page what is new, where it wants to know and somebody looks at it. */
  async #refresh(): Promise<void> {
    const request = this.#awaited;
    if (!this.#panel.visible && performance.now() - this.#readMs > KEEP_MS) await this.#read(0);
    if (!this.#panel.visible || request === undefined || !request.wait || this.#isAsking) return;
    this.#isAsking = true;
    const before = this.#last;
    try {
      const page = await this.#read(request.count, request.start);
      if (page === undefined) return;
      if (page.end !== this.#shownEnd && this.#awaited === request) {
        this.#awaited = undefined;
        this.#sendPage(request, page);
      }
      if (page.scanned !== before?.scanned || page.total !== before.total) this.#sendSummary();
    } finally {
      this.#isAsking = false;
    }
  }

  async #sendDetail(place: number): Promise<void> {
    if (this.#view === undefined) return;
    const { session, info } = this.#view;
    try {
      const record = await topicViewRecord(session.client, info.id, place);
      if (record !== undefined) this.#send({ kind: 'detail', detail: recordDetail(this.topic, record, info) });
      else this.#say(vscode.l10n.t('The topic does not have this record any more.'));
    } catch (error) {
      this.#say(messageOf(error));
    }
  }

  async #goTo(after: number): Promise<void> {
    const target = this.#target;
    if (target === undefined || this.#view === undefined) return;
    const { session, info } = this.#view;
    const looking = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for the record…') };
    try {
      const place = await vscode.window.withProgress(looking, () =>
        findInTopicView(session.client, info.id, { after, ...target }),
      );
      if (place !== undefined) this.#send({ kind: 'reveal', place });
      else
        this.#say(
          after < 0
            ? vscode.l10n.t('There is no such record in this view.')
            : vscode.l10n.t('There is no other such record behind this one.'),
        );
    } catch (error) {
      this.#say(messageOf(error));
    }
  }

  async #copy({ selection, form }: CopyRequest): Promise<void> {
    const view = this.#view;
    if (view === undefined) return;
    const [from, to] = [selection.anchor.place, selection.focus.place].sort((a, b) => a - b) as [number, number];
    const end = Math.min(to + 1, from + MOST_COPIED);
    const texts: string[] = [];
    for (let start = from; start < end; start += COPY_PAGE) {
      const page = await this.#read(Math.min(COPY_PAGE, end - start), start);
      if (page === undefined) return;
      texts.push(recordsText(page.records, form === 'json' ? 'json' : 'text'));
    }
    await vscode.env.clipboard.writeText(texts.join('\n'));
    const copied = end - from;
    vscode.window.setStatusBarMessage(
      copied === 1
        ? vscode.l10n.t('1 record copied')
        : vscode.l10n.t('{0} records copied', copied.toLocaleString('en-US')),
      3000,
    );
  }

  async #openForm(): Promise<void> {
    try {
      const form = await topicRecordForm((await this.#session()).client, this.topic);
      if (form === undefined) return this.#openDocument();
      this.#fields = recordFields(form);
      this.#send({ kind: 'form', fields: this.#fields });
    } catch (error) {
      this.#say(messageOf(error));
    }
  }

  async #produce(filled: FilledRecord): Promise<void> {
    const fields = this.#fields;
    const { record, problems } = filledRecord(fields, filled);
    if (problems.length > 0) return this.#tellProduced('', problems);
    try {
      const answer = await produceRecords((await this.#session()).client, this.topic, [record]);
      const refused = answer.problems.map(({ message }) => problemOfEngine(fields, message));
      this.#tellProduced(refused.length > 0 ? '' : writtenText(answer.place), refused);
    } catch (error) {
      this.#tellProduced('', [{ message: messageOf(error) }]);
    }
  }

  #editAsJson(filled: FilledRecord): void {
    const { record, problems } = filledRecord(this.#fields, filled);
    this.#tellProduced('', problems);
    if (problems.length === 0) this.#openDocument(record);
  }

  #tellProduced(written: string, problems: readonly FormProblem[]): void {
    this.#send({ kind: 'produced', written, problems });
  }

  /** Opens a document of records, which begins with the record. */
  #openDocument(record?: ProducedRecord): void {
    const node = { kind: 'topic', name: this.topic };
    void vscode.commands.executeCommand('ksql.topics.produce', node, record);
  }

  #say(message: string): void {
    void vscode.window.showInformationMessage(message);
  }

  #sendSummary(): void {
    const { where = '', start, partitions } = this.#request;
    const info = this.#view?.info;
    const all = info?.partitions ?? [];
    const { end = 0, scanned = 0, total = 0, unreadable = 0, stopped } = this.#last ?? {};
    const held = all
      .filter(({ partition }) => partitions?.includes(partition) ?? true)
      .reduce((sum, { earliest, latest }) => sum + latest - earliest, 0);
    this.#send({
      kind: 'summary',
      summary: {
        topic: this.topic,
        partitions: all.length,
        columns: info === undefined ? [] : recordColumns(info),
        where,
        whereError: this.#whereError,
        names: info?.columns.map(({ name }) => name) ?? [],
        isKnown: this.#last !== undefined,
        records: end,
        scanned,
        total,
        unseen: this.#last === undefined ? 0 : Math.max(0, held - total),
        unreadable,
        stopped,
        begin: beginText(start),
        chosenPartitions: partitionsText(all.length, partitions),
        formats:
          info === undefined ? '' : [info.formats.key, info.formats.value].filter((name) => name !== '').join(' · '),
        problem: this.#problem,
      },
    });
  }

  #send(message: ToTopicPage): void {
    void this.#panel.webview.postMessage(message);
  }
}

/** A choice of all partitions takes an earlier one back. */
const withPartitions = (choice: TopicViewRequest | undefined): TopicViewRequest | undefined =>
  choice && { ...choice, partitions: choice.partitions };

const notOurs = (topic: string): TopicSummary['problem'] => ({
  message: vscode.l10n.t(
    'This server is ksqlDB’s own, which does not let anybody look into the records of {0} one by one. It can print them as they come; seeking, conditions, offsets and headers need the embedded engine, or a connection to its Kafka.',
    topic,
  ),
  canPrint: true,
});

const writtenText = (place: ProduceAnswer['place']): string =>
  place === undefined
    ? vscode.l10n.t('1 record written')
    : vscode.l10n.t('1 record written · partition {0} · offset {1}', place.partition, place.offset);

function partitionsText(all: number, chosen: readonly number[] | undefined): string {
  if (chosen !== undefined)
    return chosen.length === 1
      ? vscode.l10n.t('partition {0}', chosen[0]!)
      : vscode.l10n.t('{0} of {1} partitions', chosen.length, all);
  return all === 1 ? vscode.l10n.t('1 partition') : vscode.l10n.t('{0} partitions', all);
}
