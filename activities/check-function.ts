import { functionCatalogue } from '../contracts/function-schemas.js';
import type { Json } from '../contracts/json.js';
import { checkDefinition } from '../workflows/language/checker/check-definition.js';

const DOCUMENT = { dsl: '1.0.3', namespace: 'catalogue', name: 'function', version: '1.0.0' };
const MAX_TOLD = 3;

/**
 * Why a document from a catalogue is no task that a run may perform. It sees nothing of the definition that calls it: no
 * names of `use`, and no secrets, which would go wherever the catalogue wants.
 */
export function checkFunction(task: Json): string | undefined {
  if (/\$\s*(secrets|authorization)\b/.test(JSON.stringify(task))) return 'a function of a catalogue reads no secrets';
  const given = { document: DOCUMENT, do: [{ function: task }] };
  const { errors } = checkDefinition(given, { functions: functionCatalogue() });
  if (errors.length === 0) return undefined;
  const told = errors
    .slice(0, MAX_TOLD)
    .map(({ path, message }) => `${path.replace('/do/0/function', '') || '/'}: ${message}`);
  return `it is no task that can be performed: ${told.join('; ')}`;
}
