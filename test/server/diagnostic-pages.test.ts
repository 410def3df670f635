import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { diagnosticPage } from '../../language/diagnostics/diagnostic-page.ts';

/** What the server says of a script to a client that shows links, and that may say where they lead. */
async function problemsOf(text: string, initializationOptions: object, codeDescriptionSupport: boolean) {
  const program = path.join(import.meta.dirname, '../../server/main.ts');
  const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const client: MessageConnection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  try {
    client.listen();
    const capabilities = { textDocument: { publishDiagnostics: { codeDescriptionSupport } } };
    await client.sendRequest('initialize', { processId: null, rootUri: null, capabilities, initializationOptions });
    const published = new Promise<PublishDiagnosticsParams>((resolve) => {
      client.onNotification('textDocument/publishDiagnostics', resolve);
    });
    await client.sendNotification('initialized', {});
    const textDocument = { uri: 'file:///script.ksql', languageId: 'ksql', version: 1, text };
    await client.sendNotification('textDocument/didOpen', { textDocument });
    return (await published).diagnostics;
  } finally {
    client.dispose();
    server.kill();
  }
}

test('the code of a problem leads to its page on the disk, without a network', async () => {
  const [problem] = await problemsOf('SHOW STREAMS', {}, true);
  expect(problem!.code).toBe('syntax-missing-semicolon');
  const page = readFileSync(fileURLToPath(problem!.codeDescription!.href), 'utf8');
  expect(page).toBe(`${diagnosticPage('syntax-missing-semicolon')}\n`);
});

test('a client with pages of its own says where they are', async () => {
  const [problem] = await problemsOf('SHOW STREAMS', { diagnosticPage: 'command:page?{code}' }, true);
  expect(problem!.codeDescription).toEqual({ href: 'command:page?syntax-missing-semicolon' });
});

test('a client that shows no links gets none', async () => {
  const [problem] = await problemsOf('SHOW STREAMS', {}, false);
  expect(problem).not.toHaveProperty('codeDescription');
});
