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
  if (readsSecrets(task)) return 'a function of a catalogue reads no secrets';
  const errors = mistakesIn([{ function: task }]);
  if (errors.length === 0) return undefined;
  const told = errors
    .slice(0, MAX_TOLD)
    .map(({ path, message }) => `${path.replace('/do/0/function', '') || '/'}: ${message}`);
  return `it is no task that can be performed: ${told.join('; ')}`;
}

/** Whether expressions that somebody else wrote ask for what would go wherever they want. */
export const readsSecrets = (written: Json): boolean => /\$\s*(secrets|authorization)\b/.test(JSON.stringify(written));

/** What is wrong with tasks that stand by themselves, with the pointers of a definition's `do`. */
export const mistakesIn = (tasks: Json) =>
  checkDefinition({ document: DOCUMENT, do: tasks }, { functions: functionCatalogue() }).errors;
