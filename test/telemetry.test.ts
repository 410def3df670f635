/** Nothing is told about those who use it: there is no telemetry, and no address that only we would know. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Hosts that the sources name, each with what for: texts that people read, and examples. Nothing is fetched there. */
const NAMED: Readonly<Record<string, string>> = {
  'docs.docker.com': 'how to install a container program, in a message',
  'podman.io': 'the same',
  'docs.ksqldb.io': 'links in documentation',
  'docs.confluent.io': 'links in documentation',
  'json-schema.org': 'the name of a dialect of JSON Schema',
  'json.schemastore.org': 'the name of the schema of SARIF',
  'raw.githubusercontent.com': 'the name of the schema of SARIF',
  host: 'how an address is written, in a message',
  'host:port': 'the same',
  localhost: 'this machine',
  'www.w3.org': 'the name of SVG',
  'cnfl.io': "where ksqlDB's own words point to",
  'github.com': 'the same',
  'docs.example.com': 'the example of functions for URLs',
  'engine.example': 'an example in a message',
  NAME: 'the same',
  www: 'a pattern of generated rows',
  'www.google.com': 'a browser in generated rows',
};
const TELEMETRY =
  /telemetry|analytics|applicationinsights|sentry|segment|mixpanel|posthog|bugsnag|rollbar|datadog|amplitude/i;

/** An interface that does nothing without an exporter, which prom-client names for its exemplars. */
const NO_EXPORTER = /@opentelemetry\/api$/;

test('no package that is shipped or used in the making of it tells about its users', () => {
  const packages: Readonly<Record<string, { readonly dev?: boolean }>> = JSON.parse(read('package-lock.json')).packages;
  const shipped = Object.entries(packages).flatMap(([name, { dev }]) => (dev || name === '' ? [] : [name]));
  expect(shipped.length).toBeGreaterThan(50);
  expect(shipped.filter((name) => TELEMETRY.test(name) && !NO_EXPORTER.test(name))).toEqual([]);
});

test('the sources name no host but those of the list', () => {
  const found = new Set<string>();
  for (const file of globSync('{client,engine,language,server}/**/*.ts', { cwd: root })) {
    if (file.includes('/generated/') || file.includes('node_modules')) continue;
    const note = (text: string) => {
      for (const [, host] of text.matchAll(/\bhttps?:\/\/([\w.-]+)/g)) found.add(host!);
    };
    new Visitor({
      Literal: ({ value }) => typeof value === 'string' && note(value),
      TemplateElement: ({ value }) => note(value.raw),
    }).visit(parseSync(file, read(file)).program);
  }
  expect([...found].filter((host) => !(host in NAMED)).toSorted()).toEqual([]);
});

test('it is said where people look', () => {
  expect(read('README.md')).toMatch(/\*\*Telemetry:\*\* none/);
});
