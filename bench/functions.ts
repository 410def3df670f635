/**
 * Calls a second of a user's function, which runs in an engine of its own.
 * Run with: node bench/functions.ts
 */
import path from 'node:path';
import { SYSTEM_ENVIRONMENT } from '../engine/compile/function-environment.ts';
import { UserFunctions } from '../engine/functions/user-functions.ts';
import { measure, rounded } from './measure.ts';

const CALLS = 500_000;
const functions = new UserFunctions(path.join(import.meta.dirname, '../examples/functions'));
const anomaly = functions.definitions.get('ANOMALY');
if (anomaly?.kind !== 'scalar') throw new Error('examples/functions declares no ANOMALY');
const call = anomaly.overloads[0]!.implement(
  { argumentTypes: [{ kind: 'STRING' }], returnType: { kind: 'DOUBLE' }, lambdaResultTypes: [] },
  SYSTEM_ENVIRONMENT,
);
const run = async () => {
  for (let i = 0; i < CALLS; i++) call('{"heartRate": 120}');
};
await run();
const { wallSeconds } = await measure(run);
console.log(`a scalar function: ${rounded(CALLS / wallSeconds)} calls/s by the clock`);
functions.close();
