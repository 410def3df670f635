import { type CstNode, DefaultValueConverter, type GrammarAST, type ValueType } from 'langium';

/**
 * Turns what is written into what it means: unquoted names and keywords become upper case, quoted names and strings
 * lose their quotes. `RawIdentifier` keeps the case of a name.
 */
export class KsqlValueConverter extends DefaultValueConverter {
  protected override runConverter(rule: GrammarAST.AbstractRule, input: string, cstNode: CstNode): ValueType {
    switch (rule.name) {
      case 'TEXT':
      case 'QUOTED_ID':
      case 'BACKQUOTED_ID':
        return unquote(input);
      case 'Identifier':
      case 'ColumnName':
      case 'DescribedName':
      case 'TypeName':
      case 'BareAlias':
      case 'VariableName':
        return isQuoted(cstNode.text) || input.startsWith('${') ? input : input.toUpperCase();
      case 'SourceKind':
      case 'ConnectorKind':
      case 'EmitMode':
      case 'WindowUnit':
      case 'OrOperator':
      case 'AndOperator':
      case 'TruthValue':
      case 'IntervalKeyword':
        return input.toUpperCase();
      case 'JoinType':
        // The tokens of a rule are put together without the blanks between them; the first word says it all.
        return /^\w+/.exec(cstNode.text)![0].toUpperCase();
      default:
        return input;
    }
  }
}

const isQuoted = (written: string) => written.startsWith('"') || written.startsWith('`');

/** The text between quotes, with doubled quotes made single. */
export function unquote(written: string): string {
  const quote = written[0]!;
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}
