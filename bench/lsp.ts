/**
 * What an editor waits for: scripts of 100, 1,000 and 10,000 lines and a workspace of 500 files are opened and typed
 * in. Times are by the clock and, where other programs have the processors, of this process alone. Run: npx node
 * bench/lsp.ts
 */
import { availableParallelism, loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { complete } from '../server/completion/complete.ts';
import { diagnose } from '../server/features/diagnostics.ts';
import { hover } from '../server/features/hover.ts';
import { lenses } from '../server/features/lenses.ts';
import { rename } from '../server/features/rename.ts';
import { semanticTokens } from '../server/features/semantic-tokens.ts';
import { ScriptStore } from '../server/scripts/script-store.ts';
import { longScript } from './long-script.ts';

const KEYSTROKES = 60;
const percentile = (times: readonly number[], part: number): string =>
  times
    .toSorted((a, b) => a - b)
    [Math.min(times.length - 1, Math.floor(times.length * part))]!.toFixed(1)
    .padStart(8);

/** Milliseconds by the clock, and of processor. */
interface Time {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function print(title: string, times: readonly Time[]): void {
  const part = (of: (time: Time) => number) =>
    `p50 ${percentile(times.map(of), 0.5)} p95 ${percentile(times.map(of), 0.95)} ms`;
  console.log(`${title.padEnd(44)} ${part(({ wallMs }) => wallMs)}   CPU ${part(({ cpuMs }) => cpuMs)}`);
}

async function timed(work: () => unknown): Promise<Time> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1e3 };
}

/**
 * Types in the middle of a document, as an editor tells it: each change is checked, coloured and completed. Every other
 * one leaves a statement that is none yet.
 */
async function type(title: string, store: ScriptStore, document: TextDocument): Promise<void> {
  const at = document.getText().indexOf('f.distance\n', document.getText().length >> 1);
  let length = 0;
  const typed = (i: number) => {
    const text = i % 2 === 0 ? `${i}, ` : `f.${i}, `;
    const range = { start: document.positionAt(at), end: document.positionAt(at + length) };
    TextDocument.update(document, [{ range, text }], i + 2);
    length = text.length;
    store.take(document);
  };
  const times = {
    diagnostics: [] as Time[],
    colours: [] as Time[],
    lenses: [] as Time[],
    completion: [] as Time[],
    hover: [] as Time[],
  };
  for (let i = 0; i < KEYSTROKES; i++) {
    times.diagnostics.push(
      await timed(() => {
        typed(i);
        diagnose(store.get(document));
      }),
    );
    const script = store.get(document);
    times.colours.push(await timed(() => semanticTokens(script)));
    times.lenses.push(await timed(() => lenses(script, 'engine')));
    times.completion.push(await timed(() => complete(script, document.positionAt(at + length))));
    const name = document.positionAt(at + length + 'f.'.length);
    times.hover.push(await timed(() => hover(script, name, async () => undefined)));
  }
  for (const [what, each] of Object.entries(times)) print(`${title}: keystroke to ${what}`, each);
}

/** Opens a workspace of 500 files with 100 lines each, and types in one of them. */
async function workspace(): Promise<void> {
  const store = new ScriptStore();
  store.workspace.setRoots(['file:///w/']);
  const files = Array.from({ length: 500 }, (_, i) => [`file:///w/${i}.ksql`, longScript(100, `f${i}`)] as const);
  const loading = await timed(() => {
    for (const [uri, text] of files) store.workspace.setFile(uri, text);
  });
  print('500 files: to know what they make', [loading]);
  const [uri, text] = files[250]!;
  const document = TextDocument.create(uri, 'ksql', 1, text);
  print('500 files: one of them to diagnostics', [await timed(() => diagnose(store.get(document)))]);
  await type('500 files', store, document);
  const checking = await timed(() => {
    for (const [each] of files) diagnose(store.find(each)!);
  });
  print('500 files: all of them to diagnostics', [checking]);
  const place = document.positionAt(document.getText().search(/flights_f250_0\b(?= \()/) + 1);
  print('500 files: a source renamed', [await timed(() => rename(store.get(document), place, 'renamed'))]);
  await type('500 files, all known', store, document);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(
    `500 files: ${(heapUsed / 1e6).toFixed(0)} MB of heap are used, the process has ${(rss / 1e6).toFixed(0)}`,
  );
}

async function oneFile(lines: number): Promise<void> {
  const store = new ScriptStore();
  const document = TextDocument.create('file:///bench.ksql', 'ksql', 1, longScript(lines, `n${lines}`));
  print(`${lines} lines: opening to diagnostics`, [await timed(() => diagnose(store.get(document)))]);
  print(`${lines} lines: from there to lenses`, [await timed(() => lenses(store.get(document), 'engine'))]);
  await type(`${lines} lines`, store, document);
}

await workspace();
for (const lines of [100, 1_000, 10_000]) await oneFile(lines);
console.log(`load: ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} processors`);
