/** Where the files of a workspace are read from. Files are named by their URIs. */
export interface FileSource {
  /** The files below a folder that may be of interest: `.ksql`, `.ksqlnb`, `.sql`, `ksql.json` and `ksql.lock.json`. */
  list(folder: string): Promise<readonly string[]>;
  /** The text of a file; undefined where there is none, or none that can be read. */
  read(uri: string): Promise<string | undefined>;
}
