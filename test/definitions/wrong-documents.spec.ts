import { describe, expect, it } from '@jest/globals';
import { checkDefinition } from '../../workflows/language/checker/check-definition.js';
import { formatProblem } from '../../workflows/language/checker/problem.js';
import { SMALL_CATALOGUE } from './small-catalogue.js';
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

  it('has one message for one mistake', () => {
    expect(ALL.length).toBeGreaterThanOrEqual(80);
    const several = ALL.filter(({ says }) => says.length > 1).map(({ what }) => what);
    expect(several).toEqual(['two mistakes in one pass']);
  });
});
