import type { Dialect, ParsedStatement } from '../../language/index.ts';
import type { AnalysisSettings } from '../../language/query/statement-context.ts';
import { sessionChangeOf } from '../../language/script/session-change.ts';
import { SessionState } from '../../language/script/session-state.ts';
import type { RequestOptions } from '../api/client.ts';

/**
 * The session of a script, which the client keeps and sends with every request, because the API has no sessions
 * (rest-api §11).
 */
export class ScriptSession extends SessionState {
  constructor(properties: Readonly<Record<string, string>>) {
    super(Object.entries(properties));
  }

  /** Takes in a statement that only concerns the session; false for any other. */
  take({ node, text }: ParsedStatement): boolean {
    const change = sessionChangeOf(node, text);
    if (change !== undefined) this.apply(change);
    return change !== undefined;
  }

  /** The same for the analyser. */
  settings(dialect: Dialect): AnalysisSettings {
    return { dialect, properties: this.properties, variables: new Map(Object.entries(this.sentVariables())) };
  }

  options(signal?: AbortSignal): RequestOptions {
    const session = { properties: Object.fromEntries(this.properties), variables: this.sentVariables() };
    return signal === undefined ? session : { ...session, signal };
  }
}
