/** All that people read goes through `l10n.t`, and what VS Code reads of the manifest through `package.nls.json`. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Node, parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const files = globSync('client/**/*.ts', { cwd: root }).toSorted();

/** Where VS Code and our pages show a text, whatever it looks like. */
const SHOWN_FIELDS =
  /^(title|label|detail|description|prompt|place[hH]older|tooltip|message|text|word|mark|invocationMessage|aria-label)$/;
const SHOWING_CALLS = /^(show(Information|Warning|Error)Message|setStatusBarMessage|setText|appendMarkdown)$/;
/** What only programs or logs read. */
const UNSHOWN_FIELDS = /^(class|className|style|icon|resumes|source)$/;
const UNSHOWN_CALLS =
  /^(RegExp|info|warn|error|execute|run|createOutputChannel|split|parse|querySelectorAll|closest|setAttribute|setIcon)$/;

/** Literals that look like texts and are none: markup, icons, KSQL, what Kafka calls its protocols, keys of tables. */
const NONE = [
  /^\s*<|^\s+body \{|^default-src/,
  /codicon|EMIT CHANGES|^color-mix/,
  /^(PLAINTEXT|TLS|SSL|SASL_SSL|SASL_PLAINTEXT|TABLE|null|ksql run)$/,
  /^(Streams|Tables|Queries|Topics|Connectors|Types)$/,
];

interface Literal {
  readonly text: string;
  readonly isTranslated: boolean;
  readonly isShown: boolean;
  readonly isUnshown: boolean;
}

/** The literals of a file, each with what is known of the place where it stands. */
function literalsOf(file: string): Literal[] {
  const { program, errors } = parseSync(file, read(file));
  if (errors.length > 0) throw new Error(errors[0]!.message);
  const found: Literal[] = [];
  walk(program, [], (node, above) => {
    const text = textOf(node);
    if (text !== undefined) found.push({ text, ...placeOf(above) });
  });
  return found;
}

/** Visits what runs: no types, no imports, no names of fields. */
function walk(node: Node, above: readonly Node[], visit: (node: Node, above: readonly Node[]) => void): void {
  visit(node, above);
  for (const [field, value] of Object.entries(node)) {
    if (/^(source|typeAnnotation|returnType|typeArguments|typeParameters)$/.test(field)) continue;
    if (field === 'key' && !('computed' in node && node.computed)) continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child?.type === 'string') walk(child, [...above, node], visit);
  }
}

function textOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  return node.type === 'TemplateLiteral' ? node.quasis.map(({ value }) => value.cooked).join('{}') : undefined;
}

/** What the nearest call or field around a literal is for. */
function placeOf(above: readonly Node[]): Omit<Literal, 'text'> {
  const calls = above.flatMap((node) =>
    node.type === 'CallExpression' || node.type === 'NewExpression' ? [nameOf(node.callee)] : [],
  );
  const around = above.findLast((node) =>
    /^(Property|PropertyDefinition|CallExpression|NewExpression|Arrow)/.test(node.type),
  );
  const field = around?.type === 'Property' ? nameOf(around.key) : '';
  const call = around !== undefined && 'callee' in around ? nameOf(around.callee) : '';
  return {
    isTranslated: calls.includes('t'),
    isShown: SHOWN_FIELDS.test(field) || SHOWING_CALLS.test(call),
    isUnshown:
      above.at(-1)?.type === 'BinaryExpression' ||
      UNSHOWN_FIELDS.test(field) ||
      UNSHOWN_CALLS.test(call) ||
      above.some(({ type }) => type.startsWith('TS')),
  };
}

/** The last name of what is called or set; with what stands before it where a separator is given. */
function nameOf(node: Node, separator?: string): string {
  if (node.type === 'MemberExpression') {
    const before = separator === undefined ? '' : `${nameOf(node.object, separator)}${separator}`;
    return before + nameOf(node.property);
  }
  if (node.type === 'Literal') return String(node.value);
  return 'name' in node ? String(node.name) : '';
}

test.each(files)('%s hands its texts to l10n.t', (file) => {
  const wrong = literalsOf(file).filter(({ text, isTranslated, isShown, isUnshown }) => {
    if (isTranslated || isUnshown || NONE.some((none) => none.test(text))) return false;
    const words = text.replace(/\$\([\w~-]+\)/g, '');
    return isShown ? /\p{L}{2}/u.test(words) : /\p{Ll}{2}[,:;]? \p{Ll}{2}|^\p{Lu}\p{Ll}+([ .!?…]|$)/u.test(words);
  });
  expect(wrong.map(({ text }) => text)).toEqual([]);
});

test('what is handed to l10n.t is a literal with placeholders, which a translation can name', () => {
  const bundle: Readonly<Record<string, string>> = JSON.parse(read('l10n/bundle.l10n.json'));
  const given = files.flatMap((file) => {
    const found: Node[] = [];
    walk(parseSync(file, read(file)).program, [], (node) => found.push(node));
    return found.flatMap((node) =>
      node.type === 'CallExpression' && /\bl10n\.t$/.test(nameOf(node.callee, '.'))
        ? [{ file, text: node.arguments[0] }]
        : [],
    );
  });
  expect(given.length).toBeGreaterThan(250);
  for (const { file, text } of given)
    expect(bundle, `${file}: ${JSON.stringify(text)}`).toHaveProperty([String(text?.type === 'Literal' && text.value)]);
});

test('what VS Code shows of the manifest stands in package.nls.json, which holds nothing else', () => {
  const { contributes, capabilities } = JSON.parse(read('package.json'));
  const texts: Readonly<Record<string, string>> = JSON.parse(read('package.nls.json'));
  const used = new Set<string>();
  const wrong: string[] = [];
  const check = (value: unknown, field: string, place: string): void => {
    if (Array.isArray(value)) for (const each of value) check(each, field, place);
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value))
        if (name !== 'inputSchema') check(each, name, `${place}.${name}`);
    if (typeof value !== 'string') return;
    const key = /^%(.+)%$/.exec(value)?.[1];
    if (key !== undefined) used.add(key);
    else if (MANIFEST_TEXTS.test(field) && /\p{L}/u.test(value)) wrong.push(`${place}: ${value}`);
  };
  check(contributes, '', 'contributes');
  check(capabilities, '', 'capabilities');
  expect(wrong).toEqual([]);
  expect(Object.keys(texts).toSorted()).toEqual([...used].toSorted());
});

const MANIFEST_TEXTS =
  /^(title|category|displayName|userDescription|altText|contents|label|description|markdownDescription|deprecationMessage|markdownDeprecationMessage|enumDescriptions|markdownEnumDescriptions|enumItemLabels)$/;

test('each setting is in a category, says what it does in Markdown, and is read', () => {
  const { contributes } = JSON.parse(read('package.json'));
  const sources = files.map(read).join('\n');
  for (const { id, title, properties } of contributes.configuration) {
    expect([id, title]).toEqual([expect.stringMatching(/^ksql\./), `%configuration.${id.slice(5)}%`]);
    for (const [name, { markdownDescription, default: value }] of Object.entries<Record<string, unknown>>(properties)) {
      expect(markdownDescription, name).toMatch(/^%setting\..+%$/);
      expect(value, name).toBeDefined();
      const names = [name, name.replace(/^ksql\./, ''), name.split('.').at(-1)!];
      expect(
        names.some((each) => sources.includes(`'${each}'`)),
        `${name} is not read`,
      ).toBe(true);
    }
  }
});
