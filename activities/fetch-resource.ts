import { BrikkError } from '../contracts/errors.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { FetchedResource, ResourceCall } from '../contracts/language-activities.js';
import { contentHash } from '../database/canonical-json.js';
import { fieldsOf, PartError } from './call-parts.js';
import { checkFunction } from './check-function.js';
import { violationsOf } from './check-output.js';
import { type Outcome, parseDocument, type Prepared, UnusableDocument } from './outside-call.js';

/** Documents that a run is pinned to stand in its history. */
const MAX_BYTES = 131_072;

/** A document that the run goes by from now on: `{uri, hash, document}`. */
export async function fetchResource(
  { request: { uri, what } }: ResourceCall,
  { fetchDocument }: Prepared,
): Promise<Outcome> {
  const text = await fetchDocument(uri);
  if (Buffer.byteLength(text) > MAX_BYTES) throw new UnusableDocument(`it has more than ${MAX_BYTES} bytes`);
  const document = parseDocument(text);
  const wrong = what === 'schema' ? whyNoSchema(document) : checkFunction(document);
  if (wrong !== undefined) throw new UnusableDocument(wrong);
  return { output: { uri, hash: contentHash(document), document } };
}

function whyNoSchema(document: Json): string | undefined {
  try {
    if (typeof document !== 'boolean') fieldsOf(document, 'a JSON Schema');
    violationsOf(document as SchemaDocument, null);
    return undefined;
  } catch (error) {
    if (error instanceof BrikkError || error instanceof PartError) return error.message;
    throw error;
  }
}

/** What the record holds of a resource. */
export function readResource(output: Json): FetchedResource {
  const { hash, document } = fieldsOf(output, 'a resource');
  return { hash: hash as string, document: document as Json };
}
