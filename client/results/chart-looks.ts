import type * as vscode from 'vscode';
import type { ChartLook } from '../charts/chart-types.ts';

const LOOKS = 'ksql.chartLooks';
/** Statements whose charts are remembered; those that were chosen longest ago are forgotten first. */
const MAX_LOOKS = 200;

/** How the charts of statements look, remembered in the workspace by the text of the statement. */
export class ChartLooks {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  of(statement: string): ChartLook {
    const known = this.#all.find(([key]) => key === keyOf(statement));
    return known?.[1] ?? { isShown: false, choice: {} };
  }

  keep(statement: string, look: ChartLook): void {
    const key = keyOf(statement);
    const others = this.#all.filter(([each]) => each !== key);
    void this.#memory.update(LOOKS, [...others, [key, look]].slice(-MAX_LOOKS));
  }

  /** The one that was chosen last comes last. */
  get #all(): readonly (readonly [string, ChartLook])[] {
    return this.#memory.get(LOOKS, []);
  }
}

/** Statements that differ in white space alone are the same. */
const keyOf = (statement: string): string => statement.replace(/\s+/g, ' ').trim();
