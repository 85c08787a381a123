import type { SearchAgents } from '../../../contracts/agent-search.js';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import type { Json, SchemaDocument } from '../../../contracts/json.js';
import { violationsOf, whyNoSchema } from '../../../connectors/lib/check-output.js';
import type { AgentContract } from '../../../database/list-contracts.js';
import { violationsWithin } from '../../../selection/schema-within.js';
import { checkSchema } from '../runs/check-schema.js';

type Wish = Pick<SearchAgents, 'accepts' | 'inputSchema' | 'outputSchema'>;
type Declared = Pick<AgentContract, 'inputSchema' | 'outputSchema'>;

/** Whether a search goes by what capabilities take and give. */
export const asksForContract = ({ accepts, inputSchema, outputSchema }: Wish): boolean =>
  accepts !== undefined || inputSchema !== undefined || outputSchema !== undefined;

/** Fails `request.invalid` for schemas that cannot be compiled. */
export function checkWish({ inputSchema, outputSchema }: Wish): void {
  const violations = Object.entries({ inputSchema, outputSchema }).flatMap(([path, schema]): Violation[] =>
    checkSchema(schema).map((message) => ({ path, message })),
  );
  if (violations.length > 0)
    throw new BrikkError('request.invalid', `${violations[0]!.path} ${violations[0]!.message}`, { violations });
}

/** Why a contract does not fit, empty when it does. Who declares no input takes any; who declares no output promises none. */
export function whyUnfit({ inputSchema, outputSchema }: Declared, wish: Wish): string[] {
  return [
    ...(inputSchema === undefined ? [] : unfitInput(inputSchema, wish)),
    ...(wish.outputSchema === undefined ? [] : unfitOutput(outputSchema, wish.outputSchema)),
  ];
}

function unfitInput(declared: SchemaDocument, { accepts, inputSchema }: Wish): string[] {
  const broken = whyNoSchema(declared);
  if (broken !== undefined) return [`its input schema cannot be used: ${broken}`];
  return [
    ...(accepts === undefined ? [] : violationsOf(declared, accepts as Json)),
    ...(inputSchema === undefined ? [] : violationsWithin(inputSchema, declared)),
  ].map((reason) => `input ${reason}`);
}

function unfitOutput(declared: SchemaDocument | undefined, wanted: SchemaDocument): string[] {
  if (declared === undefined) return ['it declares no output schema'];
  const broken = whyNoSchema(declared);
  if (broken !== undefined) return [`its output schema cannot be used: ${broken}`];
  return violationsWithin(declared, wanted).map((reason) => `output ${reason}`);
}
