import { z } from 'zod';
import { jsonSchema } from './json.js';

/** How values are written as text. */
export const FORMATS = ['json', 'ndjson', 'csv', 'form', 'xml'] as const;
export type Format = (typeof FORMATS)[number];

/** Of a text that is parsed or printed: UTF-8. */
export const MAX_FORMAT_BYTES = 5 * 1_024 * 1_024;

const format = z
  .enum(FORMATS)
  .describe(
    'json; ndjson (a line each); csv (RFC 4180); form (application/x-www-form-urlencoded); xml (1.0, no document type).',
  );
const delimiter = z
  .string()
  .length(1)
  .regex(/^[^"\r\n]$/, 'must be one character, and neither a quote nor the end of a line')
  .optional()
  .describe('Of csv: a comma unless said.');

/** Fields that only one format knows. */
const ONLY: { readonly [field: string]: Format } = {
  delimiter: 'csv',
  header: 'csv',
  escapeFormulas: 'csv',
  lists: 'xml',
};

function ofItsFormat(given: { format: Format; [field: string]: unknown }, context: z.core.$RefinementCtx): void {
  for (const [field, only] of Object.entries(ONLY))
    if (given[field] !== undefined && given.format !== only)
      context.addIssue({ code: 'custom', path: [field], message: `goes with format: ${only} only` });
}

const parseSchema = z
  .strictObject({
    format,
    text: z.string(),
    delimiter,
    header: z
      .boolean()
      .optional()
      .describe('Of csv: the first line names the fields of objects (true, unless said), or lines are lists (false).'),
    lists: z
      .array(z.string().min(1).max(256))
      .max(100)
      .optional()
      .describe('Of xml: names of elements that are lists, also where there is one of them.'),
  })
  .superRefine(ofItsFormat);
export type ParseFormatWith = z.infer<typeof parseSchema>;

const printSchema = z
  .strictObject({
    format,
    value: jsonSchema,
    delimiter,
    escapeFormulas: z
      .boolean()
      .optional()
      .describe('Of csv: an apostrophe goes before what a spreadsheet would take for a formula.'),
  })
  .superRefine(ofItsFormat);
export type PrintFormatWith = z.infer<typeof printSchema>;

interface FormatFunctionText {
  version: string;
  description: string;
  /** The page of the documentation. */
  docs: string;
  with: z.ZodObject;
  output: z.ZodType;
  /** Of `with`. */
  example: { [field: string]: unknown };
}

/** Functions of the catalogue that read and write texts; they leave the installation nowhere. */
export const FORMAT_FUNCTIONS = {
  'format.parse': {
    version: '1.0.0',
    description: 'The value that a text stands for.',
    docs: 'docs/language/formats.md',
    with: parseSchema,
    output: z.any().describe('JSON; of ndjson and csv a list, of form and xml an object.'),
    example: { format: 'csv', text: 'article,amount\nbolt,40\n' },
  },
  'format.print': {
    version: '1.0.0',
    description: 'The text that stands for a value.',
    docs: 'docs/language/formats.md',
    with: printSchema,
    output: z.string(),
    example: { format: 'xml', value: { order: { '@id': '7', line: ['bolt', 'nut'] } } },
  },
} as const satisfies Record<string, FormatFunctionText>;

export type FormatFunction = keyof typeof FORMAT_FUNCTIONS;
