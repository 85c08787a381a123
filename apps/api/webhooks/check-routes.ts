import { BrikkError } from '../../../contracts/errors.js';
import { ROUTE_PROGRAMS, ROUTE_VARIABLES, type WebhookRoute } from '../../../contracts/webhook-routes.js';
import { bareProgram, compile, JqError } from '../../../workflows/language/jq/index.js';
import { inWords } from '../common/in-words.js';

/** Fails `expression.invalid` with every place whose jq does not compile. */
export function checkRoutes(routes: readonly WebhookRoute[]): void {
  const violations = routes.flatMap((route, index) =>
    ROUTE_PROGRAMS.flatMap((field) => {
      const program = (route as Partial<Record<typeof field, string>>)[field];
      const message = program === undefined ? undefined : whyNoProgram(program);
      return message === undefined ? [] : [{ path: `routes[${index}].${field}`, message }];
    }),
  );
  if (violations.length === 0) return;
  throw new BrikkError('expression.invalid', inWords('The routes cannot work', violations), { violations });
}

function whyNoProgram(text: string): string | undefined {
  try {
    compile(bareProgram(text), { variables: ROUTE_VARIABLES });
    return undefined;
  } catch (error) {
    if (error instanceof JqError) return error.message;
    throw error;
  }
}
