import type { Definition } from '../../../contracts/definition.js';
import { BrikkError } from '../../../contracts/errors.js';
import { functionCatalogue } from '../../../contracts/function-schemas.js';
import type { Installation } from '../../../workflows/language/checker/meaning/check.js';
import { definitionOptions } from '../../../contracts/pinned-run.js';
import { checkDefinition, type CheckedDefinition } from '../../../workflows/language/checker/check-definition.js';
import { isRange } from '../../../selection/semver-range.js';

const MAX_TOLD = 3;

/** What the language's checker says of a body that has to be valid. Fails `workflow.invalid` with every mistake. */
export function checked(
  body: string | object,
  installation?: Installation,
): { definition: Definition; warnings: CheckedDefinition['warnings'] } {
  const { errors, warnings, definition } = checkDefinition(body, {
    functions: functionCatalogue(),
    installation,
    isVersionRange: isRange,
  });
  if (definition) {
    definitionOptions(definition);
    return { definition, warnings };
  }
  const told = errors.slice(0, MAX_TOLD).map(({ path, message }) => `${path || 'the document'}: ${message}`);
  const more = errors.length > MAX_TOLD ? ` and ${errors.length - MAX_TOLD} more` : '';
  throw new BrikkError('workflow.invalid', `The definition cannot be carried out: ${told.join('; ')}${more}`, {
    violations: errors,
  });
}
