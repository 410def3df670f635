/** Stops a query: it goes to the state ERROR and is started again after a while. */
export class QueryFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryFailure';
  }
}
