import { type CompletionItem, CompletionItemKind, type CompletionList, type Position } from 'vscode-languageserver';
import { type Script, toLspRange } from '../scripts/script-store.ts';
import { fieldItems, memberItems, qualifierItems } from './column-items.ts';
import { type CompletionSite, completionSite, goesOn, goesOnAsName } from './completion-site.ts';
import { expressionItems } from './expression-items.ts';
import * as names from './name-items.ts';
import { propertyItems, settingItems, valueItems } from './property-items.ts';
import { isAtStatement, postfixItems, statementItems } from './statement-items.ts';
import { inLowerCase, wordItems, writesLowerCase } from './word-items.ts';

type Offer = (site: CompletionSite) => readonly CompletionItem[];

/**
 * What may be named at each place where the grammar wants a name that exists. At the others it is a name of one's own.
 */
const NAMES: Readonly<Record<string, Offer>> = {
  'AliasedSource.name': names.readableItems,
  'DescribeSource.name': names.sourceItems,
  'DropSource.name': names.itemsOfKind,
  'AlterSource.name': names.alterableItems,
  'AssertSource.name': names.itemsOfKind,
  'InsertValues.target': names.targetItems,
  'InsertValues.columns': names.targetColumnItems,
  'AssertValues.source': names.sourceItems,
  'AssertValues.columns': names.targetColumnItems,
  'AssertNullValues.source': names.sourceItems,
  'AssertNullValues.columns': names.targetColumnItems,
  'TerminateQuery.queryId': names.queryItems,
  'PauseQuery.queryId': names.queryItems,
  'ResumeQuery.queryId': names.queryItems,
  'ExplainStatement.queryId': names.queryItems,
  'PrintTopic.topic': names.topicItems,
  'AssertTopic.topic': names.topicItems,
  'AssertSchema.subject': names.subjectItems,
  'DescribeFunction.name': names.functionNameItems,
  'DescribeConnector.name': names.connectorItems,
  'DropConnector.name': names.connectorItems,
  'DropType.name': names.customTypeItems,
  'PlainType.name': names.typeItems,
  'UndefineVariable.name': names.variableItems,
  'AtomicExpression.qualifier': qualifierItems,
  'AtomicExpression.name': memberItems,
  'NamedExpression.name': expressionItems,
  'AccessStep.field': fieldItems,
  'Property.name': propertyItems,
};

/** Places of names that stand together with those above, or that are nobody's own. */
const OTHER_NAMES: ReadonlySet<string> = new Set(['SelectItem.source', 'InsertSelect.target', 'Lambda.parameters']);

/** What may stand at each place where the grammar wants a text. */
const TEXTS: Readonly<Record<string, Offer>> = {
  'SetProperty.name': settingItems,
  'UnsetProperty.name': settingItems,
  'AlterSystem.name': settingItems,
  'SetProperty.value': valueItems,
  'AlterSystem.value': valueItems,
  'PrintTopic.topic': names.topicItems,
  'AssertTopic.topic': names.topicItems,
  'AssertSchema.subject': names.subjectItems,
  'Property.name': propertyItems,
};

/**
 * What can be typed at a position. What is legal there is the grammar's to say (`expectedAfter`); the metastore says
 * which names there are. The list is asked for anew with every letter, because what is offered depends on the word that
 * has been begun.
 */
export function complete(script: Script, position: Position): CompletionList {
  const site = completionSite(script, script.document.offsetAt(position));
  if (site === undefined) return { isIncomplete: false, items: [] };
  const items = withoutDoubles(site.quote === '' ? itemsAt(site) : quotedItems(site));
  return { isIncomplete: true, items: forWord(site, items) };
}

function itemsAt(site: CompletionSite): CompletionItem[] {
  if (isAtStatement(site)) return [...statementItems(site), ...namedItems(site)];
  if (goesOnAsName(site)) return namedItems(site).filter(({ kind }) => kind === CompletionItemKind.Variable);
  if (goesOn(site)) return namedItems(site);
  const postfix = postfixItems(site);
  const words = site.tokens.at(-1)?.value === '.' ? [] : wordItems(site);
  return [...namedItems(site), ...textItems(site), ...words, ...starItems(site), ...postfix];
}

const namedItems = (site: CompletionSite): CompletionItem[] =>
  [...site.expected.names].flatMap((place) => NAMES[place]?.(site) ?? []);

