/** Checks the script given as argument, as the first thing that its process does; prints the codes of its errors. */
import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../language/index.ts';

const settings = {
  dialect: 'latest',
  properties: new Map<string, string>(),
  variables: new Map<string, string>(),
} as const;
const { diagnostics } = analyzeScript(parseScript(process.argv[2]!, settings), EMPTY_METASTORE, settings);
process.stdout.write(JSON.stringify(diagnostics.flatMap(({ severity, code }) => (severity === 'error' ? [code] : []))));
