export {
  type Dialect,
  type ParsedScript,
  type ParsedStatement,
  type ParseOptions,
  parseScript,
  rangeOf,
} from './parser/parse-script.ts';
