import type { FunctionDeclaration } from '../../language/functions/declared.ts';

/** Where functions of the user's own are read from. */
export interface FunctionSource {
  /** What the files below a folder, named by its URI, declare; nothing where there is no such folder. */
  list(folder: string): Promise<readonly FunctionDeclaration[]>;
}
