/** The processing log with what one wants to know first: the problem, and where it was met. Its fields have names in their own case. */
export const PROCESSING_LOG_QUERY = `SELECT
  COALESCE(
    message->"deserializationError"->"errorMessage",
    message->"recordProcessingError"->"errorMessage",
    message->"serializationError"->"errorMessage",
    message->"productionError"->"errorMessage",
    message->"kafkaStreamsThreadError"->"errorMessage"
  ) AS problem,
  COALESCE(message->"deserializationError"->"topic", message->"serializationError"->"topic") AS in_topic,
  message->"recordProcessingError"->"record" AS record,
  FROM_UNIXTIME(time) AS logged,
  logger
FROM KSQL_PROCESSING_LOG
EMIT CHANGES;`;
