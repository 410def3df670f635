import type { Location, Position } from 'vscode-languageserver';
import { definitionOf, type FilePlace } from '../scripts/definitions.ts';
import { scriptsNaming } from '../scripts/mentions.ts';
import { type PlacedName, placedNameAt, placedNames } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** Where what is named at a position comes to be, in whichever file. */
export function definition(script: Script, position: Position): Location | undefined {
  const found = placedNameAt(script, script.document.offsetAt(position));
  const place = found && definitionOf(found);
  return place && locationOf(place);
}

/** Where the custom type of a column is made; of all else, where it comes to be itself. */
export function typeDefinition(script: Script, position: Position): Location | undefined {
  const found = placedNameAt(script, script.document.offsetAt(position));
  const place = found && (typeOf(found) ?? definitionOf(found));
  return place && locationOf(place);
}

export const locationOf = ({ script, range }: FilePlace): Location => ({
  uri: script.document.uri,
  range: toLspRange(script.document, range),
});

/** The CREATE TYPE of the type that stands behind the declaration of a column. */
function typeOf(name: PlacedName): FilePlace | undefined {
  if (name.use.named.kind !== 'column') return undefined;
  const declared = definitionOf(name);
  if (declared === undefined) return undefined;
  const names = [...placedNames(declared.script)];
  const at = names.findIndex(({ range }) => range.start === declared.range.start);
  const behind = names[at + 1];
  return behind?.use.named.kind === 'type' ? definitionOf(behind) : undefined;
}

/**
 * Every place where what is named at a position is named, also where a column comes to be without its name being
 * written.
 */
export function references(script: Script, position: Position, withDefinition: boolean): Location[] {
  const found = placedNameAt(script, script.document.offsetAt(position));
  if (found === undefined) return [];
  return scriptsNaming(found.use.named, script).flatMap((each) =>
    [...placedNames(each)]
      .filter(({ key, use }) => key === found.key && (withDefinition || !use.defines))
      .map(locationOf),
  );
}
