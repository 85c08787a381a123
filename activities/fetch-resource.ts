import type { DefinitionResources } from '../contracts/definition-resources.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { FetchedResource, ResourceCall } from '../contracts/language-activities.js';
import { contentHash } from '../database/canonical-json.js';
import { fieldsOf, PartError } from './call-parts.js';
import { checkFunction } from './check-function.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import { mapTexts } from './hide-secrets.js';
import { type Outcome, parseDocument, type Prepared, UnusableDocument } from './outside-call.js';

/** Documents that a run is pinned to stand in its history. */
const MAX_BYTES = 131_072;

/**
 * A document that the run goes by from now on, `{uri, hash, document}`: what a run of the same published version has read
 * before, or what is there now.
 */
export async function fetchResource(
  resources: DefinitionResources,
  { orgId, runId, request: { uri, what } }: ResourceCall,
  { fetchDocument, hide }: Prepared,
): Promise<Outcome> {
  const wanted = { orgId, runId, what, uri };
  const known = await resources.find(wanted);
  if (known) return { output: { uri, ...known } };
  const text = await fetchDocument(uri);
  if (Buffer.byteLength(text) > MAX_BYTES) throw new UnusableDocument(`it has more than ${MAX_BYTES} bytes`);
  const document = parseDocument(text);
  const wrong = what === 'schema' ? whyNoSchema(document) : checkFunction(document);
  if (wrong !== undefined) throw new UnusableDocument(wrong);
  const shown = mapTexts(document, hide);
  return { output: { uri, ...(await resources.keep({ ...wanted, hash: contentHash(shown), document: shown })) } };
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
