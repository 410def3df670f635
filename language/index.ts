export { analyzeScript, type ScriptAnalysis } from './analysis/analyze-script.ts';
export { analyzeStatement, type StatementAnalysis } from './analysis/analyze-statement.ts';
export { EMPTY_METASTORE } from './analysis/metastore.ts';
export { type FormatOptions, formatEdits, formatScript } from './format/format-script.ts';
export type { Dialect, ParseOptions } from './parser/parse-options.ts';
export { type ParsedScript, type ParsedStatement, parseScript, rangeOf } from './parser/parse-script.ts';
export { substituteVariables, VariableError } from './parser/substitute-variables.ts';
