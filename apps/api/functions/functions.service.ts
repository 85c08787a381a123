import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { CONNECTOR_FUNCTIONS } from '../../../contracts/connector-functions.js';
import { FORMAT_FUNCTIONS } from '../../../contracts/formats.js';
import type { Json } from '../../../contracts/json.js';
import { type FunctionName, jsonSchemaOf } from '../../../contracts/function-schemas.js';
import { type CatalogFunction, FUNCTIONS } from '../../../contracts/functions.js';
import type { Page } from '../../../contracts/lists.js';
import { PATTERN_PARAMS, PATTERNS, type PatternName } from '../../../contracts/patterns.js';
import { nearest } from '../../../workflows/language/checker/nearest.js';
import { RUN_EXAMPLES } from '../runs/run-examples.js';

/** What is no pattern has its texts where its parameters are. */
const PLAIN = { ...CONNECTOR_FUNCTIONS, ...FORMAT_FUNCTIONS };
const NAMES = [...PATTERNS, ...(Object.keys(PLAIN) as (keyof typeof PLAIN)[])];

/** The catalogue; it does not change while the process lives. */
@Injectable()
export class FunctionsService {
  private readonly all = new Map<string, CatalogFunction>();

  list(): Page<CatalogFunction> {
    return { items: NAMES.map((name) => this.describe(name)), nextCursor: null };
  }

  /** Fails `function.not_found`, and says which there are. */
  get(name: string): CatalogFunction {
    const known = NAMES.find((one) => one === name);
    if (known !== undefined) return this.describe(known);
    const didYouMean = nearest(name, NAMES);
    throw new BrikkError('function.not_found', 'The catalogue has no function of this name', {
      violations: [
        { path: 'name', message: 'is not in the catalogue', allowed: [...NAMES], ...(didYouMean && { didYouMean }) },
      ],
    });
  }

  private describe(name: FunctionName): CatalogFunction {
    const known = this.all.get(name);
    if (known) return known;
    const made = isPlain(name) ? describePlain(name) : this.describePattern(name);
    this.all.set(name, made);
    return made;
  }

  private describePattern(name: PatternName): CatalogFunction {
    const { description, docs, output } = FUNCTIONS[name];
    return {
      name,
      kind: 'pattern',
      version: '1.0.0',
      description,
      docs,
      with: jsonSchemaOf(PATTERN_PARAMS[name], 'input'),
      output: jsonSchemaOf(output, 'output'),
      example: RUN_EXAMPLES[name] ?? null,
    };
  }
}

const isPlain = (name: string): name is keyof typeof PLAIN => Object.hasOwn(PLAIN, name);

function describePlain(name: keyof typeof PLAIN): CatalogFunction {
  const { version, description, docs, with: parameters, output, example, ...text } = PLAIN[name];
  return {
    name,
    ...('provider' in text ? { kind: 'connector', provider: text.provider } : { kind: 'format' }),
    version,
    description,
    docs,
    with: jsonSchemaOf(parameters, 'input'),
    output: jsonSchemaOf(output, 'output'),
    example: { call: `${name}:${version}@default`, with: example as Json },
  };
}
