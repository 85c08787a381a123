import type { Endpoint } from './definition-calls.js';

/** `{days: 1, hours: 2}`, ISO 8601 (`PT30S`), or an expression in `${ }` that gives either. */
export type DurationValue = string | DurationParts;
/** A duration by its parts, which are added up. */
export interface DurationParts {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  milliseconds?: number;
}

/** jq, with or without `${ }`, or an object whose leaves are evaluated. */
export type Filter = string | { [key: string]: unknown };

/** What a task works on: checked by `schema`, then made from the raw input by `from`. */
export interface InputFilter {
  schema?: ValueSchema;
  from?: Filter;
}

/** What a task gives: made from the raw output by `as`, then checked by `schema`. */
export interface OutputFilter {
  schema?: ValueSchema;
  as?: Filter;
}

/** What becomes `$context`; it replaces what was there. */
export interface ExportFilter {
  schema?: ValueSchema;
  as?: Filter;
}

/** A JSON Schema (2020-12) in place, or where it is to be had. */
export interface ValueSchema {
  /** Default `json`. */
  format?: string;
  document?: unknown;
  resource?: ExternalResource;
}

/** A document that is fetched when it is needed. */
export interface ExternalResource {
  name?: string;
  endpoint: Endpoint;
}

/** Where functions of a catalogue are to be had. */
export interface Catalog {
  endpoint: Endpoint;
}

/** A task that takes longer fails with the error `timeout`. */
export interface Timeout {
  after: DurationValue;
}

/** An error as `raise` and `use.errors` write it (RFC 7807); strings may hold expressions. */
export interface ErrorTemplate {
  type: string;
  status: number;
  title?: string;
  detail?: string;
  instance?: string;
}

/** Fields that an error must equal to be caught. */
export interface ErrorFilter {
  type?: string;
  status?: number;
  title?: string;
  detail?: string;
  instance?: string;
}

/** Whether, when and how often what failed is tried again. */
export interface RetryPolicy {
  when?: string;
  exceptWhen?: string;
  delay?: DurationValue;
  /** Exactly one of them. */
  backoff?: { constant?: object; exponential?: object; linear?: object };
  limit?: {
    attempt?: { count?: number; duration?: DurationValue };
    duration?: DurationValue;
  };
  jitter?: { from: DurationValue; to: DurationValue };
}
