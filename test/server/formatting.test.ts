import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { formatting } from '../../server/features/formatting.ts';
import { scriptAt } from './script.ts';

const TEXT = 'show  streams;\n\n\n\nselect *\nfrom a;\nshow   tables;\n';

test('a document is formatted with one change for each statement and gap that is not yet', () => {
  const { script } = scriptAt(TEXT);
  const edits = formatting(script, {});
  expect(edits).toHaveLength(4);
  expect(TextDocument.applyEdits(script.document, edits)).toBe('SHOW STREAMS;\n\nSELECT *\nFROM a;\nSHOW TABLES;\n');
});

test('a range formats the statements it touches, as a whole', () => {
  const { script } = scriptAt(TEXT);
  const inQuery = { line: 5, character: 2 };
  const edits = formatting(script, {}, { start: inQuery, end: inQuery });
  expect(TextDocument.applyEdits(script.document, edits)).toBe(
    'show  streams;\n\n\n\nSELECT *\nFROM a;\nshow   tables;\n',
  );
});
