import type { LanguageActivities } from '../contracts/language-activities.js';
import { PATTERN_PARAMS } from '../contracts/patterns.js';
import { namingFailures } from './naming-failures.js';

const MAX_MESSAGES = 10;

/** What only runs of definitions ask for. */
export function createLanguageActivities(): LanguageActivities {
  return namingFailures<LanguageActivities>({
    async readParams({ function: name, with: given }) {
      const parsed = PATTERN_PARAMS[name].safeParse(given);
      if (parsed.success) return { params: parsed.data };
      return {
        errors: parsed.error.issues
          .slice(0, MAX_MESSAGES)
          .map(({ path, message }) => `${path.join('.')} ${message}`.trim()),
      };
    },
  });
}
