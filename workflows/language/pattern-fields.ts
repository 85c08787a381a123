/** What a field of a pattern's parameters holds, when it is not a plain value. */
export type PatternField = 'jq' | 'template' | 'question' | 'schema' | 'range' | 'data';

const FIELDS: { readonly [name: string]: PatternField } = {
  input: 'template',
  items: 'template',
  entries: 'template',
  skipIf: 'jq',
  exitIf: 'jq',
  when: 'jq',
  until: 'jq',
  eligible: 'jq',
  score: 'jq',
  split: 'jq',
  limit: 'jq',
  quantity: 'jq',
  rule: 'jq',
  best: 'jq',
  partitionKey: 'jq',
  expand: 'jq',
  features: 'jq',
  expr: 'jq',
  terminateWhen: 'jq',
  question: 'question',
  schema: 'schema',
  outputSchema: 'schema',
  version: 'range',
  value: 'data',
  labels: 'data',
};

/** Of every pattern, by name; what is in such a field is not looked into for further fields. */
export const patternField = (name: string): PatternField | undefined =>
  Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;

/** What patterns give to expressions beside the data itself. */
export const PATTERN_VARIABLES: readonly string[] = [
  'input',
  'item',
  'index',
  'round',
  'own',
  'votes',
  'entries',
  'reasons',
  'count',
  'answers',
  'data',
];

/** Tasks of shared memory inside of patterns: `with` is all templates, but for `update`, which is jq, and `default`. */
export const isMemoryTask = (value: object): boolean =>
  'call' in value && typeof value.call === 'string' && value.call.startsWith('memory.');
