import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type FlatGrammar, highlighter } from './highlighted-statements.ts';

/** The part of markdown-it that is used here. */
export interface MarkdownIt {
  readonly options: { highlight?: Highlight | null };
}

/** What an extension gives the Markdown preview. */
export interface MarkdownExtension {
  readonly extendMarkdownIt: <M extends MarkdownIt>(markdown: M) => M;
}

type Highlight = (code: string, language: string, attributes: string) => string;

/** Colours blocks that are marked `ksql` in VS Code's Markdown preview; those of other languages stay as they are. */
export function colourFences(extensionPath: string): MarkdownExtension['extendMarkdownIt'] {
  return (markdown) => {
    const grammar = readFileSync(path.join(extensionPath, 'syntaxes', 'ksql.tmLanguage.json'), 'utf8');
    const highlight = highlighter(JSON.parse(grammar) as FlatGrammar);
    const others = markdown.options.highlight;
    markdown.options.highlight = (code, language, attributes) =>
      language.toLowerCase() === 'ksql' ? highlight(code) : (others?.(code, language, attributes) ?? '');
    return markdown;
  };
}
