import { BrikkError } from '../../../contracts/errors.js';
import { RESPOND_VARIABLES, type WebhookSync } from '../../../contracts/webhook-sources.js';
import { ROUTE_PROGRAMS, ROUTE_VARIABLES, type WebhookRoute } from '../../../contracts/webhook-routes.js';
import { bareProgram, compile, JqError } from '../../../workflows/language/jq/index.js';
import { inWords } from '../common/in-words.js';

/** Fails `expression.invalid` with every place whose jq does not compile. */
export function checkPrograms(routes: readonly WebhookRoute[], sync?: WebhookSync | null): void {
  const respond = sync ? whyNoProgram(sync.respond, RESPOND_VARIABLES) : undefined;
  const ofSync = respond === undefined ? [] : [{ path: 'sync.respond', message: respond }];
  const ofRoutes = routes.flatMap((route, index) =>
    ROUTE_PROGRAMS.flatMap((field) => {
      const program = (route as Partial<Record<typeof field, string>>)[field];
      const message = program === undefined ? undefined : whyNoProgram(program, ROUTE_VARIABLES);
      return message === undefined ? [] : [{ path: `routes[${index}].${field}`, message }];
    }),
  );
  const violations = [...ofSync, ...ofRoutes];
  if (violations.length === 0) return;
  throw new BrikkError('expression.invalid', inWords('The source cannot work', violations), { violations });
}

function whyNoProgram(text: string, variables: readonly string[]): string | undefined {
  try {
    compile(bareProgram(text), { variables });
    return undefined;
  } catch (error) {
    if (error instanceof JqError) return error.message;
    throw error;
  }
}
