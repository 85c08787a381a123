import type { Value } from '../../../contracts/values.js';
import type { Variables } from '../../lib/evaluator.js';
import { inline, plain } from '../../lib/values.js';
import type { FilterReader } from './event-fit.js';
import { evaluateField, evaluateTemplate } from './expressions.js';
import { Fault } from './fault.js';
import type { Place } from './place.js';

/** Filters of events at a place of a run. */
export const filtersAt = (place: Place, input: Value, variables: Variables): FilterReader => ({
  field: async (text, data) => plain(await evaluateField(place, text, inline(data), variables)),
  attribute: async (text, value) => plain(await evaluateTemplate(place, text, inline(value), variables)),
  expected: async (text) => plain(await evaluateTemplate(place, text, input, variables)),
  isFailure: (error) => error instanceof Fault,
});
