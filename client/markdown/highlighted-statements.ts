import { escapeHtml } from '../page/escape-html.ts';

/** A TextMate grammar as far as that of KSQL goes: a list of patterns, none within another but variables. */
export interface FlatGrammar {
  readonly patterns: readonly GrammarPattern[];
  readonly repository: Readonly<Record<string, GrammarPattern>>;
}

interface GrammarPattern {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly patterns?: readonly GrammarPattern[];
}

interface Rule {
  readonly pattern: RegExp;
  readonly style: string | undefined;
}

/** The styles that VS Code's Markdown preview has, by the beginnings of scopes. */
const STYLES: readonly (readonly [scope: string, style: string | undefined])[] = [
  ['comment', 'hljs-comment'],
  ['string', 'hljs-string'],
  ['constant.numeric', 'hljs-number'],
  ['constant', 'hljs-literal'],
  ['support.function', 'hljs-built_in'],
  ['storage.type', 'hljs-type'],
  ['keyword.operator', undefined],
  ['keyword', 'hljs-keyword'],
  ['variable', 'hljs-variable'],
];

/** Colours statements for a page of HTML, by the grammar that colours them in the editor. */
export function highlighter({ patterns, repository }: FlatGrammar): (statements: string) => string {
  const rules = patterns.map((pattern) => ruleOf(repository[pattern.include?.slice(1) ?? ''] ?? pattern));
  return (statements) => {
    let html = '';
    let plain = '';
    for (let at = 0; at < statements.length; ) {
      const found = firstMatch(rules, statements, at);
      if (found === undefined) {
        plain += statements[at++];
        continue;
      }
      html += escapeHtml(plain);
      plain = '';
      html +=
        found.style === undefined
          ? escapeHtml(found.text)
          : `<span class="${found.style}">${escapeHtml(found.text)}</span>`;
      at += found.text.length;
    }
    return html + escapeHtml(plain);
  };
}

function firstMatch(
  rules: readonly Rule[],
  text: string,
  at: number,
): { readonly text: string; readonly style: Rule['style'] } | undefined {
  for (const { pattern, style } of rules) {
    pattern.lastIndex = at;
    const [found = ''] = pattern.exec(text) ?? [];
    if (found !== '') return { text: found, style };
  }
  return undefined;
}

function ruleOf({ name = '', match, begin, end, patterns = [] }: GrammarPattern): Rule {
  const inner = [...patterns.flatMap((pattern) => pattern.match ?? []), '[\\s\\S]'].join('|');
  const source = match ?? `(?:${begin})(?:${inner})*?(?:${end}|$(?![\\s\\S]))`;
  const isCaseless = source.startsWith('(?i)');
  const pattern = new RegExp(isCaseless ? source.slice(4) : source, isCaseless ? 'imy' : 'my');
  return { pattern, style: STYLES.find(([scope]) => name.startsWith(scope))?.[1] };
}
