import type { Json } from './values/json.js';

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type LimitName = 'steps' | 'bytes' | 'depth';

interface JqErrorDetails {
  readonly value?: Json;
  readonly position?: Position;
  readonly limit?: LimitName;
}

/**
 * Why a program does not compile (`syntax`), ended with an error a program may catch (`runtime`),
 * or used up its budget (`limit`, which no `try` catches). `value` is what `catch` sees.
 */
export class JqError extends Error {
  readonly value: Json;
  readonly position?: Position;
  readonly limit?: LimitName;

  constructor(
    readonly kind: 'syntax' | 'runtime' | 'limit',
    message: string,
    details: JqErrorDetails = {},
  ) {
    super(message);
    this.name = 'JqError';
    this.value = details.value === undefined ? message : details.value;
    this.position = details.position;
    this.limit = details.limit;
  }
}

export const runtimeError = (message: string): JqError => new JqError('runtime', message);

export const limitError = (limit: LimitName, message: string): JqError =>
  new JqError('limit', `${limit} limit: ${message}`, { limit });

/** `offset` counts UTF-16 units of `text`. */
export function syntaxError(message: string, text: string, offset: number): JqError {
  const position = positionOf(text, offset);
  return new JqError('syntax', `${message} at line ${position.line}, column ${position.column}`, { position });
}

/** Columns count code points, as an editor shows them. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: Array.from(before.slice(lineStart)).length + 1 };
}

/** The message with the place in the program, where there is one. */
export const placedMessage = ({ message, position }: JqError): string =>
  position === undefined || message.includes(' at line ')
    ? message
    : `${message} at line ${position.line}, column ${position.column}`;
