import * as vscode from 'vscode';
import { ClientError } from '../../engine/api/client.ts';
import { captureLines } from '../../engine/api/topics/topics-client.ts';
import type { CaptureRequest } from '../../engine/api/topics/topics-protocol.ts';
import { FixtureError, type ReplayOptions, readFixture, replayFixture } from '../../engine/fixtures/replay-fixture.ts';
import { requireTrust } from '../commands/require-trust.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { nodeTopic } from './node-topic.ts';
import { pickTopics } from './pick-topic.ts';
import { disorderOf, spanOf } from './written-answers.ts';

/** Registers what captures records of topics into files, and replays them. */
export function registerFixtureCommands(connections: Connections): vscode.Disposable {
  const register = (name: string, action: (argument: unknown) => Promise<void>) =>
    vscode.commands.registerCommand(`ksql.topics.${name}`, async (argument: unknown) => {
      if (!requireTrust()) return;
      try {
        await action(argument);
      } catch (error) {
        const isOther = error instanceof ClientError && error.status === 404;
        void vscode.window.showErrorMessage(isOther ? notOurs() : messageOf(error));
      }
    });
  return vscode.Disposable.from(
    register('capture', (node) => capture(nodeTopic(node), connections)),
    register('replay', (uri) => replay(uri instanceof vscode.Uri ? uri : undefined, connections)),
  );
}

const notOurs = (): string =>
  vscode.l10n.t(
    'This server is ksqlDB’s own, which does not give or take records byte by byte. Connect to its Kafka instead.',
  );

async function capture(topic: string | undefined, connections: Connections): Promise<void> {
  const { client } = await connections.open();
  const topics = topic === undefined ? await pickTopics(client) : [topic];
  if (topics === undefined || topics.length === 0) return;
  const chosen = await chooseRecords();
  if (chosen === undefined) return;
  const beside = besideScript(`${topics[0]}.jsonl`);
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Capture Records'),
    ...(beside && { defaultUri: beside }),
    filters: { [vscode.l10n.t('JSON lines')]: ['jsonl'] },
  });
  if (file === undefined) return;
  const looking = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Capturing records…'),
    cancellable: true,
  };
  const lines: string[] = [];
  const isDone = await vscode.window.withProgress(looking, async (progress, token) => {
    for await (const line of captureLines(client, { topics, ...chosen })) {
      if (token.isCancellationRequested) return false;
      lines.push(line);
      if (lines.length % 10_000 === 0) progress.report({ message: lines.length.toLocaleString('en-US') });
    }
    return true;
  });
  if (!isDone) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(`${lines.join('\n')}\n`));
  await vscode.window.showTextDocument(file, { preview: true });
}

type Chosen = Omit<CaptureRequest, 'topics'>;

/** Asks for all records, a number, or a span of time. @returns undefined where nothing was chosen */
async function chooseRecords(): Promise<Chosen | undefined> {
  const title = vscode.l10n.t('Records to Capture');
  const choice = await vscode.window.showQuickPick<
    vscode.QuickPickItem & { readonly value: 'all' | 'last' | 'first' | 'span' }
  >(
    [
      { label: vscode.l10n.t('The Newest…'), value: 'last' },
      { label: vscode.l10n.t('The Oldest…'), value: 'first' },
      { label: vscode.l10n.t('A Span of Time…'), value: 'span' },
      { label: vscode.l10n.t('All of Them'), value: 'all' },
    ],
    { title },
  );
  const value = choice?.value;
  switch (value) {
    case undefined:
      return undefined;
    case 'all':
      return {};
    case 'last':
    case 'first': {
      const text = await vscode.window.showInputBox({
        title,
        value: '100',
        prompt: vscode.l10n.t('How many records'),
        validateInput: (each) => (/^[1-9]\d{0,9}$/.test(each) ? undefined : vscode.l10n.t('Give a whole number.')),
      });
      return text === undefined ? undefined : { [value]: Number(text) };
    }
    case 'span': {
      const text = await vscode.window.showInputBox({
        title,
        prompt: vscode.l10n.t(
          'Two times with two dots between, such as 2026-11-30 12:00..2026-11-30 12:05; either may be left out',
        ),
        validateInput: (each) =>
          spanOf(each) === undefined ? vscode.l10n.t('Give two times with .. between.') : undefined,
      });
      return text === undefined ? undefined : spanOf(text);
    }
    default:
      return value satisfies never;
  }
}

