import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
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
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const violations = violationsOf(schema, value, parsed.error.issues, whole);
  throw new BrikkError('request.invalid', inWords(`The ${whole} breaks its schema`, violations), { violations });
}
