import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  EmptyFileSystem,
  inject,
  type LangiumCoreServices,
  type ParseResult,
} from 'langium';
import type { StatementText } from '../generated/ast.ts';
import { KsqlGeneratedModule, KsqlGeneratedSharedModule } from '../generated/module.ts';
import { KsqlValueConverter } from './value-converter.ts';

let services: LangiumCoreServices | undefined;

/** Langium's services for the language, made when first needed. */
export function ksqlServices(): LangiumCoreServices {
  if (services === undefined) {
    const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), KsqlGeneratedSharedModule);
    services = inject(createDefaultCoreModule({ shared }), KsqlGeneratedModule, {
      parser: { ValueConverter: () => new KsqlValueConverter() },
    });
    shared.ServiceRegistry.register(services);
    limitErrorPaths(services);
  }
  return services;
}

/**
 * The parser lists in an error all token sequences that would have been possible, up to this many tokens long. Nothing reads
 * them here, and with more than one token the list of what may follow SELECT takes seconds to make. Lookahead itself has no limit
 * and is not touched; giving the limit as configuration would put a fixed lookahead in its place.
 */
function limitErrorPaths(made: LangiumCoreServices): void {
  wrapperOf(made).maxLookahead = 1;
}

/** The parts of Chevrotain's parser that Langium gives no access to. */
interface ParserWrapper {
  maxLookahead: number;
  recoveryEnabled: boolean;
}

const wrapperOf = ({ parser }: LangiumCoreServices): ParserWrapper =>
  (parser.LangiumParser as unknown as { readonly wrapper: ParserWrapper }).wrapper;

/** Throws the parser away: one that was left in the middle of its work by a full call stack has lost track of where it is. */
export function discardParser(): void {
  services = undefined;
}

/** Parses the text of one statement. Offsets in the result are relative to that text. */
export function parseStatementText(text: string): ParseResult<StatementText> {
  return ksqlServices().parser.LangiumParser.parse<StatementText>(text);
}

/** Whether a text is one statement without syntax errors. Ends at the first error, so it is much faster than a parse that goes on. */
export function parsesText(text: string): boolean {
  const wrapper = wrapperOf(ksqlServices());
  wrapper.recoveryEnabled = false;
  try {
    const { lexerErrors, parserErrors } = parseStatementText(text);
    return lexerErrors.length === 0 && parserErrors.length === 0;
  } finally {
    wrapper.recoveryEnabled = true;
  }
}
