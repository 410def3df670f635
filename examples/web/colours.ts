import type { languages } from 'monaco-editor/editor';
import grammar from '../../syntaxes/ksql.tmLanguage.json';

/** The words that VS Code's grammar of KSQL gives a scope. */
function wordsOf(scope: string): readonly string[] {
  const { match = '' } = grammar.patterns.find(({ name }) => name === `${scope}.ksql`) as { readonly match?: string };
  return /\(\?:([A-Z_|\d]+)\)/i.exec(match)?.[1]?.split('|') ?? [];
}

/** Colours of words until the language server says what they stand for. */
export const monarchLanguage: languages.IMonarchLanguage = {
  ignoreCase: true,
  constants: wordsOf('constant.language'),
  functions: wordsOf('support.function'),
  types: wordsOf('storage.type'),
  keywords: wordsOf('keyword.other'),
  tokenizer: {
    root: [
      [/--.*$/, 'comment'],
      [/\/\*/, 'comment', '@comment'],
      [/'/, 'string', '@string'],
      [/`(?:[^`]|``)*`|"(?:[^"]|"")*"/, 'variable'],
      [/\d+(?:\.\d*)?(?:e[+-]?\d+)?/, 'number'],
      [
        /[a-z_]\w*/,
        {
          cases: {
            '@constants': 'constant',
            '@functions': 'predefined',
            '@types': 'type',
            '@keywords': 'keyword',
            '@default': 'identifier',
          },
        },
      ],
      [/->|=>|:=|<>|!=|<=|>=|\|\||[=<>+\-*/%]/, 'operator'],
    ],
    comment: [
      [/\*\//, 'comment', '@pop'],
      [/./, 'comment'],
    ],
    string: [
      [/''/, 'string.escape'],
      [/'/, 'string', '@pop'],
      [/[^']+/, 'string'],
    ],
  },
};
