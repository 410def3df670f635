import { BrokerError } from './broker.ts';

/**
 * What is left to do after a transaction failed.
 *
 * - `abort`: abort it; the producer can begin another one.
 * - `rejoin`: abort it; the group has given its partitions to others meanwhile, so join again first.
 * - `fenced`: nothing; another producer has the transactional id, or the transaction was open for too long and was
 *   aborted by the broker. Who is still responsible for the work opens another producer.
 * - `fatal`: nothing; a setting or a right is wrong, which trying again does not mend.
 */
export type TransactionConsequence = 'abort' | 'rejoin' | 'fenced' | 'fatal';

export class TransactionError extends BrokerError {
  readonly consequence: TransactionConsequence;

  constructor(message: string, consequence: TransactionConsequence, options?: ErrorOptions) {
    super(message, 'other', options);
    this.name = 'TransactionError';
    this.consequence = consequence;
  }
}
