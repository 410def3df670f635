/** How engines of one service share their queries' tasks; absent where one engine has all of them. */
export interface WorkSharing {
  /** An id of this process, the same for all its queries' memberships. */
  readonly process: string;
  /** Tasks of a query that it does side by side. */
  readonly capacity: number;
  /**
   * Where others reach this engine over REST (`ksql.advertised.listener`, else the first of `listeners`), as
   * `http://host:port`; undefined before it listens or where it does not.
   */
  endpoint(): string | undefined;
}
