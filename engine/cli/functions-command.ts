import { problemText, UserFunctions } from '../functions/user-functions.ts';
import { EXIT, type ExitCode } from '../script/exit-codes.ts';

/** `ksql functions`: what a folder declares, for people or, in JSON, for the editor. Problems are failures. */
export async function listFunctions(
  folder: string,
  { format }: { readonly format: 'text' | 'json' },
): Promise<ExitCode> {
  const functions = new UserFunctions(folder);
  const { declarations, problems } = functions;
  functions.close();
  if (format === 'json') process.stdout.write(`${JSON.stringify({ declarations, problems })}\n`);
  else {
    for (const { name, kind, summary, overloads, file } of declarations)
      for (const { parameters, returns } of overloads) {
        const list = parameters.map(
          ({ name: parameter, type, variadic }) => `${parameter} ${type}${variadic ? '...' : ''}`,
        );
        process.stdout.write(`${name}(${list.join(', ')}) → ${returns}   ${kind}, ${file}: ${summary}\n`);
      }
    for (const problem of problems) process.stderr.write(`${problemText(functions.folder, problem)}\n`);
  }
  return problems.length === 0 ? EXIT.done : EXIT.failed;
}
