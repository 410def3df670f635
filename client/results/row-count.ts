import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';

/** `1 row`, `1,204 rows`, in the user's language. */
export const rowCount = (rows: number): string => (rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', count(rows)));
