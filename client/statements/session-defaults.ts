import * as vscode from 'vscode';

const OFFSET_RESET = 'auto.offset.reset';

/** The properties that statements run with where their script does not set others: of the engine, and where to read. */
export function sessionDefaults(): Readonly<Record<string, string>> {
  const settings = vscode.workspace.getConfiguration('ksql');
  const properties = settings.get<Record<string, string>>('engine.properties', {});
  return settings.get<string>('run.readFrom') === 'beginning'
    ? { [OFFSET_RESET]: 'earliest', ...properties }
    : properties;
}

/** Whether a change of settings is one of them. */
export const affectsSessionDefaults = (event: vscode.ConfigurationChangeEvent): boolean =>
  event.affectsConfiguration('ksql.engine.properties') || event.affectsConfiguration('ksql.run.readFrom');
