/** The server was reached and did not do what it was asked for, or could not be started. */
export class McpFailure extends Error {
  constructor(
    readonly kind: 'refused' | 'timeout',
    message: string,
    options?: ErrorOptions,
    /** Of the answer, when it was no answer of the protocol; else the protocol's own, when there is one. */
    readonly by: { status?: number; code?: number } = {},
  ) {
    super(message, options);
    this.name = 'McpFailure';
  }
}
