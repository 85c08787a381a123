import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { BrikkError } from '../../../contracts/errors.js';
import { inWords } from './in-words.js';
import { violationsOf } from './violations.js';

/** Parses what `@Body({ schema })` and `@Query({ schema })` name; fails `request.invalid` with every violation. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (!schema) return value;
    return parse(schema as unknown as z.ZodType, value, type === 'query' ? 'query' : 'body');
  }
}

export function parse<Output>(schema: z.ZodType<Output>, value: unknown, whole: 'body' | 'query'): Output {
  const meant = optionMeant(schema, value);
  const parsed = meant.safeParse(value);
  if (parsed.success) return parsed.data;
  const violations = violationsOf(meant, value, parsed.error.issues, whole);
  throw new BrikkError('request.invalid', inWords(`The ${whole} breaks its schema`, violations), { violations });
}

/** Of a union the option that the value names by a field that no other one knows; the first when it names none. */
function optionMeant<Output>(schema: z.ZodType<Output>, value: unknown): z.ZodType<Output> {
  if (!(schema instanceof z.ZodUnion) || schema instanceof z.ZodDiscriminatedUnion) return schema as z.ZodType<Output>;
  const options = schema.options as unknown as z.ZodType<Output>[];
  const fields = options.map(fieldsWithin);
  if (fields.flat().length === 0) return schema as z.ZodType<Output>;
  const isOwn = (field: string) => fields.filter((known) => known.includes(field)).length === 1;
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const at = fields.findIndex((known) => names.some((name) => known.includes(name) && isOwn(name)));
  return options[Math.max(0, at)] ?? (schema as z.ZodType<Output>);
}

const fieldsWithin = (schema: z.ZodType): string[] =>
  schema instanceof z.ZodUnion
    ? (schema.options as unknown as z.ZodType[]).flatMap(fieldsWithin)
    : schema instanceof z.ZodObject
      ? Object.keys(schema.shape)
      : [];
