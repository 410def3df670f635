export { type FormatOptions, formatEdits, formatScript } from './format/format-script.ts';
export type { FormatStyle } from './format/format-style.ts';
export { EMPTY_METASTORE } from './metastore/metastore.ts';
export type { Dialect, ParseOptions } from './parser/parse-options.ts';
export { type ParsedScript, type ParsedStatement, parseScript, rangeOf } from './parser/parse-script.ts';
export { hasRole, STATEMENT_ROLES, type StatementRole, type StatementWith } from './parser/statement-roles.ts';
export { substituteVariables, VariableError } from './parser/substitute-variables.ts';
export { analyzeScript, type ScriptAnalysis } from './script/analyze-script.ts';
export { analyzeStatement, type StatementAnalysis } from './script/analyze-statement.ts';
