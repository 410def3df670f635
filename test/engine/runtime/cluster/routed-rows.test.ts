import { expect, test } from 'vitest';
import { EngineError, ERROR_CODE } from '../../../../engine/api/errors.ts';
import type { TaskHost } from '../../../../engine/runtime/cluster/choose-hosts.ts';
import {
  comparePlaces,
  type PlacedRow,
  parsePlace,
  placeText,
  type RowPlace,
  type RowSource,
} from '../../../../engine/runtime/cluster/placed-row.ts';
import { RoutedRows, type Routes } from '../../../../engine/runtime/cluster/routed-rows.ts';

const row = (major: number | string, minor = 0): PlacedRow => ({
  values: [major],
  tombstone: false,
  place: { major, minor },
});

const hostNamed = (host: string, refusals: readonly string[] = []): TaskHost => ({
  host,
  endpoint: `http://${host}`,
  isLocal: false,
  isActive: true,
  refusals,
});

/** Gives pieces of rows, and ends with an error where there is one. */
function sourceOf(pieces: readonly (readonly PlacedRow[])[], error?: Error): RowSource & { isClosed: boolean } {
  let at = 0;
  const source = {
    isClosed: false,
    async next() {
      if (at < pieces.length) return pieces[at++];
      if (error !== undefined) throw error;
      return undefined;
    },
    close() {
      source.isClosed = true;
    },
  };
  return source;
}

async function all(rows: RoutedRows): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let some = await rows.next(); some !== undefined; some = await rows.next())
    found.push(...some.map(({ values }) => values[0]));
  return found;
}

const routes = (of: Partial<Routes>): Routes => ({
  tasks: ['0_0', '0_1'],
  hostsOf: (task) => [hostNamed(task === '0_0' ? 'a:1' : 'b:1')],
  open: () => sourceOf([]),
  patienceMs: 0,
  ...of,
});

test('rows of several hosts come in the order of their places, however they are cut into pieces', async () => {
  const sources: Record<string, RowSource> = {
    'a:1': sourceOf([[row(1)], [row(2), row(5)], [row(9)]]),
    'b:1': sourceOf([[row(0), row(3), row(4)], [row(6)]]),
  };
  const rows = await RoutedRows.open(routes({ open: ({ host }) => sources[host]! }));
  expect(await all(rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 9]);
});

test('LIMIT takes the first rows of all, and then nobody is read on', async () => {
  const sources = { 'a:1': sourceOf([[row('a'), row('d')]]), 'b:1': sourceOf([[row('b'), row('c')]]) };
  const rows = await RoutedRows.open(routes({ limit: 3, open: ({ host }) => sources[host as keyof typeof sources] }));
  expect(await all(rows)).toEqual(['a', 'b', 'c']);
  expect(sources['a:1'].isClosed).toBe(true);
});

test('tasks of one host go in one request', async () => {
  const asked: (readonly string[])[] = [];
  const open = (_: TaskHost, tasks: readonly string[]) => {
    asked.push(tasks);
    return sourceOf([[row(0)]]);
  };
  await RoutedRows.open(routes({ hostsOf: () => [hostNamed('a:1')], open }));
  expect(asked).toEqual([['0_0', '0_1']]);
});

test('where a host fails before it has given anything the next is asked, for just its tasks', async () => {
  const hostsOf = (task: string) =>
    task === '0_0' ? [hostNamed('a:1'), hostNamed('c:1')] : [hostNamed('a:1'), hostNamed('b:1')];
  const asked: string[] = [];
  const open = ({ host }: TaskHost, tasks: readonly string[]) => {
    asked.push(`${host} ${tasks}`);
    if (host === 'a:1') return sourceOf([], new Error('it cannot be reached'));
    return sourceOf([[row(host === 'c:1' ? 0 : 1)]]);
  };
  const rows = await RoutedRows.open(routes({ hostsOf, open }));
  expect(await all(rows)).toEqual([0, 1]);
  expect(asked).toEqual(['a:1 0_0,0_1', 'c:1 0_0', 'b:1 0_1']);
});

test('what nobody can answer says whom it has tried and why not', async () => {
  const hostsOf = (task: string) =>
    task === '0_0'
      ? [hostNamed('a:1')]
      : [hostNamed('b:1'), hostNamed('c:1', ['Host is not the active host for this partition.'])];
  const open = ({ host }: TaskHost) =>
    host === 'a:1' ? sourceOf([[row(0)]]) : sourceOf([], new Error('it cannot be reached'));
  await expect(RoutedRows.open(routes({ hostsOf, open }))).rejects.toMatchObject({
    code: 50000,
    httpStatus: 503,
    message:
      'Unable to execute pull query. [Partition 1 failed to find valid host. Hosts scanned: [b:1 was not selected because it cannot be reached, c:1 was not selected because Host is not the active host for this partition.]]',
  });
});

test('before a query is refused, who is only taken for dead is asked whether that is so', async () => {
  const silent = (host: string) => ({ ...hostNamed(host, ['Host is not alive as of time 7']), isOnlySilent: true });
  const hostsOf = (task: string) => (task === '0_0' ? [silent('a:1'), hostNamed('b:1')] : [silent('c:1')]);
  const asked: string[] = [];
  const open = ({ host }: TaskHost) => {
    asked.push(host);
    return sourceOf([[row(host === 'b:1' ? 0 : 1)]]);
  };
  expect(await all(await RoutedRows.open(routes({ hostsOf, open })))).toEqual([0, 1]);
  expect(asked).toEqual(['b:1', 'c:1']);
  const dead = () => sourceOf([], new Error('it cannot be reached'));
  await expect(RoutedRows.open(routes({ tasks: ['0_1'], hostsOf, open: dead }))).rejects.toThrow(
    'Hosts scanned: [c:1 was not selected because Host is not alive as of time 7]',
  );
});

test('a task on its way is waited for, and found where it has gone', async () => {
  let owner = 'a:1';
  const open = ({ host }: TaskHost) => {
    if (host === 'b:1') return sourceOf([[row(7)]]);
    owner = 'b:1';
    return sourceOf([], new EngineError(ERROR_CODE.serverError, 'not here any more', { httpStatus: 503 }));
  };
  const found = routes({ tasks: ['0_0'], hostsOf: () => [hostNamed(owner)], open, patienceMs: 60_000 });
  expect(await all(await RoutedRows.open(found))).toEqual([7]);
});

test('who fails after some of its rows have gone on ends the answer with an error', async () => {
  const sources: Record<string, RowSource> = {
    'a:1': sourceOf([[row(0)]], new Error('the connection broke')),
    'b:1': sourceOf([[row(1)]]),
  };
  const rows = await RoutedRows.open(routes({ open: ({ host }) => sources[host]! }));
  expect((await rows.next())!.map(({ values }) => values[0])).toEqual([0]);
  await expect(rows.next()).rejects.toThrow('a:1 failed while it answered: the connection broke');
});

test('places go over the wire and keep their order', () => {
  const places: RowPlace[] = [
    { major: 0, minor: 0 },
    { major: 3, minor: 0 },
    { major: 'a\tb', minor: 5 },
    { major: 'a\tb', minor: 60 },
    { major: 'b\u00ff', minor: 0 },
  ];
  expect(places.map(placeText).map(parsePlace)).toEqual(places);
  expect(places.map(placeText).some((text) => text.includes('\t'))).toBe(false);
  const ordered = places.slice(2);
  expect([...ordered].reverse().sort(comparePlaces)).toEqual(ordered);
});
