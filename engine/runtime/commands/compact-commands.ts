import type { Command } from './command-log.ts';

const NAME = '(`(?:[^`]|``)+`|[A-Za-z_][A-Za-z0-9_@$]*)';
const CREATE = new RegExp(
  `^\\s*CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:SOURCE\\s+)?(?:STREAM|TABLE)\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?${NAME}`,
  'i',
);
const DROP = new RegExp(`^\\s*DROP\\s+(?:STREAM|TABLE)\\s+(?:IF\\s+EXISTS\\s+)?${NAME}`, 'i');
const INSERT = new RegExp(`^\\s*INSERT\\s+INTO\\s+${NAME}`, 'i');
const CONTROL = /^\s*(?:TERMINATE|PAUSE|RESUME)\s+(?:QUERY\s+)?([\w`]+)/i;

/**
 * Leaves out the statements about sources that were dropped again. A source goes with its CREATE, its DROP, and what
 * started or stopped queries that write it; it stays where any other statement names it, since that one may need it
 * when it is carried out again.
 */
export function compactCommands(commands: readonly Command[]): Command[] {
  let kept = [...commands];
  for (let before = -1; before !== kept.length; ) {
    before = kept.length;
    for (let at = kept.length - 1; at >= 0; at--) {
      const name = nameIn(DROP, kept[at]!);
      if (name === undefined) continue;
      const gone = lifeOf(name, kept, at);
      if (gone === undefined) continue;
      kept = kept.filter((command) => !gone.has(command));
      at = Math.min(at, kept.length);
    }
  }
  return kept;
}

/** The statements about the source that the DROP at `end` ends; undefined where one of another kind names it. */
function lifeOf(name: string, commands: readonly Command[], end: number): ReadonlySet<Command> | undefined {
  const start = commands.slice(0, end).findLastIndex((command) => nameIn(DROP, command) === name) + 1;
  const life = commands.slice(start, end + 1);
  if (!life.some((command) => nameIn(CREATE, command) === name)) return undefined;
  const writers = life.filter((command) => nameIn(CREATE, command) === name || nameIn(INSERT, command) === name);
  const queryIds = new Set(writers.flatMap(({ queryId }) => (queryId === undefined ? [] : [queryId.toUpperCase()])));
  const isControl = ({ statement }: Command) =>
    queryIds.has(CONTROL.exec(statement)?.[1]?.replaceAll('`', '').toUpperCase() ?? '');
  const gone = new Set(
    life.filter((command) => writers.includes(command) || isControl(command)).concat(commands[end]!),
  );
  return life.every((command) => gone.has(command) || !names(command.statement, name)) ? gone : undefined;
}

/** The name that a statement of this form is about, as it is looked up. */
function nameIn(form: RegExp, { statement }: Command): string | undefined {
  const name = form.exec(statement)?.[1];
  if (name === undefined) return undefined;
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name.toUpperCase();
}

/** Whether the name stands anywhere in the text, in whatever case and quotes. Rather too often than too rarely. */
const names = (statement: string, name: string): boolean => statement.toUpperCase().includes(name.toUpperCase());
