import type { ProcessKind } from '../../../../contracts/processes.js';
import type { Finding } from '../problem.js';
import type { JsonSchema } from '../schema/json-schema.js';
import { isObject } from '../schema/values.js';

/** A function of the catalogue `default`. */
export interface CatalogueFunction {
  /** JSON Schema of its parameters, standing by itself, as `GET /v1/functions` publishes it. */
  with: JsonSchema;
  /** What a schema cannot say of literal parameters. */
  refine?: (value: unknown) => { path: readonly (string | number)[]; message: string }[];
  /** Of connectors and formats: all of its parameters are evaluated before the call. */
  isPlain?: boolean;
}

/** What is there to be called; what is absent is not checked. */
export interface Installation {
  agents?: readonly string[];
  capabilities?: readonly string[];
  /** `namespace/name`. */
  workflows?: readonly string[];
  connections?: readonly string[];
  /** Kinds that the operator enabled. */
  enabled?: readonly ProcessKind[];
}

export interface CheckOptions {
  /** The catalogue `default`; without it, its names and parameters are not checked. */
  functions?: { readonly [name: string]: CatalogueFunction };
  installation?: Installation;
  /** Whether a text is a range of versions of agents; without it ranges are not checked. */
  isVersionRange?: (text: string) => boolean;
}

/** One check of one document. */
export interface Check extends CheckOptions {
  report(finding: Finding): void;
  warn(finding: Finding): void;
  /** The section `use`: an object of objects, whatever else it may be. */
  use: { readonly [section: string]: Record<string, unknown> };
  secrets: readonly string[];
  /** `evaluate.mode: loose`: what does not compile stays text. */
  isLoose: boolean;
  tasks: number;
}

export const fieldsOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The named things of a list, each an object of one name; what is malformed is left out. */
export function namedItems(list: unknown): { index: number; name: string; value: unknown }[] {
  return itemsOf(list).flatMap((item, index) => {
    const entries = Object.entries(fieldsOf(item));
    const [first] = entries;
    return first && entries.length === 1 ? [{ index, name: first[0], value: first[1] }] : [];
  });
}
