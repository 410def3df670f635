import { hasRole, parseScript } from '../../language/index.ts';
import { answersText } from './answer-text.ts';
import { inputOf, type Tool, ToolError } from './tool.ts';

/** Statements that make, change, fill and drop. */
export const executeStatements: Tool = {
  name: 'ksql_execute',
  title: 'Execute KSQL Statements',
  description:
    'Executes statements that change what there is: CREATE, INSERT, DROP, TERMINATE, SET within the call. Check the statements first.',
  changes: true,
  inputSchema: inputOf({ statements: { type: 'string', description: 'One or more KSQL statements.' } }, 'statements'),
  async run(input, { client, dialect, signal }) {
    const text = String(input['statements']);
    const { statements } = parseScript(text, { dialect });
    if (statements.some(({ node }) => hasRole(node, 'query')))
      throw new ToolError('Run SELECT statements with ksql_query; PRINT is not available here.');
    return answersText(await client.execute(text, { signal }));
  },
};