/** Fixtures lie beside the script that is being worked on. */
function besideScript(name: string): vscode.Uri | undefined {
  const open = vscode.window.activeTextEditor?.document.uri;
  const folder =
    open?.scheme === 'file' ? vscode.Uri.joinPath(open, '..') : vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder && vscode.Uri.joinPath(folder, name);
}

async function replay(given: vscode.Uri | undefined, connections: Connections): Promise<void> {
  const file =
    given ??
    (
      await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Replay Records'),
        filters: { [vscode.l10n.t('JSON lines')]: ['jsonl', 'ndjson'] },
      })
    )?.[0];
  if (file === undefined) return;
  const fixture = readFixtureOf(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)), file);
  const options = await chooseReplay();
  if (options === undefined) return;
  const { client } = await connections.open();
  const working = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Replaying records…'),
    cancellable: true,
  };
  const written = await vscode.window.withProgress(working, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return replayFixture(client, fixture, {
      ...options,
      signal: abort.signal,
      onProgress: (done, of) =>
        progress.report({ message: `${done.toLocaleString('en-US')} / ${of.toLocaleString('en-US')}` }),
    });
  });
  connections.refreshSoon();
  void vscode.window.showInformationMessage(
    written === 1
      ? vscode.l10n.t('1 record written.')
      : vscode.l10n.t('{0} records written.', written.toLocaleString('en-US')),
  );
}

function readFixtureOf(text: string, file: vscode.Uri): ReturnType<typeof readFixture> {
  try {
    return readFixture(text);
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    const name = file.path.split('/').at(-1) ?? '';
    throw new Error(vscode.l10n.t('{0}, line {1}: {2}', name, error.line, error.message), { cause: error });
  }
}

/** Asks how fast, and in which order. @returns undefined where nothing was chosen */
async function chooseReplay(): Promise<Pick<ReplayOptions, 'speed' | 'disorder'> | undefined> {
  const speed = await vscode.window.showQuickPick<vscode.QuickPickItem & { readonly value: number | undefined }>(
    [
      { label: vscode.l10n.t('At Once'), value: undefined },
      { label: vscode.l10n.t('As Fast as It Was'), value: 1 },
      { label: vscode.l10n.t('10 Times as Fast'), value: 10 },
      { label: vscode.l10n.t('100 Times as Fast'), value: 100 },
    ],
    { title: vscode.l10n.t('How Fast the Records Come') },
  );
  if (speed === undefined) return undefined;
  const order = await vscode.window.showQuickPick<vscode.QuickPickItem & { readonly value: 'order' | 'disorder' }>(
    [
      { label: vscode.l10n.t('In Order'), value: 'order' },
      {
        label: vscode.l10n.t('In Disorder…'),
        description: vscode.l10n.t('jitter, lateness and duplicates by a seed'),
        value: 'disorder',
      },
    ],
    { title: vscode.l10n.t('Order of the Records') },
  );
  if (order === undefined) return undefined;
  if (order.value === 'order') return { speed: speed.value };
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Disorder of the Records'),
    value: 'seed=1 jitter=30 late=0.05 late-by=600 duplicates=0.01',
    prompt: vscode.l10n.t('Times in seconds, shares from 0 to 1; the same seed gives the same disorder'),
    validateInput: (each) =>
      disorderOf(each) === undefined ? vscode.l10n.t('Write it as name=number, with spaces between.') : undefined,
  });
  return text === undefined ? undefined : { speed: speed.value, disorder: disorderOf(text)! };
}
