/**
 * The name of something on a Kafka that belongs to a service, as ksqlDB makes it.
 * @param serviceId `ksql.service.id`
 * @param name what it is, within the service
 */
export const nameInService = (serviceId: string, name: string): string => `_confluent-ksql-${serviceId}${name}`;
