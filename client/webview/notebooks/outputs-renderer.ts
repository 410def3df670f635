import { RESULT_TYPE, type ResultOutput, SNAPSHOT_TYPE, type SnapshotOutput } from '../../notebooks/output-types.ts';
import type { Display } from '../../results/display.ts';
import type { FromPage, ToPage } from '../../results/messages.ts';
import { element } from '../elements/dom.ts';
import { setDisplay } from '../elements/page-display.ts';
import { OutputCard } from './output-card.ts';
import { snapshotView } from './snapshot-view.ts';

/** What VS Code gives a renderer of outputs, as far as it is used here. */
export interface RendererContext {
  postMessage(message: FromPage): void;
  onDidReceiveMessage(listener: (message: ToPage) => void): void;
}

export interface OutputItem {
  readonly id: string;
  readonly mime: string;
  json(): unknown;
}

/** Shows results in the outputs of cells: the cards of the results panel. One renderer serves all outputs of a page. */
export class OutputsRenderer {
  readonly #post: (message: FromPage) => void;
  readonly #outputs = new Map<string, OutputCard>();

  constructor(context: RendererContext, display: Display) {
    setDisplay(display);
    this.#post = (message) => context.postMessage(message);
    context.onDidReceiveMessage((message) => {
      if (message.kind === 'display') setDisplay(message.display);
      for (const output of this.#outputs.values()) output.receive(message);
    });
  }

  renderOutputItem(item: OutputItem, host: HTMLElement): void {
    this.#outputs.get(item.id)?.dispose();
    if (item.mime === SNAPSHOT_TYPE) {
      host.replaceChildren(element('div', { class: 'ksql-output' }, snapshotView(item.json() as SnapshotOutput)));
    } else if (item.mime === RESULT_TYPE) {
      const output = new OutputCard(item.json() as ResultOutput, this.#post);
      this.#outputs.set(item.id, output);
      host.replaceChildren(output.root);
    }
  }

  disposeOutputItem(id?: string): void {
    for (const [key, output] of this.#outputs) {
      if (id !== undefined && key !== id) continue;
      output.dispose();
      this.#outputs.delete(key);
    }
  }
}
