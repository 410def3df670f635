import { MarkupKind, type Position, type SignatureHelp } from 'vscode-languageserver';
import { parametersOf } from '../../language/binding/function-signature.ts';
import type { FunctionDefinition, Parameter, ParameterType } from '../../language/functions/function.ts';
import { tokenSources } from '../../language/names/token-names.ts';
import { type Token, tokenize } from '../../language/text/tokens.ts';
import { widensTo } from '../../language/types/implicit-cast.ts';
import type { SqlType } from '../../language/types/sql-type.ts';
import { type Script, statementAt } from '../scripts/script-store.ts';
import { typeOfText } from '../scripts/type-of-text.ts';
import { parameterText, signatureText } from '../text/function-text.ts';

type Overload = FunctionDefinition['overloads'][number];

/**
 * The signatures of the function whose arguments stand around a position; the one that the arguments so far fit best is
 * active.
 */
export function signatureHelp(script: Script, position: Position): SignatureHelp | undefined {
  const offset = script.document.offsetAt(position);
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const before = script.parsed.text.slice(statement.offset, offset);
  const tokens = tokenize(before);
  const open = openParenthesis(tokens);
  const name = tokens[open - 1];
  const definition = name?.kind === 'word' ? script.functions.get(name.value) : undefined;
  if (definition === undefined) return undefined;
  const texts = argumentTexts(before, tokens, open);
  const argument = texts.length - 1;
  const metastore = script.analysis.metastores[statement.index] ?? script.analysis.metastore;
  const sources = tokenSources(statement.text);
  const types = texts.map((text) => (text === '' ? undefined : typeOfText(script, text, metastore, sources)));
  return {
    signatures: definition.overloads.map((overload) => signatureOf(definition, overload, argument)),
    activeSignature: bestOverload(definition.overloads, types),
    activeParameter: argument,
  };
}

function signatureOf(definition: FunctionDefinition, overload: Overload, argument: number) {
  const parameters = parametersOf(overload);
  const variadic = parameters.findIndex((parameter) => parameter.variadic);
  return {
    label: signatureText(definition, overload),
    documentation: { kind: MarkupKind.Markdown, value: overload.description ?? definition.summary },
    activeParameter: variadic >= 0 && argument > variadic ? variadic : argument,
    parameters: parameters.map((parameter) => ({
      label: parameterText(parameter),
      ...(parameter.description === undefined ? {} : { documentation: parameter.description }),
    })),
  };
}

/** The overload that takes so many arguments, and those whose types are known best. */
function bestOverload(overloads: readonly Overload[], types: readonly (SqlType | undefined)[]): number {
  const scores = overloads.map((overload) => {
    const parameters = parametersOf(overload);
    const takesAll = types.length <= parameters.length || parameters.some(({ variadic }) => variadic);
    const fits = types.map((type, i) => (type === undefined ? 0 : fitOf(parameterAt(parameters, i)?.type, type)));
    return fits.reduce((sum, fit) => sum + fit, takesAll ? 1 : 0);
  });
  return scores.indexOf(Math.max(...scores));
}

const parameterAt = (parameters: readonly Parameter[], index: number): Parameter | undefined =>
  parameters[index] ?? parameters.find(({ variadic }) => variadic);

/** How well an argument of a type goes with a parameter: best where it is of its type, badly where it is none. */
function fitOf(parameter: ParameterType | undefined, type: SqlType): number {
  if (parameter === undefined) return MISFIT;
  if (parameter.kind === 'GENERIC' || parameter.kind === 'ANY') return 1;
  if (parameter.kind === type.kind || (parameter.kind === 'ANY_DECIMAL' && type.kind === 'DECIMAL')) return 3;
  if (parameter.kind === 'LAMBDA' || parameter.kind === 'INTERVAL_UNIT') return MISFIT;
  const kind = parameter.kind === 'ANY_DECIMAL' ? 'DECIMAL' : parameter.kind;
  return widensTo(type.kind, kind) ? 2 : MISFIT;
}

const MISFIT = -10;

/** The texts of the arguments behind a parenthesis, as far as they are written. */
function argumentTexts(text: string, tokens: readonly Token[], open: number): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = tokens[open]!.end;
  for (const { kind, value, start: at, end } of tokens.slice(open + 1)) {
    if (kind !== 'symbol') continue;
    if (value === '(' || value === '[') depth++;
    else if (value === ')' || value === ']') depth--;
    else if (value === ',' && depth === 0) {
      found.push(text.slice(start, at).trim());
      start = end;
    }
  }
  return [...found, text.slice(start).trim()];
}

/** Index of the innermost parenthesis that is open at the end, or -1. */
function openParenthesis(tokens: readonly Token[]): number {
  let depth = 0;
  return tokens.findLastIndex(({ kind, value }) => {
    if (kind !== 'symbol') return false;
    if (value === ')') depth++;
    return value === '(' && depth-- === 0;
  });
}
