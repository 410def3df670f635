import type { QuickstartName } from '../../../language/documentation/quickstart-names.ts';
import { DEVICE_QUICKSTARTS } from './device-quickstarts.ts';
import { PEOPLE_QUICKSTARTS } from './people-quickstarts.ts';
import type { Quickstart } from './quickstart.ts';
import { TRADE_QUICKSTARTS } from './trade-quickstarts.ts';

/** What `quickstart` may name: the names, fields and keys of Confluent's datagen connector, with data of our own. */
export const QUICKSTARTS: Readonly<Record<QuickstartName, Quickstart>> = {
  ...PEOPLE_QUICKSTARTS,
  ...TRADE_QUICKSTARTS,
  ...DEVICE_QUICKSTARTS,
};

export const quickstartNamed = (name: string): Quickstart | undefined =>
  Object.hasOwn(QUICKSTARTS, name) ? QUICKSTARTS[name as QuickstartName] : undefined;
