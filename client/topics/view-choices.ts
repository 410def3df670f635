import * as vscode from 'vscode';
import type {
  FindRequest,
  TopicViewInfo,
  TopicViewRequest,
  ViewStart,
} from '../../engine/api/topics/topics-protocol.ts';
import { timeOf } from './written-answers.ts';

/** A choice of VS Code's list that stands for something. */
interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

const wholeNumber = (text: string): string | undefined =>
  /^\d{1,15}$/.test(text.trim()) ? undefined : vscode.l10n.t('Give a whole number.');

const askTime = async (title: string): Promise<number | undefined> => {
  const text = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('A time such as 2026-11-30 12:00:00, with Z behind it for UTC, or milliseconds since 1970'),
    validateInput: (value) => (timeOf(value) === undefined ? vscode.l10n.t('This is no time.') : undefined),
  });
  return text === undefined ? undefined : timeOf(text);
};

const askNumber = async (title: string, prompt: string): Promise<number | undefined> => {
  const text = await vscode.window.showInputBox({ title, prompt, validateInput: wholeNumber });
  return text === undefined ? undefined : Number(text);
};

/** In words, where a view begins. */
export function beginText(start: ViewStart | undefined): string {
  switch (start?.kind) {
    case undefined:
      return vscode.l10n.t('newest records');
    case 'beginning':
      return vscode.l10n.t('from the beginning');
    case 'newest':
      return vscode.l10n.t('newest {0}', start.records.toLocaleString('en-US'));
    case 'offset':
      return vscode.l10n.t('from offset {0}', start.offset.toLocaleString('en-US'));
    case 'time':
      return vscode.l10n.t('from {0}', new Date(start.timeMs).toLocaleString());
    default:
      return start satisfies never;
  }
}

/** Asks where the view is to begin. @returns undefined where nothing was chosen */
export async function chooseBegin(): Promise<{ readonly start: ViewStart | undefined } | undefined> {
  const title = vscode.l10n.t('Begin the View');
  const choices: Choice<'usual' | ViewStart['kind']>[] = [
    { label: vscode.l10n.t('Newest Records'), description: vscode.l10n.t('a million at most'), value: 'usual' },
    { label: vscode.l10n.t('From the Beginning'), value: 'beginning' },
    { label: vscode.l10n.t('Newest…'), description: vscode.l10n.t('a number of records'), value: 'newest' },
    { label: vscode.l10n.t('From an Offset…'), value: 'offset' },
    { label: vscode.l10n.t('From a Time…'), value: 'time' },
  ];
  const choice = await vscode.window.showQuickPick(choices, { title });
  const kind = choice?.value;
  switch (kind) {
    case undefined:
      return undefined;
    case 'usual':
      return { start: undefined };
    case 'beginning':
      return { start: { kind: 'beginning' } };
    case 'newest': {
      const records = await askNumber(title, vscode.l10n.t('How many records'));
      return records === undefined ? undefined : { start: { kind: 'newest', records } };
    }
    case 'offset': {
      const offset = await askNumber(title, vscode.l10n.t('The offset, in each partition'));
      return offset === undefined ? undefined : { start: { kind: 'offset', offset } };
    }
    case 'time': {
      const timeMs = await askTime(title);
      return timeMs === undefined ? undefined : { start: { kind: 'time', timeMs } };
    }
    default:
      return kind satisfies never;
  }
}

/** Asks for partitions. @returns undefined where nothing was chosen; without `partitions` for all of them */
export async function choosePartitions(
  { partitions }: TopicViewInfo,
  chosen: readonly number[] | undefined,
): Promise<Pick<TopicViewRequest, 'partitions'> | undefined> {
  const choices = partitions.map(({ partition, earliest, latest }): Choice<number> => {
    const records = (latest - earliest).toLocaleString('en-US');
    return {
      label: vscode.l10n.t('Partition {0}', partition),
      description: vscode.l10n.t('offsets {0} to {1} · {2} records', earliest, latest, records),
      picked: chosen?.includes(partition) ?? true,
      value: partition,
    };
  });
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Partitions to Look At'),
    canPickMany: true,
  });
  if (picked === undefined || picked.length === 0) return undefined;
  return picked.length === partitions.length ? {} : { partitions: picked.map(({ value }) => value) };
}

