/** The version of ksqlDB whose API and behaviour this engine has. */
export const SERVER_VERSION = '7.9.9';

/** The version of KSQL Workbench itself. */
export const WORKBENCH_VERSION = '0.1.0';
