import type { FunctionDefinition } from '../../../language/functions/function.ts';
import type { DescribeFunction, ListFunctions } from '../../../language/generated/ast.ts';
import { badRequest } from '../../api/errors.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import type { StatementHandler } from '../preparation/statement-handler.ts';
import { functionDescription, functionName } from './function-entities.ts';

function findFunction(name: string, services: EngineServices): FunctionDefinition {
  const wanted = name.toUpperCase();
  const found = services.functions().find((definition) => definition.name === wanted);
  if (found === undefined) throw badRequest(`Can't find any functions with the name '${name}'`);
  return found;
}

export const listFunctions: StatementHandler<ListFunctions> = {
  async execute({ text }, { services }) {
    const functions = services
      .functions()
      .map(functionName)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return { '@type': 'function_names', statementText: text, functions, warnings: [] };
  },
};

export const describeFunction: StatementHandler<DescribeFunction> = {
  async execute({ node, text }, { services }) {
    const description = functionDescription(findFunction(node.name, services));
    return { '@type': 'describe_function', statementText: text, ...description, warnings: [] };
  },
};
