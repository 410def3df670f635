import {
  type CallHierarchyItem,
  type Connection,
  type InitializeResult,
  SemanticTokensBuilder,
  type SemanticTokensDeltaParams,
  type SemanticTokensRangeParams,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import type { FormatStyle } from '../language/index.ts';
import { feedersOf, prepareHierarchy, readersOf } from './features/call-hierarchy.ts';
import { definition, references, typeDefinition } from './features/definition.ts';
import { diagnose } from './features/diagnostics.ts';
import { documentHighlight, linkedEditing } from './features/document-highlight.ts';
import { documentLinks, type Pages } from './features/document-links.ts';
import { formatting } from './features/formatting.ts';
import { inlayHints } from './features/inlay-hints.ts';
import { lineage } from './features/lineage.ts';
import { prepareRename, rename } from './features/rename.ts';
import { selectionRanges } from './features/selection-ranges.ts';
import { pushTokens, SEMANTIC_LEGEND } from './features/semantic-tokens.ts';
import { workspaceSymbols } from './features/workspace-symbols.ts';
import type { InlayHintKinds } from './protocol.ts';
import type { Script, ScriptStore } from './scripts/script-store.ts';
import type { Guard } from './workspace/guard.ts';

type About = { readonly textDocument: { readonly uri: string } };

/** What the answers need of the server. */
export interface Workbench {
  readonly connection: Connection;
  readonly store: ScriptStore;
  readonly guard: Guard;
  /** Settles when all files of the workspace are known. */
  readonly loaded: () => Promise<void>;
  /** Which hints are wanted. */
  readonly hints: () => InlayHintKinds;
  /** Where there is more to read. */
  readonly pages: () => Pages;
  /** How scripts are formatted. */
  readonly style: () => Partial<FormatStyle>;
  /** Answers about an open document. */
  about<P extends About, R>(
    title: string,
    feature: (script: Script, params: P) => R | undefined,
  ): (params: P) => Promise<R | null>;
}

export const WORKSPACE_CAPABILITIES: InitializeResult['capabilities'] = {
  definitionProvider: true,
  declarationProvider: true,
  typeDefinitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  linkedEditingRangeProvider: true,
  workspaceSymbolProvider: true,
  callHierarchyProvider: true,
  selectionRangeProvider: true,
  documentLinkProvider: {},
  inlayHintProvider: true,
  documentOnTypeFormattingProvider: { firstTriggerCharacter: ';' },
  semanticTokensProvider: { legend: SEMANTIC_LEGEND, full: { delta: true }, range: true },
  executeCommandProvider: { commands: ['ksql.lineage'] },
};

/** Answers what concerns more than one file: where names come from and go to. */
export function answerWorkspace(bench: Workbench): void {
  const { connection, store, guard, about, loaded } = bench;
  type At = TextDocumentPositionParams;
  connection.onDefinition(about('Definition', (script, { position }: At) => definition(script, position)));
  connection.onDeclaration(about('Declaration', (script, { position }: At) => definition(script, position)));
  connection.onTypeDefinition(about('Type', (script, { position }: At) => typeDefinition(script, position)));
  connection.onReferences(
    about('References', (script, { position, context }) => references(script, position, context.includeDeclaration)),
  );
  connection.onPrepareRename(about('Renaming', (script, { position }: At) => prepareRename(script, position)));
  connection.onRenameRequest(about('Renaming', (script, { position, newName }) => rename(script, position, newName)));
  connection.onWorkspaceSymbol(({ query }) =>
    guard.run(
      'Symbols of the workspace',
      async () => {
        await loaded();
        return workspaceSymbols(store.workspace.projects, query);
      },
      null,
    ),
  );
  connection.languages.callHierarchy.onPrepare(
    about('Call hierarchy', (script, { position }: At) => prepareHierarchy(script, position)),
  );
  const ofItem =
    <R>(feature: (item: CallHierarchyItem, script: Script) => R) =>
    ({ item }: { readonly item: CallHierarchyItem }): Promise<R | null> =>
      guard.run<R | null>(
        'Call hierarchy',
        async () => {
          await loaded();
          const script = store.find(item.uri);
          return script === undefined ? null : feature(item, script);
        },
        null,
      );
  connection.languages.callHierarchy.onIncomingCalls(ofItem(readersOf));
  connection.languages.callHierarchy.onOutgoingCalls(ofItem(feedersOf));
  connection.onExecuteCommand(({ command, arguments: [uri] = [] }) =>
    guard.run(
      command,
      async () => {
        await loaded();
        const script = command === 'ksql.lineage' ? store.find(String(uri)) : undefined;
        return script === undefined ? null : lineage(script);
      },
      null,
    ),
  );
}

/** Answers what concerns the text of one document: what is beside it, around it and in which colours. */
export function answerDocument({ connection, about, hints, style, pages }: Workbench): void {
  connection.onDocumentHighlight(about('Highlights', (script, { position }) => documentHighlight(script, position)));
  connection.languages.onLinkedEditingRange(
    about('Linked editing', (script, { position }) => linkedEditing(script, position)),
  );
  connection.onSelectionRanges(about('Selection', (script, { positions }) => selectionRanges(script, positions)));
  connection.onDocumentLinks(about('Links', (script) => documentLinks(script, pages())));
  connection.onDocumentOnTypeFormatting(
    about('Formatting', (script, { position }) => formatting(script, style(), { start: position, end: position })),
  );
  connection.languages.inlayHint.on(about('Hints', (script, { range }) => inlayHints(script, range, hints())));
  connection.languages.diagnostics.on(async (params) => {
    const answer = about('Problems', (script) => ({ kind: 'full' as const, items: diagnose(script, pages().ofCode) }));
    return (await answer(params)) ?? { kind: 'full', items: [] };
  });
  answerColours(connection, about);
}

function answerColours(connection: Connection, about: Workbench['about']): void {
  /** What was answered last, which a change is told from. */
  const builders = new WeakMap<object, SemanticTokensBuilder>();
  const pushed = (script: Script, previous: string): SemanticTokensBuilder => {
    const builder = builders.get(script.document) ?? new SemanticTokensBuilder();
    builders.set(script.document, builder);
    builder.previousResult(previous);
    pushTokens(script, builder);
    return builder;
  };
  const { semanticTokens } = connection.languages;
  const full = about('Colours', (script) => pushed(script, '').build());
  semanticTokens.on(async (params) => (await full(params)) ?? { data: [] });
  const delta = about('Colours', (script, { previousResultId }: SemanticTokensDeltaParams) =>
    pushed(script, previousResultId).buildEdits(),
  );
  semanticTokens.onDelta(async (params) => (await delta(params)) ?? { data: [] });
  const within = about('Colours', (script, { range }: SemanticTokensRangeParams) => {
    const builder = new SemanticTokensBuilder();
    pushTokens(script, builder, range);
    return builder.build();
  });
  semanticTokens.onRange(async (params) => (await within(params)) ?? { data: [] });
}
