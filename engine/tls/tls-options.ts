import type { ConnectionOptions } from 'node:tls';

/** What TLS may be given: certificates and keys as PEM text, or a key with its certificates as PKCS#12. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'
>;
