import type { Json } from '../../../contracts/json.js';
import { templateProgram as build, type TemplateRules } from '../../lib/template.js';
import { bareProgram } from '../jq/index.js';

export type IsExpression = NonNullable<TemplateRules['isExpression']>;

/** A program that gives exactly one value: null for no result, an error for several. */
const single = (program: string): string =>
  `[${program}\n] | if length > 1 then error("the expression gave several values") else .[0] end`;

/** A field that is jq with or without `${ }`. */
export const fieldProgram = (text: string): string => single(bareProgram(text));

/** A template of a definition: each of its expressions gives one value. Undefined when it has none. */
export const templateProgram = (template: Json, isExpression?: IsExpression): string | undefined =>
  build(template, { wrap: single, ...(isExpression && { isExpression }) });
