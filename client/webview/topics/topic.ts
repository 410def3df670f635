import '../page-texts.ts';
import type { FromTopicPage, TopicSummary, ToTopicPage } from '../../topics/topic-messages.ts';
import { detailPane } from '../detail.ts';
import { element } from '../elements/dom.ts';
import { setChildren } from '../elements/dom-patch.ts';
import { setDisplay } from '../elements/page-display.ts';
import { Grid } from '../grid.ts';
import { RecordForm } from './record-form.ts';
import { topicProblem } from './topic-problem.ts';
import { TopicTools } from './topic-tools.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromTopicPage): void };

const vscode = acquireVsCodeApi();
const post = (message: FromTopicPage) => vscode.postMessage(message);
const root = document.getElementById('topic')!;

const main = element('div', { class: 'card-main' });
const tools = new TopicTools(
  (action) => (action === 'produce' && isFormOpen ? openForm(false) : post({ kind: 'action', action })),
  (text) => post({ kind: 'where', text }),
);
const form = new RecordForm({
  produce: (filled) => post({ kind: 'produce', filled }),
  editAsJson: (filled) => post({ kind: 'editAsJson', filled }),
  close: () => openForm(false),
});
let isFormOpen = false;
let grid = newGrid();
let shown: TopicSummary | undefined;

function newGrid(): Grid {
  const made = new Grid(
    0,
    {
      request: (request) => post({ kind: 'page', request }),
      open: ({ sequence }) => post({ kind: 'detail', place: sequence }),
      copy: (request) => post({ kind: 'copy', request }),
      filter: () => undefined,
      hide: () => undefined,
    },
    { isSortable: false },
  );
  main.replaceChildren(made.root);
  return made;
}

/** Buttons of a problem are made when it is another one, not while somebody presses them. */
let shownProblem = '';
let problem: HTMLElement | undefined;

function show(summary: TopicSummary): void {
  shown = summary;
  const key = JSON.stringify(summary.problem ?? null);
  if (key !== shownProblem)
    problem = summary.problem && topicProblem(summary.problem, (action) => post({ kind: 'action', action }));
  shownProblem = key;
  tools.update(summary);
  if (summary.columns.length > 0) grid.setColumns(summary.columns);
  const opened = isFormOpen ? [form.root] : [];
  setChildren(root, problem === undefined ? [tools.root, ...opened, main, tools.footer] : [problem]);
}

function openForm(isOpen: boolean): void {
  isFormOpen = isOpen;
  if (shown !== undefined) show(shown);
  tools.showForm(isOpen);
  if (isOpen) form.focus();
}

window.addEventListener('message', ({ data }: MessageEvent<ToTopicPage>) => {
  switch (data.kind) {
    case 'display':
      // What is on the screen was drawn as the settings were.
      setDisplay(data.display);
      grid = newGrid();
      return shown && show(shown);
    case 'summary':
      return show(data.summary);
    case 'renewed':
      main.querySelector('.detail')?.remove();
      return grid.setView('changes');
    case 'page':
      return grid.show(data.page);
    case 'detail': {
      main.querySelector('.detail')?.remove();
      const pane = detailPane(data.detail, () => pane.remove(), 'record');
      return main.append(pane);
    }
    case 'reveal':
      grid.revealPlace(data.place);
      return tellSelected();
    case 'form':
      form.show(data.fields);
      return openForm(true);
    case 'produced':
      return form.tell(data.written, data.problems);
    default:
      data satisfies never;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') grid.unfollow();
});

/** The host looks for the next record behind the one that is selected. */
let selected = -1;
function tellSelected(): void {
  const place = grid.selection?.focus.place ?? -1;
  if (place !== selected) post({ kind: 'selected', place });
  selected = place;
}
for (const event of ['mouseup', 'keyup'] as const) document.addEventListener(event, tellSelected);

post({ kind: 'ready' });
