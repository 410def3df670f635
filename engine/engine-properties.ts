/**
 * The properties of an engine, with those that hold in the sandbox where nothing else is said: what goes wrong with
 * records should be a SELECT away.
 */
export function engineProperties(given: Readonly<Record<string, string>>, isSandbox: boolean): Map<string, string> {
  const properties = new Map(Object.entries(given));
  if (isSandbox && !properties.has('ksql.logging.processing.stream.auto.create')) {
    properties.set('ksql.logging.processing.topic.auto.create', 'true');
    properties.set('ksql.logging.processing.stream.auto.create', 'true');
  }
  return properties;
}
