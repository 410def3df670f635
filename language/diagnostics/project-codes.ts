import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** How the files of a project stand to each other. */
export const PROJECT_CODES = {
  'doubled-definition': {
    severity: 'error',
    offlineSeverity: 'information',
    title: 'A source or type that two files make',
    meaning: 'Another file of the project makes a source, or a type, of the same name.',
    reason:
      'Whichever runs second is refused. Files that are not meant to run together belong to different projects: give each a folder with ' +
      'a `ksql.json`, or name the files of the project in one. Without a `ksql.json`, files of a folder may well be separate scripts, so there it is a remark.',
  },
  'circular-definition': {
    severity: 'error',
    title: 'A source that is made from itself',
    meaning: 'The query of a CREATE … AS reads, by way of other files, what it makes.',
    reason:
      'Each of the statements needs another one to have run before it, so there is no order in which they could run.',
  },
  'lock-differs': {
    severity: 'warning',
    title: 'A cluster that differs from its lock',
    meaning: 'The connected cluster has something else than `ksql.lock.json` says, which was read from it.',
    reason:
      'Without a connection the lock stands for the cluster: files are then checked against what is no longer there. `ksql pull`, or ' +
      '**KSQL: Pull Schema Lock**, writes it anew, and `ksql pull --check` says whether that is necessary.',
  },
} as const satisfies Record<string, DiagnosticEntry>;
