import { describe, expect, it } from '@jest/globals';
import { checkDefinition } from '../../workflows/language/checker/check-definition.js';
import { formatProblem } from '../../workflows/language/checker/problem.js';
import { SMALL_CATALOGUE } from './small-catalogue.js';
import { tasks } from './wrong-document.js';
import { WRONG_MEANINGS } from './wrong-meanings.js';
import { WRONG_SECRETS } from './wrong-secrets.js';
import { WRONG_TASKS } from './wrong-tasks.js';
import { WRONG_TEXTS } from './wrong-texts.js';

const ALL = [...WRONG_TEXTS, ...WRONG_TASKS, ...WRONG_MEANINGS, ...WRONG_SECRETS];

describe('a wrong definition', () => {
  it.each(ALL)('is told as what it is: $what', ({ text, says }) => {
    const { valid, errors, definition } = checkDefinition(text, { functions: SMALL_CATALOGUE });
    expect(errors.map((problem) => formatProblem('f', problem))).toEqual(says.map((line) => `f:${line}`));
    expect({ valid, definition }).toEqual({ valid: false, definition: undefined });
  });

  it.each([
    [
      '${ .type }',
      'f:3:50 static-filter /do/0/a/catch/errors/with/type: is compared as it stands and equals no error: an expression over the error belongs in when',
    ],
    ['https://a.example/e', undefined],
  ])('is valid with a warning when its filter of errors can never fit: %s', (type, warning) => {
    const lines = tasks(`- a: { try: [], catch: { errors: { with: { type: '${type}' } } } }`);
    const { valid, warnings } = checkDefinition(lines, { functions: SMALL_CATALOGUE });
    expect({ valid, told: warnings.map((problem) => formatProblem('f', problem))[0] }).toEqual({
      valid: true,
      told: warning,
    });
  });

  it('has one message for one mistake', () => {
    expect(ALL.length).toBeGreaterThanOrEqual(80);
    const several = ALL.filter(({ says }) => says.length > 1).map(({ what }) => what);
    expect(several).toEqual(['two mistakes in one pass']);
  });
});
