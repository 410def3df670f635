/** The version of ksqlDB whose API and behaviour this engine has. */
export const SERVER_VERSION = '7.9.9';
