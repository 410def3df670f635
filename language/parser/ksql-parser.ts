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
  }
  return services;
}

/** Parses the text of one statement. Offsets in the result are relative to that text. */
export function parseStatementText(text: string): ParseResult<StatementText> {
  return ksqlServices().parser.LangiumParser.parse<StatementText>(text);
}
