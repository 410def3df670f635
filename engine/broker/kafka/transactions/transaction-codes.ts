import { type TransactionConsequence, TransactionError } from '../../transaction-error.ts';
import { KAFKA_ERROR, kafkaError } from '../broker-errors.ts';

/** Which of a producer's questions a code was the answer to: a few mean something else there. */
export type TransactionStep = 'init' | 'add' | 'produce' | 'offsets' | 'end';

const FATAL: ReadonlySet<number> = new Set([
  KAFKA_ERROR.unsupportedVersion,
  KAFKA_ERROR.invalidProducerIdMapping,
  KAFKA_ERROR.invalidTransactionTimeout,
  KAFKA_ERROR.transactionalIdAuthorizationFailed,
  KAFKA_ERROR.clusterAuthorizationFailed,
]);

/** @param about what was tried, for the start of the message */
export function transactionError(code: number, step: TransactionStep, about: string): TransactionError {
  const cause = kafkaError(code, about);
  return new TransactionError(cause.message, consequenceOf(code, step), { cause });
}

function consequenceOf(code: number, step: TransactionStep): TransactionConsequence {
  switch (code) {
    case KAFKA_ERROR.invalidProducerEpoch:
      // A partition may know of a new epoch before the coordinator says whose it is: aborting tells (KIP-588).
      return step === 'produce' ? 'abort' : 'fenced';
    case KAFKA_ERROR.invalidTransactionState:
      // The broker has aborted what is to be committed, since it was open for too long.
      return step === 'end' ? 'fenced' : 'fatal';
    case KAFKA_ERROR.unknownServerError:
      // So Kafka 4.1 answers now and then where another producer takes the id at the same moment: who takes it learns.
      return step === 'init' || step === 'end' ? 'fenced' : 'abort';
    case KAFKA_ERROR.producerFenced:
    case KAFKA_ERROR.transactionCoordinatorFenced:
      return 'fenced';
    case KAFKA_ERROR.illegalGeneration:
    case KAFKA_ERROR.unknownMemberId:
    case KAFKA_ERROR.fencedInstanceId:
      return 'rejoin';
    default:
      return FATAL.has(code) || step === 'init' || step === 'end' ? 'fatal' : 'abort';
  }
}
