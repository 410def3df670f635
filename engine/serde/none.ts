import { type Format, NO_ENCODER } from './encoding/serde.ts';

/** The format of keys and values without columns: writes nothing, ignores what it reads. */
export const noneFormat: Format = {
  createDecoder: async () => ({ decode: () => true }),
  createEncoder: async () => NO_ENCODER,
};
