import fc from 'fast-check';

/**
 * The same examples in every run, so that a run says something about the change and not about luck.
 * KSQL_TEST_SEED=random, or a number, looks for new ones.
 */
const given = process.env['KSQL_TEST_SEED'];
if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given ?? 7_919) });
