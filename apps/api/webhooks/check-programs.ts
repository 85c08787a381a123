import { RESPOND_VARIABLES, type WebhookSync } from '../../../contracts/webhook-sources.js';
import {
  patternStart,
  ROUTE_PROGRAMS,
  ROUTE_VARIABLES,
  targetOf,
  type WebhookRoute,
} from '../../../contracts/webhook-routes.js';
import type { Need } from '../runs/check-needs.js';
import { checkRun } from '../runs/check-run.js';
import { checkExpressions } from './check-expressions.js';

/**
 * Fails `expression.invalid` with every place whose jq does not compile. Gives the resources that patterns of routes need,
 * which the record has to know.
 */
export function checkPrograms(routes: readonly WebhookRoute[], sync?: WebhookSync | null): Need[] {
  const ofRoutes = routes.flatMap((route, index) =>
    ROUTE_PROGRAMS.map((field) => ({
      path: `routes[${index}].${field}`,
      text: (route as Partial<Record<typeof field, string>>)[field],
      variables: ROUTE_VARIABLES,
    })),
  );
  const ofSync = { path: 'sync.respond', text: sync?.respond, variables: RESPOND_VARIABLES };
  checkExpressions('The source', [ofSync, ...ofRoutes]);
  return routes.flatMap((route, index) => {
    const target = route.action === 'start' ? targetOf(route) : undefined;
    return target && 'pattern' in target ? checkRun(patternStart(target), ['routes', index, 'with']) : [];
  });
}
