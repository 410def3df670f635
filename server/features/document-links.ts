import { type AstNode, AstUtils } from 'langium';
import type { DocumentLink } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import { ignoredCodes } from '../../language/hints/ignored.ts';
import { rangeOf } from '../../language/index.ts';
import { propertyRange } from '../../language/parser/property-range.ts';
import type { AnalyzedStatement } from '../../language/query/analyzed.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { type Script, type ServerNames, toLspRange } from '../scripts/script-store.ts';

/** The properties of connectors that name a file. */
const FILE_PROPERTIES: ReadonlySet<string> = new Set(['FILE', 'SCHEMA.FILENAME']);

/** Where there is more to read, as far as the client can show it. */
export interface Pages {
  /** About the code of a diagnostic. */
  readonly ofCode?: ((code: string) => string) | undefined;
  /** A subject of the schema registry. */
  readonly ofSubject?: ((subject: string) => string) | undefined;
}

/**
 * What a script names elsewhere, as links: scripts that it runs, what connectors read, the schemas that the registry
 * has, and the pages of the codes that its comments hide.
 */
export const documentLinks = (script: Script, { ofCode, ofSubject }: Pages = {}): DocumentLink[] => [
  ...fileLinks(script),
  ...(ofSubject === undefined ? [] : subjectLinks(script, ofSubject)),
  ...(ofCode === undefined ? [] : pageLinks(script, ofCode)),
];

const pageLinks = ({ document, parsed }: Script, ofCode: (code: string) => string): DocumentLink[] =>
  ignoredCodes(parsed).map(({ code, range }) => ({
    range: toLspRange(document, range),
    target: ofCode(code),
    tooltip: 'Read about it',
  }));

/** The schemas of the registry that statements name: by their subject, or by the format of a topic that has one. */
function subjectLinks({ document, parsed, analysis, server }: Script, of: (subject: string) => string): DocumentLink[] {
  const known = new Set(server.subjects);
  return parsed.statements.flatMap((statement) => {
    const { node, offset, index } = statement;
    if (node === undefined || analysis.substituted.has(index)) return [];
    return subjectsIn(node, analysis.statements[index], server)
      .filter(({ subject }) => known.has(subject))
      .map(({ subject, range }) => ({
        range: toLspRange(document, { start: range.start + offset, end: range.end + offset }),
        target: of(subject),
        tooltip: `Show the schema ${subject}`,
      }));
  });
}

interface NamedSubject {
  readonly subject: string;
  /** In the statement. */
  readonly range: TextRange;
}

/** The subjects that a topic has by its formats; FORMAT is that of both. */
const SUBJECTS_OF: Readonly<Record<string, string>> = {
  KEY_FORMAT: '-key',
  VALUE_FORMAT: '-value',
  FORMAT: '-value',
};

function subjectsIn(
  node: ast.Statement,
  analyzed: AnalyzedStatement | undefined,
  { schemas }: ServerNames,
): readonly NamedSubject[] {
  if (node.$type === 'AssertSchema') {
    const range = node.subject === undefined ? undefined : propertyRange(node, 'subject');
    return range === undefined ? [] : [{ subject: node.subject!.replace(/^'(.*)'$/s, '$1'), range }];
  }
  const topic =
    analyzed?.kind === 'create-source'
      ? analyzed.source.topic
      : analyzed?.kind === 'create-as'
        ? analyzed.topic.name
        : undefined;
  if (topic === undefined || (node.$type !== 'CreateSource' && node.$type !== 'CreateAs')) return [];
  return (node.properties?.entries ?? []).flatMap(({ name, value }): NamedSubject[] => {
    const side = SUBJECTS_OF[name.toUpperCase()];
    const range = propertyRange(value, 'value');
    const written = 'value' in value ? String(value.value) : '';
    const byId = /_SCHEMA_ID$/i.test(name) ? schemas.find(({ id }) => String(id) === written)?.subject : undefined;
    const subject = side === undefined ? byId : `${topic}${side}`;
    return subject === undefined || range === undefined ? [] : [{ subject, range }];
  });
}

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