/** Within quotes: what the text may be, or a name as it is. */
function quotedItems(site: CompletionSite): CompletionItem[] {
  const items = site.quote === "'" ? textItems(site) : namedItems(site).filter(({ kind }) => NAME_KINDS.has(kind));
  const range = toLspRange(site.script.document, { start: site.start, end: site.cursor });
  return items.map((item) => {
    const { label, insertText: newText = label } = item;
    return { ...item, filterText: newText, textEdit: { range, newText } };
  });
}

function textItems(site: CompletionSite): CompletionItem[] {
  const isValue =
    site.tokens.at(-1)?.value === '=' && site.expected.placesAround('Literal.value').has('Property.value');
  const offered = [...site.expected.texts].flatMap((place) =>
    NAMES[place] && site.quote === '' ? [] : (TEXTS[place]?.(site) ?? []),
  );
  return isValue ? [...offered, ...valueItems(site)] : offered;
}

/** All columns, where a select item may begin. */
const starItems = ({ expected, from, metastore, tokens }: CompletionSite): CompletionItem[] =>
  tokens.at(-1)?.value !== '.' && expected.words.some(({ text, place }) => text === '*' && place === 'SelectItem')
    ? [
        {
          label: '*',
          kind: CompletionItemKind.Operator,
          sortText: 'b',
          detail: from
            .flatMap(({ source }) => metastore.sources.get(source)?.schema.columns ?? [])
            .map(({ name }) => name)
            .join(', '),
        },
      ]
    : [];

const NAME_KINDS: ReadonlySet<CompletionItemKind | undefined> = new Set([
  CompletionItemKind.Event,
  CompletionItemKind.Struct,
  CompletionItemKind.Field,
  CompletionItemKind.Constant,
  CompletionItemKind.Variable,
]);

/** Several places may offer the same name; the first is kept. */
function withoutDoubles(items: readonly CompletionItem[]): CompletionItem[] {
  const byText = new Map<string, CompletionItem>();
  for (const item of items) {
    const key = `${item.label} ${item.kind}`;
    if (!byText.has(key)) byText.set(key, item);
  }
  return [...byText.values()];
}

/**
 * What is offered for the word that was begun. A list that opens by itself chooses nothing (`package.json` says so); in
 * one that was asked for, a word that is complete stands first and is chosen, so that Enter does not change what was
 * typed. Keywords have the word's case, functions that of the keywords before, and where it may be a name of the user's
 * own, they are offered only when two letters of them are there.
 */
function forWord(site: CompletionSite, items: readonly CompletionItem[]): CompletionItem[] {
  const { begun } = site;
  const cased = items.map((item) => (isWrittenSmall(item, site) ? inSmallLetters(item) : item));
  if (begun === '' || site.quote !== '') return [...cased];
  const upper = begun.toUpperCase();
  const offered = mayBeOwnName(site)
    ? cased.filter(({ label }) => begun.length > 1 && label.toUpperCase().startsWith(upper))
    : cased;
  const complete = offered.find(({ label }) => label.toUpperCase().split(' ')[0] === upper);
  if (complete === undefined) return [...offered];
  const asTyped: CompletionItem = {
    label: begun,
    kind: complete.kind ?? CompletionItemKind.Keyword,
    ...(complete.labelDetails === undefined ? {} : { labelDetails: complete.labelDetails }),
    ...(complete.data === undefined ? {} : { data: complete.data }),
    ...(complete.documentation === undefined ? {} : { documentation: complete.documentation }),
    preselect: true,
    sortText: '',
  };
  return [asTyped, ...offered.filter(({ label, insertText = label }) => insertText !== begun)];
}

/** Whether a name that does not exist yet may stand at the place. */
const mayBeOwnName = ({ expected, tokens }: CompletionSite): boolean =>
  tokens.length > 0 && [...expected.names].some((place) => !(place in NAMES) && !OTHER_NAMES.has(place));

const CASED: ReadonlySet<CompletionItemKind | undefined> = new Set([
  CompletionItemKind.Keyword,
  CompletionItemKind.Function,
  CompletionItemKind.Snippet,
]);

/** Keywords are put in as the word that is being typed, functions as the keywords before. */
function isWrittenSmall({ kind }: CompletionItem, site: CompletionSite): boolean {
  if (!CASED.has(kind)) return false;
  const { begun } = site;
  if (kind === CompletionItemKind.Function || !/[A-Za-z]/.test(begun)) return writesLowerCase(site);
  return begun === begun.toLowerCase();
}

function inSmallLetters(item: CompletionItem): CompletionItem {
  const { label, insertText = label, kind } = item;
  return {
    ...item,
    label: kind === CompletionItemKind.Snippet ? label : label.toLowerCase(),
    insertText: inLowerCase(insertText),
  };
}