/** Asks for a format of keys or values. @returns undefined where nothing was chosen */
export async function chooseFormats(
  { formats }: TopicViewInfo,
  chosen: Pick<TopicViewRequest, 'keyFormat' | 'valueFormat'>,
): Promise<Pick<TopicViewRequest, 'keyFormat' | 'valueFormat'> | undefined> {
  const part = await vscode.window.showQuickPick<Choice<'keyFormat' | 'valueFormat'>>(
    [
      { label: vscode.l10n.t('Keys'), description: formats.key, value: 'keyFormat' },
      { label: vscode.l10n.t('Values'), description: formats.value, value: 'valueFormat' },
    ],
    { title: vscode.l10n.t('Show Keys or Values in Another Format') },
  );
  if (part === undefined) return undefined;
  const isKey = part.value === 'keyFormat';
  const format = await vscode.window.showQuickPick<Choice<string | undefined>>(
    [
      { label: vscode.l10n.t('Guess'), value: undefined },
      ...(isKey ? formats.keys : formats.values).map((name) => ({ label: name, value: name })),
    ],
    { title: isKey ? vscode.l10n.t('Format of Keys') : vscode.l10n.t('Format of Values') },
  );
  return format === undefined ? undefined : { ...chosen, [part.value]: format.value };
}

/** Asks for what is looked for. @returns undefined where nothing was chosen */
export async function chooseTarget({ partitions }: TopicViewInfo): Promise<Omit<FindRequest, 'after'> | undefined> {
  const title = vscode.l10n.t('Go to Record');
  const choices: Choice<'offset' | 'time' | 'key' | 'header'>[] = [
    { label: vscode.l10n.t('Offset…'), value: 'offset' },
    { label: vscode.l10n.t('Time…'), value: 'time' },
    { label: vscode.l10n.t('Key…'), value: 'key' },
    { label: vscode.l10n.t('Header…'), value: 'header' },
  ];
  const choice = await vscode.window.showQuickPick(choices, { title });
  const kind = choice?.value;
  switch (kind) {
    case undefined:
      return undefined;
    case 'offset':
      return offsetTarget(title, partitions);
    case 'time': {
      const timeMs = await askTime(title);
      return timeMs === undefined ? undefined : { timeMs };
    }
    case 'key': {
      const key = await vscode.window.showInputBox({ title, prompt: vscode.l10n.t('The whole key, as it is shown') });
      return key === undefined ? undefined : { key };
    }
    case 'header': {
      const text = await vscode.window.showInputBox({
        title,
        prompt: vscode.l10n.t('The name of the header, or name=value'),
        validateInput: (value) => (/^[^=]/.test(value) ? undefined : vscode.l10n.t('Give a name.')),
      });
      if (text === undefined) return undefined;
      const [, name = text, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      return { header: value === undefined ? { name } : { name, value } };
    }
    default:
      return kind satisfies never;
  }
}

async function offsetTarget(
  title: string,
  partitions: TopicViewInfo['partitions'],
): Promise<Omit<FindRequest, 'after'> | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt:
      partitions.length === 1
        ? vscode.l10n.t('The offset')
        : vscode.l10n.t('The offset, or partition:offset such as 2:1500'),
    validateInput: (value) =>
      /^(\d{1,6}:)?\d{1,15}$/.test(value.trim()) ? undefined : vscode.l10n.t('Give an offset, or partition:offset.'),
  });
  if (text === undefined) return undefined;
  const [offset, partition] = text.trim().split(':').reverse();
  return { offset: Number(offset), ...(partition !== undefined && { partition: Number(partition) }) };
}
