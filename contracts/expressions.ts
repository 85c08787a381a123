import { z } from 'zod';
import { jsonSchema } from './json.js';
import { jqSchema } from './webhook-routes.js';

const variableName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'must be a variable name without the $');
const variablesSchema = z.record(variableName, jsonSchema).default({});
export const evaluateSchema = z
  .strictObject({
    expression: z.string().min(1).max(65_536),
    input: jsonSchema.optional().default(null),
    variables: variablesSchema,
  })
  .meta({ id: 'EvaluateExpression' });
export type Evaluate = z.infer<typeof evaluateSchema>;
export const expressionResultsSchema = z.object({ results: z.array(jsonSchema) }).meta({ id: 'ExpressionResults' });

export const previewTransformSchema = z
  .strictObject({
    filter: jqSchema.optional().describe('jq: whether anything goes out.'),
    transform: jqSchema.optional().describe('jq: what goes out, a message for each value; the sample unless said.'),
    sample: jsonSchema,
    variables: variablesSchema.describe('Such as headers, source and id for routes of webhooks.'),
  })
  .meta({ id: 'PreviewTransform' });
export type PreviewTransform = z.infer<typeof previewTransformSchema>;
export const transformPreviewSchema = z
  .object({ fits: z.boolean(), results: z.array(jsonSchema) })
  .meta({ id: 'TransformPreview' });
