import { type Dialect, hasRole, type ParsedStatement } from '../../language/index.ts';
import type { AnalysisSettings } from '../../language/query/statement-context.ts';
import type { RequestOptions } from '../api/client.ts';

/**
 * The settings and variables of a session, which the client keeps and sends with every request, because the API has no sessions:
 * what SET, UNSET, DEFINE and UNDEFINE change (rest-api §11).
 */
export class ScriptSession {
  readonly properties: Record<string, string>;
  readonly variables: Record<string, string> = {};

  constructor(properties: Readonly<Record<string, string>>) {
    this.properties = { ...properties };
  }

  /** Takes in a statement that only concerns the session; false for any other. */
  apply({ node }: ParsedStatement): boolean {
    if (!hasRole(node, 'session')) return false;
    switch (node.$type) {
      case 'SetProperty':
        this.properties[node.name] = node.value;
        break;
      case 'UnsetProperty':
        delete this.properties[node.name];
        break;
      case 'DefineVariable':
        this.variables[node.name] = node.value;
        break;
      case 'UndefineVariable':
        delete this.variables[node.name];
        break;
      default:
        node satisfies never;
    }
    return true;
  }

  /** The same for the analyser. */
  settings(dialect: Dialect): AnalysisSettings {
    return {
      dialect,
      properties: new Map(Object.entries(this.properties)),
      variables: new Map(Object.entries(this.variables)),
    };
  }

  options(signal?: AbortSignal): RequestOptions {
    return { properties: this.properties, variables: this.variables, ...(signal === undefined ? {} : { signal }) };
  }
}
