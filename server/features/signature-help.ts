import { MarkupKind, type Position, type SignatureHelp } from 'vscode-languageserver';
import { parametersOf } from '../../language/binding/function-signature.ts';
import { type Token, tokenize } from '../../language/text/tokens.ts';
import { type Script, statementAt } from '../scripts/script-store.ts';
import { parameterText, signatureText } from '../text/function-text.ts';

/** The signatures of the function whose arguments stand around a position. */
export function signatureHelp(script: Script, position: Position): SignatureHelp | undefined {
  const offset = script.document.offsetAt(position);
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const tokens = tokenize(script.parsed.text.slice(statement.offset, offset));
  const open = openParenthesis(tokens);
  const name = tokens[open - 1];
  const definition = name?.kind === 'word' ? script.functions.get(name.value) : undefined;
  if (definition === undefined) return undefined;
  const argument = countCommas(tokens.slice(open + 1));
  const takes = definition.overloads.map((overload) => {
    const parameters = parametersOf(overload);
    return argument < parameters.length || parameters.some((parameter) => parameter.variadic);
  });
  return {
    signatures: definition.overloads.map((overload) => {
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
    }),
    activeSignature: Math.max(0, takes.indexOf(true)),
    activeParameter: argument,
  };
}

/** Commas outside of any bracket. */
function countCommas(tokens: readonly Token[]): number {
  let depth = 0;
  let commas = 0;
  for (const { kind, value } of tokens) {
    if (kind !== 'symbol') continue;
    if (value === '(' || value === '[') depth++;
    else if (value === ')' || value === ']') depth--;
    else if (value === ',' && depth === 0) commas++;
  }
  return commas;
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
