import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { jsonSchemaOf } from '../../../contracts/function-schemas.js';
import { type CatalogFunction, FUNCTIONS } from '../../../contracts/functions.js';
import type { Page } from '../../../contracts/lists.js';
import { PATTERN_PARAMS, PATTERNS, type PatternName } from '../../../contracts/patterns.js';
import { nearest } from '../../../workflows/language/checker/nearest.js';
import { RUN_EXAMPLES } from '../runs/run-examples.js';

/** The catalogue; it does not change while the process lives. */
@Injectable()
export class FunctionsService {
  private readonly all = new Map<string, CatalogFunction>();

  list(): Page<CatalogFunction> {
    return { items: PATTERNS.map((name) => this.describe(name)), nextCursor: null };
  }

  /** Fails `function.not_found`, and says which there are. */
  get(name: string): CatalogFunction {
    const known = PATTERNS.find((pattern) => pattern === name);
    if (known !== undefined) return this.describe(known);
    const didYouMean = nearest(name, PATTERNS);
    throw new BrikkError('function.not_found', 'The catalogue has no function of this name', {
      violations: [
        { path: 'name', message: 'is not in the catalogue', allowed: [...PATTERNS], ...(didYouMean && { didYouMean }) },
      ],
    });
  }

  private describe(name: PatternName): CatalogFunction {
    const known = this.all.get(name);
    if (known) return known;
    const { description, docs, output } = FUNCTIONS[name];
    const made: CatalogFunction = {
      name,
      kind: 'pattern',
      description,
      docs,
      with: jsonSchemaOf(PATTERN_PARAMS[name], 'input'),
      output: jsonSchemaOf(output, 'output'),
      example: RUN_EXAMPLES[name] ?? null,
    };
    this.all.set(name, made);
    return made;
  }
}
