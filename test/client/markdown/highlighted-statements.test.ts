import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourFences } from '../../../client/markdown/colour-fences.ts';
import { escapeHtml } from '../../../client/page/escape-html.ts';

const root = path.join(import.meta.dirname, '../../..');
const markdown = { options: { highlight: (code: string, language: string) => `${language}:${code}` } };
const { highlight } = colourFences(root)(markdown).options;
const coloured = (code: string, language = 'ksql') => (highlight as (...parts: string[]) => string)(code, language, '');

describe('statements in a Markdown preview', () => {
  test('have the colours of the editor', () => {
    expect(coloured("select COUNT(*) FROM a WHERE b < 'it''s' -- why")).toBe(
      '<span class="hljs-keyword">select</span> <span class="hljs-built_in">COUNT</span>(*) ' +
        '<span class="hljs-keyword">FROM</span> a <span class="hljs-keyword">WHERE</span> b &lt; ' +
        '<span class="hljs-string">\'it\'\'s\'</span> <span class="hljs-comment">-- why</span>',
    );
    expect(coloured('CAST(1.5 AS INT)')).toContain('<span class="hljs-type">INT</span>');
  });

  test('other languages are left to others', () => {
    expect(coloured('SELECT', 'sql')).toBe('sql:SELECT');
  });

  test('whatever they hold is shown as it is, and never becomes markup', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom("'", '"', '/*', '*/', '--', '\n', '<script>', '${a}', 'SELECT', '&amp;'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (code) => {
        const html = coloured(code);
        expect(html.replace(/<span class="hljs-[a-z_]+">|<\/span>/g, '')).toBe(escapeHtml(code));
      }),
    );
  });
});
