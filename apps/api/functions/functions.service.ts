import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { CONNECTOR_FUNCTIONS, type ConnectorFunction } from '../../../contracts/connector-functions.js';
import type { Json } from '../../../contracts/json.js';
import { jsonSchemaOf } from '../../../contracts/function-schemas.js';
import { type CatalogFunction, FUNCTIONS } from '../../../contracts/functions.js';
import type { Page } from '../../../contracts/lists.js';
import { PATTERN_PARAMS, PATTERNS, type PatternName } from '../../../contracts/patterns.js';
import { nearest } from '../../../workflows/language/checker/nearest.js';
import { RUN_EXAMPLES } from '../runs/run-examples.js';

const NAMES = [...PATTERNS, ...(Object.keys(CONNECTOR_FUNCTIONS) as ConnectorFunction[])];

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

  private describe(name: PatternName | ConnectorFunction): CatalogFunction {
    const known = this.all.get(name);
    if (known) return known;
    const made = isConnector(name) ? describeConnector(name) : this.describePattern(name);
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

const isConnector = (name: string): name is ConnectorFunction => Object.hasOwn(CONNECTOR_FUNCTIONS, name);

function describeConnector(name: ConnectorFunction): CatalogFunction {
  const { provider, version, description, docs, with: parameters, output, example } = CONNECTOR_FUNCTIONS[name];
  return {
    name,
    kind: 'connector',
    version,
    provider,
    description,
    docs,
    with: jsonSchemaOf(parameters, 'input'),
    output: jsonSchemaOf(output, 'output'),
    example: { call: `${name}:${version}@default`, with: example as Json },
  };
}
