import { RESPOND_VARIABLES, type WebhookSync } from '../../../contracts/webhook-sources.js';
import { ROUTE_PROGRAMS, ROUTE_VARIABLES, type WebhookRoute } from '../../../contracts/webhook-routes.js';
import { checkExpressions } from './check-expressions.js';

/** Fails `expression.invalid` with every place whose jq does not compile. */
export function checkPrograms(routes: readonly WebhookRoute[], sync?: WebhookSync | null): void {
  const ofRoutes = routes.flatMap((route, index) =>
    ROUTE_PROGRAMS.map((field) => ({
      path: `routes[${index}].${field}`,
      text: (route as Partial<Record<typeof field, string>>)[field],
      variables: ROUTE_VARIABLES,
    })),
  );
  const ofSync = { path: 'sync.respond', text: sync?.respond, variables: RESPOND_VARIABLES };
  checkExpressions('The source', [ofSync, ...ofRoutes]);
}
