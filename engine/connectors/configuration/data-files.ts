/** The files that connectors read, by the names that their properties give. */
export interface DataFiles {
  /** Opens a file. @throws Error that says why it cannot be read, and what to do */
  open(name: string): Promise<DataFile>;
}

/** An open file. It is closed once it was read to its end, or left. */
export interface DataFile {
  /** All of it. */
  text(): Promise<string>;
  /** Its lines, without their ends. */
  lines(): AsyncIterable<string>;
  close(): void;
}
