import type { ParsedStatement } from '../../language/index.ts';
import { type Named, type NamedColumn, nameKey, type OutputName } from '../../language/names/name.ts';
import { scriptsNaming } from '../scripts/mentions.ts';
import { namesIn, type PlacedName } from '../scripts/names.ts';
import type { Script } from '../scripts/script-store.ts';
import { derivedName, type NewName } from './new-name.ts';

interface Renamed {
  readonly named: Named;
  readonly name: NewName;
}

type NamedField = Extract<Named, { kind: 'field' }>;

/**
 * All that gets another name with one: a column also in what is made from it where it is handed on by its name or by
 * `*`, and what takes part of its name from an alias or a source, as the columns of joins do.
 */
export class RenameSet {
  readonly #renamed = new Map<string, Renamed>();
  readonly #scripts = new Map<string, Script>();
  readonly #open: Renamed[] = [];
  readonly #script: Script;
  readonly #first: NewName;

  constructor({ use: { named }, key, script }: PlacedName, name: NewName) {
    this.#script = script;
    this.#first = name;
    this.#add(named, name, key);
    for (let next = this.#open.shift(); next !== undefined; next = this.#open.shift()) this.#follow(next);
  }

  /** The scripts in which something has to change. */
  get scripts(): readonly Script[] {
    return [...this.#scripts.values()];
  }

  /** Whether what has a key gets a new name. */
  has(key: string): boolean {
    return this.#renamed.has(key);
  }

  /** The new name of what has a key. */
  get(key: string): NewName | undefined {
    return this.#renamed.get(key)?.name;
  }

  /** How a name that stays is written beside the new one: in small letters where that is. */
  text(name: string): string {
    return derivedName(name, this.#first).text;
  }

  /** The name that a column of a result gets by itself, once all else has its new name. */
  derived({ named, from, by, alias }: OutputName, statement: ParsedStatement, script: Script): string {
    if (from === undefined || by === 'alias' || by === 'rule') return named.name;
    const column = this.get(nameKey(from))?.name ?? from.name;
    const source = alias === undefined ? undefined : this.#aliasIn(alias, statement, script);
    if (alias !== undefined && named.name === `${alias}_${from.name}`) return `${source}_${column}`;
    return named.name === from.name ? column : named.name;
  }

  #add(named: Named, name: NewName, key: string): void {
    if (this.#renamed.has(key)) return;
    const renamed = { named, name };
    this.#renamed.set(key, renamed);
    this.#open.push(renamed);
  }

  /** What follows from one new name. */
  #follow({ named, name }: Renamed): void {
    for (const script of scriptsNaming(named, this.#script)) {
      this.#scripts.set(script.document.uri, script);
      for (const statement of script.parsed.statements) {
        if (named.kind === 'field') this.#followField(named, name, statement, script);
        else this.#followIn(statement, script, name);
      }
    }
    // A query writes to a topic of its sink's name, unless it says otherwise.
    if (named.kind === 'source' && this.#hasOwnTopic(named.name))
      this.#add(
        { kind: 'topic', name: named.name },
        { name: name.name, text: name.name },
        nameKey({ kind: 'topic', name: named.name }),
      );
  }

  #followIn(statement: ParsedStatement, script: Script, like: NewName): void {
    const { outputs } = namesIn(script, statement);
    for (const output of outputs) {
      const derived = this.derived(output, statement, script);
      // What an INSERT gives is named by its target; and where the name is taken, the old one is kept with AS.
      if (!output.defines || derived === output.named.name) continue;
      if (!outputs.some(({ named }) => named.name === derived)) this.#addColumn(output.named, derived, like);
    }
  }

  /** A struct that a query hands on has its fields under the name that it gets there. */
  #followField(field: NamedField, name: NewName, statement: ParsedStatement, script: Script): void {
    const { within } = field;
    if (within?.kind !== 'column') return;
    const key = nameKey(within);
    for (const { from, named } of namesIn(script, statement).outputs) {
      if (from === undefined || nameKey(from) !== key) continue;
      const handedOn: NamedField = { ...field, within: named };
      this.#add(handedOn, name, nameKey(handedOn));
    }
  }

  #addColumn(column: NamedColumn, name: string, like: NewName): void {
    this.#add(column, name === like.name ? like : derivedName(name, like), nameKey(column));
  }

  /** What a name that a source goes by in a statement becomes. */
  #aliasIn(alias: string, statement: ParsedStatement, script: Script): string {
    const scope = { file: script.document.uri, index: statement.index };
    const own = namesIn(script, statement).uses.find(
      ({ named }) => named.kind === 'alias' && named.name === alias,
    )?.named;
    return (own === undefined ? this.get(`source ${alias}`) : this.get(nameKey(own, scope)))?.name ?? alias;
  }

  #hasOwnTopic(source: string): boolean {
    const makers = [...this.#scripts.values()].flatMap(({ parsed }) =>
      parsed.statements.flatMap(({ node }) => node ?? []),
    );
    const maker = makers.find((node) => node.$type === 'CreateAs' && node.name === source);
    if (maker?.$type !== 'CreateAs') return false;
    return maker.properties?.entries.some(({ name }) => name.toUpperCase() === 'KAFKA_TOPIC') !== true;
  }
}
