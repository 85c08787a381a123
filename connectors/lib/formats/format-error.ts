/** A text that is not what its format says, or a value that its format cannot say. The message shows nothing of either. */
export class FormatError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FormatError';
  }
}
