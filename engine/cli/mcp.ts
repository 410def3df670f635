import path from 'node:path';
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Dialect } from '../../language/index.ts';
import { splitStatements } from '../../language/parser/split-statements.ts';
import { type StatementForm, statementFormIn } from '../../language/parser/statement-form.ts';
import { WORKBENCH_VERSION } from '../api/server-version.ts';
import { EXIT, type ExitCode } from '../script/exit-codes.ts';
import { findFiles, readScript } from '../script/script-files.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { TOOLS } from '../tools/tools.ts';
import { openTarget, type TargetOptions } from './engines/target.ts';

export interface McpOptions extends TargetOptions {
  readonly dialect: Dialect;
  /** Whether statements that change something may be executed. */
  readonly allowChanges?: boolean;
}

/**
 * `ksql mcp`: serves the tools for language models over standard input and output (Model Context Protocol), until the
 * client closes them. On the embedded engine the scripts of the user's run first.
 */
export async function mcp(files: readonly string[], options: McpOptions): Promise<ExitCode> {
  const scripts = findFiles(files);
  const folders = scripts.map((file) => path.dirname(path.resolve(file)));
  const target = await openTarget({ ...options, files: [...new Set([...folders, ...(options.files ?? [])])] });
  try {
    for (const file of scripts) await target.client.execute(withoutQueries(readScript(file)));
    const context = { client: target.client, dialect: options.dialect };
    const tools = TOOLS.filter(({ changes }) => options.allowChanges === true || !changes);
    const ended = Promise.withResolvers<void>();
    const handle = serveStdio(() => serverOf(tools, context));
    process.stdin.once('end', ended.resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ended.resolve);
    process.stderr.write(`ksql mcp: ${tools.length} tools for ${target.name}\n`);
    await ended.promise;
    await handle.close();
    return EXIT.done;
  } finally {
    await target.close();
  }
}

/** What a script makes: rows that it shows are for people, and tools have queries of their own. */
function withoutQueries(script: string): string {
  const texts = splitStatements(script).statements.map(({ start, end }) => script.slice(start, end));
  return texts.filter((text) => !SHOWING.has(statementFormIn(text))).join('\n');
}

const SHOWING: ReadonlySet<StatementForm> = new Set(['push', 'pull', 'print']);

function serverOf(tools: readonly Tool[], context: ToolContext): McpServer {
  const server = new McpServer({ name: 'ksql', title: 'KSQL Workbench', version: WORKBENCH_VERSION });
  for (const tool of tools) {
    const { title, description, changes } = tool;
    const inputSchema = fromJsonSchema<Record<string, unknown>>({ ...tool.inputSchema });
    const annotations = { readOnlyHint: !changes, destructiveHint: changes };
    server.registerTool(tool.name, { title, description, inputSchema, annotations }, async (input, { mcpReq }) =>
      answer(tool, input, { ...context, signal: mcpReq.signal }),
    );
  }
  return server;
}

/** What cannot be done is told to the model, which can do better; it is no failure of the protocol. */
async function answer(tool: Tool, input: Record<string, unknown>, context: ToolContext) {
  try {
    return { content: [{ type: 'text' as const, text: await tool.run(input, context) }] };
  } catch (error) {
    return { content: [{ type: 'text' as const, text: (error as Error).message }], isError: true };
  }
}
