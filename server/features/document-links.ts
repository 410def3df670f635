import { type AstNode, AstUtils } from 'langium';
import type { DocumentLink } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import { ignoredCodes } from '../../language/hints/ignored.ts';
import { rangeOf } from '../../language/index.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** The properties of connectors that name a file. */
const FILE_PROPERTIES: ReadonlySet<string> = new Set(['FILE', 'SCHEMA.FILENAME']);

/**
 * What a script names elsewhere, as links: scripts that it runs, what connectors read, and the pages of the codes that
 * its comments hide.
 *
 * @param pageOf where there is more to read about a code; absent where nobody knows
 */
export const documentLinks = (script: Script, pageOf?: (code: string) => string): DocumentLink[] => [
  ...fileLinks(script),
  ...(pageOf === undefined ? [] : pageLinks(script, pageOf)),
];

const pageLinks = ({ document, parsed }: Script, pageOf: (code: string) => string): DocumentLink[] =>
  ignoredCodes(parsed).map(({ code, range }) => ({
    range: toLspRange(document, range),
    target: pageOf(code),
    tooltip: 'Read about it',
  }));

function fileLinks({ document, parsed }: Script): DocumentLink[] {
  return parsed.statements.flatMap((statement) => {
    const root = statement.node ?? statement.partial;
    if (root?.$type !== 'RunScript' && root?.$type !== 'CreateConnector') return [];
    return [...AstUtils.streamAst(root)].flatMap((node): DocumentLink[] => {
      const file = fileNamedBy(node);
      const target = file === undefined ? undefined : targetOf(file.name, document.uri);
      if (file === undefined || target === undefined) return [];
      const { start, end } = rangeOf(file.node, statement);
      const textStart = parsed.text.lastIndexOf(`'${file.name}'`, end) + 1;
      const range = textStart > start ? { start: textStart, end: textStart + file.name.length } : { start, end };
      return [{ range: toLspRange(document, range), target, tooltip: 'Open the file' }];
    });
  });
}

function fileNamedBy(node: AstNode): { readonly name: string; readonly node: AstNode } | undefined {
  const named = node as ast.RunScript | ast.Property;
  if (named.$type === 'RunScript') return { name: named.file, node };
  const isFile = named.$type === 'Property' && FILE_PROPERTIES.has(named.name.toUpperCase());
  return isFile && named.value.$type === 'StringLiteral' ? { name: named.value.value, node } : undefined;
}

/** The URI of a file that is named relative to a document; undefined for one of which that cannot be told. */
function targetOf(file: string, document: string): string | undefined {
  try {
    return new URL(file, document).href;
  } catch {
    return undefined;
  }
}
