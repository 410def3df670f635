/**
 * The processing log with what one wants to know first: the reason, the record, and where it was met. The
 * record is there where the engine keeps it (`ksql.logging.processing.rows.include`).
 */
export const PROCESSING_LOG_QUERY = `SELECT
  COALESCE(
    ARRAY_JOIN(message->deserializationError->cause, ': '),
    message->deserializationError->errorMessage,
    message->recordProcessingError->cause[-1],
    message->recordProcessingError->errorMessage,
    message->serializationError->cause[-1],
    message->serializationError->errorMessage,
    message->productionError->errorMessage,
    message->kafkaStreamsThreadError->errorMessage
  ) AS problem,
  COALESCE(
    FROM_BYTES(TO_BYTES(message->deserializationError->recordB64, 'base64'), 'utf8'),
    message->recordProcessingError->record,
    message->serializationError->record
  ) AS record,
  COALESCE(message->deserializationError->"topic", message->serializationError->"topic") AS in_topic,
  FROM_UNIXTIME(time) AS logged,
  logger
FROM KSQL_PROCESSING_LOG
EMIT CHANGES;`;
