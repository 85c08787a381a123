import type { IncomingMessage } from 'node:http';

/** `/v1/a2a/<skill>/tasks`: the tenant of HTTP+JSON is a segment before the operation. */
const PATH = /^(\/v1\/a2a)\/((?:workflow|agent|capability|pattern)\.[^/?]+)(\/[^?]*)(?:\?(.*))?$/;

/** Hands the tenant to the routes as a query field, so that there is one route for each operation. */
export function tenantInPath(request: IncomingMessage, _response: unknown, next: () => void): void {
  const [, base, tenant, operation, query] = PATH.exec(request.url ?? '') ?? [];
  if (tenant !== undefined) request.url = `${base}${operation}?tenant=${tenant}${query ? `&${query}` : ''}`;
  next();
}
