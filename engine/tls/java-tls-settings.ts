import { readFileSync } from 'node:fs';
import type { TlsOptions } from './tls-options.ts';

type Properties = Readonly<Record<string, unknown>>;

/**
 * What Java's clients call their certificates and keys: `ssl.truststore.certificates` or `.location`,
 * `ssl.keystore.key` and `.certificate.chain` or `.location`, `ssl.keystore.password`, `ssl.key.password`,
 * `ssl.endpoint.identification.algorithm`. What a file is, its content says, not `ssl.keystore.type`: PEM, or PKCS#12
 * for a key with its certificates.
 * @param prefix what stands before the names: `ksql.schema.registry.`
 * @returns undefined where nothing is said
 * @throws Error that names the property, and what to do
 */
export function javaTlsSettings(properties: Properties, prefix = ''): TlsOptions | undefined {
  const text = (name: string): string | undefined => {
    const value = properties[prefix + name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const trustFile = text('ssl.truststore.location');
  const trusted = text('ssl.truststore.certificates');
  const options: TlsOptions = {
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(trustFile === undefined ? {} : { ca: trustedIn(`${prefix}ssl.truststore.location`, trustFile) }),
    ...keyOf(text, prefix),
    // Java's way of switching the check of the host's name off.
    ...(properties[`${prefix}ssl.endpoint.identification.algorithm`] === ''
      ? { checkServerIdentity: () => undefined }
      : {}),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

function keyOf(text: (name: string) => string | undefined, prefix: string): TlsOptions {
  const file = text('ssl.keystore.location');
  const passphrase = text('ssl.key.password') ?? text('ssl.keystore.password');
  const secret = passphrase === undefined ? {} : { passphrase };
  if (file === undefined) {
    const [key, cert] = [text('ssl.keystore.key'), text('ssl.keystore.certificate.chain')];
    if ((key === undefined) !== (cert === undefined)) {
      const [given, missing] = ['ssl.keystore.key', 'ssl.keystore.certificate.chain'].sort((name) =>
        text(name) === undefined ? 1 : -1,
      );
      throw new Error(`${prefix}${given} is given without ${prefix}${missing}: a key goes with its certificate.`);
    }
    return key === undefined ? {} : { key, cert, ...secret };
  }
  const property = `${prefix}ssl.keystore.location`;
  const content = read(property, file);
  switch (kindOf(content)) {
    case 'pem': {
      const pem = content.toString();
      if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem) || !pem.includes('-----BEGIN CERTIFICATE-----'))
        throw new Error(`${property}: ${file} must hold a private key and its certificates, one below the other.`);
      return { key: pem, cert: pem, ...secret };
    }
    case 'pkcs12':
      // The password of a PKCS#12 file opens the file and its key.
      return { pfx: content, passphrase: text('ssl.keystore.password') ?? passphrase };
    case 'jks':
      throw new Error(
        `${property}: ${file} is a Java keystore (JKS), which only Java reads. Make it PKCS#12: keytool -importkeystore -srckeystore ${file} -destkeystore keystore.p12 -deststoretype PKCS12`,
      );
  }
}

function trustedIn(property: string, file: string): string {
  const content = read(property, file);
  switch (kindOf(content)) {
    case 'pem':
      return content.toString();
    case 'pkcs12':
      throw new Error(
        `${property}: ${file} is PKCS#12, of which only keystores are read. Give the trusted certificates as PEM: openssl pkcs12 -in ${file} -nokeys -out ca.pem`,
      );
    case 'jks':
      throw new Error(
        `${property}: ${file} is a Java keystore (JKS), which only Java reads. Give the trusted certificates as PEM: keytool -list -rfc -keystore ${file} > ca.pem`,
      );
  }
}

function read(property: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${property}: ${(error as Error).message}`, { cause: error });
  }
}

const JKS_MAGIC = 0xfeedfeed;
/** An ASN.1 sequence, which PKCS#12 is. */
const SEQUENCE = 0x30;

function kindOf(content: Buffer): 'pem' | 'pkcs12' | 'jks' {
  if (content.length >= 4 && content.readUInt32BE(0) === JKS_MAGIC) return 'jks';
  return content[0] === SEQUENCE && !content.includes('-----BEGIN') ? 'pkcs12' : 'pem';
}
