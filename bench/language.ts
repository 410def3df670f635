/**
 * What typing costs: parsing, checking, completing and formatting scripts of 1,000 and 10,000 lines.
 * Run: npx node bench/language.ts
 */
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyzeScript, EMPTY_METASTORE, formatScript, parseScript } from '../language/index.ts';
import { complete } from '../server/completion/complete.ts';
import { ScriptStore } from '../server/scripts/script-store.ts';
import { longScript } from './long-script.ts';
import { median } from './measure.ts';

const options = { dialect: 'latest' } as const;
const settings = {
  ...options,
  properties: new Map<string, string>(),
  variables: new Map<string, string>(),
  offline: true,
};
function measure(title: string, work: (run: number) => void, runs: number): void {
  const times = Array.from({ length: runs }, (_, run) => {
    const start = performance.now();
    work(run);
    return performance.now() - start;
  });
  const best = Math.min(...times)
    .toFixed(1)
    .padStart(7);
  console.log(`${title.padEnd(52)} best ${best} ms   median ${median(times).toFixed(1).padStart(7)} ms`);
}

measure('first statement of the process', () => parseScript('SHOW STREAMS;', options), 1);
for (const lines of [1_000, 10_000]) {
  const runs = lines === 1_000 ? 15 : 5;
  const texts = Array.from({ length: runs }, (_, run) => longScript(lines, `${lines}_${run}`));
  measure(`parse ${lines} lines, all new`, (run) => parseScript(texts[run]!, options), runs);
  measure(
    `check ${lines} lines, parsed before`,
    (run) => {
      analyzeScript(parseScript(texts[run]!, options), EMPTY_METASTORE, settings);
    },
    runs,
  );
  measure(`format ${lines} lines, parsed before`, (run) => formatScript(texts[run]!, options), runs);
  measureTyping(texts[0]!, lines);
}

/** A keystroke in the middle of a script: the text changes, the script is parsed and checked, or completed there. */
function measureTyping(text: string, lines: number): void {
  const at = text.indexOf('distance\n', text.length >> 1);
  const typed = (run: number) => `${text.slice(0, at)}${'distance'.slice(0, run % 8)}, ${run}${text.slice(at + 8)}`;
  measure(
    `keystroke to diagnostics in ${lines} lines`,
    (run) => {
      analyzeScript(parseScript(typed(run), options), EMPTY_METASTORE, settings);
    },
    30,
  );
  const broken = (run: number) => `${text.slice(0, at)}, (${run}${text.slice(at)}`;
  measure(
    `keystroke that breaks a statement in ${lines} lines`,
    (run) => {
      analyzeScript(parseScript(broken(run), options), EMPTY_METASTORE, settings);
    },
    30,
  );
  const store = new ScriptStore();
  measure(
    `keystroke to completion in ${lines} lines`,
    (run) => {
      const document = TextDocument.create('file:///bench.ksql', 'ksql', run, typed(run));
      complete(store.get(document), document.positionAt(at));
    },
    30,
  );
}
