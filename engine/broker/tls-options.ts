import type { ConnectionOptions } from 'node:tls';

/** What TLS may be given: certificates and keys as PEM text. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'
>;
