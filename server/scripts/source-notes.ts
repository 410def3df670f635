import { identifierText } from '../../language/text/identifier-text.ts';
import type { SourceNotes } from '../text/source-text.ts';
import { columnDescription, placeOfSource, sourceDescription } from './descriptions.ts';
import type { Script } from './script-store.ts';

/** What a script says of a source besides its definition: its comments, and where it stands. */
export function sourceNotes(script: Script, source: string): SourceNotes {
  const maker = placeOfSource(script, source)?.script ?? script;
  return {
    description: sourceDescription(maker, source),
    columnDescription: (name) => columnDescription(maker, { kind: 'column', source, name }),
    link: (name) => sourceLink(script, name),
  };
}

/** A source's name in Markdown, as a link to the statement that makes it, where a file of the workspace has that. */
export function sourceLink(script: Script, source: string): string {
  const name = `\`${identifierText(source)}\``;
  const place = placeOfSource(script, source);
  if (place === undefined) return name;
  const { document } = place.script;
  const line = document.positionAt(place.statement.range.start).line + 1;
  return `[${name}](${document.uri}#L${line})`;
}
