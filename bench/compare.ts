/**
 * Tells two files of figures apart: node bench/compare.ts A.json B.json
 * A difference is said to be there only where chance would hardly make one as large: by an exact permutation test of
 * the runs' logarithms, in pairs where the two files were taken by turns (`npm run bench -- --against FOLDER`).
 */
import { readFileSync } from 'node:fs';
import type { Figure, Report } from './table/figures.ts';
import { spread } from './table/figures.ts';
import { logRatio, mayDiffer, permutationTest, ratioInterval } from './table/permutation.ts';

const LEVEL = 0.05;

const [fileA, fileB] = process.argv.slice(2);
if (fileA === undefined || fileB === undefined) {
  console.error('Say which two files: node bench/compare.ts A.json B.json');
  process.exit(2);
}
const read = (file: string): Report => JSON.parse(readFileSync(file, 'utf8')) as Report;
const [a, b] = [read(fileA), read(fileB)];
const isPaired = a.pairing !== undefined && a.pairing === b.pairing;

for (const [name, { machine }] of [
  ['A', a],
  ['B', b],
] as const)
  console.log(
    `${name}: commit ${machine.commit}, ${machine.startedAt}, load ${machine.loads.map((load) => load.toFixed(1)).join(', ')}, ${machine.cpu}`,
  );
if (a.machine.cpu !== b.machine.cpu || a.machine.cores !== b.machine.cores)
  console.log('These are two machines: what differs may be theirs.');
console.log(
  isPaired
    ? 'The runs took turns, and are compared in pairs.'
    : 'The runs did not take turns: what else the machine did may make a difference that looks real.',
);

function compareFigure(first: Figure, second: Figure): boolean {
  const [left, right] = [first, second].map(({ runs }) => runs.map(({ value }) => value)) as [number[], number[]];
  const paired = isPaired && left.length === right.length;
  const ratio = Math.exp(logRatio(left, right, paired));
  const p = permutationTest(left, right, paired);
  const [low, high] = ratioInterval(left, right, paired);
  const isShown = p <= LEVEL;
  const isBetter = ratio > 1 === first.isRate;
  const verdict = isShown
    ? `B is ${isBetter ? 'better' : 'worse'}`
    : `no difference shown${mayDiffer(left, right, paired) > LEVEL ? ', and so few runs could show none' : ''}`;
  console.log(`\n${first.title}, ${first.engine} (${first.unit})`);
  console.log(`  A ${spread(left)}`);
  console.log(`  B ${spread(right)}`);
  console.log(
    `  B/A ${ratio.toFixed(3)} (95% of resamplings between ${low.toFixed(3)} and ${high.toFixed(3)}), p = ${p.toFixed(3)}: ${verdict}`,
  );
  return isShown;
}

let compared = 0;
let shown = 0;
for (const figure of a.figures) {
  const other = b.figures.find(({ line, engine }) => line === figure.line && engine === figure.engine);
  if (other === undefined) continue;
  if (other.rows !== figure.rows || other.unit !== figure.unit) {
    console.log(`\n${figure.title}, ${figure.engine}: ${figure.rows} and ${other.rows} rows, which cannot be compared`);
    continue;
  }
  compared++;
  if (compareFigure(figure, other)) shown++;
}
console.log(
  `\n${compared} lines compared, ${shown} differences shown; chance alone would show ${(compared * LEVEL).toFixed(1)} on average.`,
);
