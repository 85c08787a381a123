import { z } from 'zod';

export const ROLES = ['owner', 'admin', 'operator', 'developer', 'viewer', 'auditor'] as const;
export const roleSchema = z.enum(ROLES).meta({ id: 'Role' });
export type Role = z.infer<typeof roleSchema>;

const everyone = ROLES;
const readers = ['owner', 'admin', 'operator', 'developer', 'viewer', 'auditor'] as const;
const contentReaders = ['owner', 'admin', 'operator', 'developer', 'viewer'] as const;
const starters = ['owner', 'admin', 'operator', 'developer'] as const;
const operators = ['owner', 'admin', 'operator'] as const;
const builders = ['owner', 'admin', 'developer'] as const;
const admins = ['owner', 'admin'] as const;

/** Who may do what, `resource:action`. The one matrix; a route without a permission fails at boot. */
export const PERMISSIONS = {
  'organisation:read': everyone,
  'api-key:read': admins,
  'api-key:write': admins,
  'agent:read': readers,
  'agent:write': builders,
  'agent-template:read': contentReaders,
  'agent-template:write': operators,
  'pool:read': readers,
  'pool:write': operators,
  'agent-state:read': contentReaders,
  'agent-state:write': builders,
  'session:list': readers,
  'session:read': contentReaders,
  'session:write': starters,
  'function:read': everyone,
  'workflow:read': readers,
  'workflow:write': builders,
  'schedule:read': readers,
  'schedule:write': operators,
  'run:start': starters,
  'run:read': readers,
  'run:steer': operators,
  'run:rate': starters,
  'event:publish': starters,
  'event:read': contentReaders,
  'memory:read': contentReaders,
  'memory:write': starters,
  'resource:read': readers,
  'resource:write': operators,
  'resource:lease': starters,
  'lease:read': readers,
  'secret:read': builders,
  'secret:write': admins,
  'connection:read': readers,
  'connection:write': admins,
  'connection:test': starters,
  'breaker:read': readers,
  'breaker:reset': operators,
  'webhook-source:read': readers,
  'webhook-source:write': builders,
  'inbound-event:read': contentReaders,
  'inbound-event:replay': operators,
  'webhook-endpoint:read': readers,
  'webhook-endpoint:write': builders,
  'webhook-delivery:read': contentReaders,
  'webhook-delivery:replay': operators,
  'approval:read': readers,
  'approval:decide': operators,
  'selection:read': readers,
  'selection:write': operators,
  'stats:read': readers,
  'audit:read': ['owner', 'admin', 'auditor'],
  'expression:evaluate': starters,
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS | 'platform:admin';

/** Scopes narrow a key (`agent:self`) or widen it beyond its organisation (`platform:admin`, operators only). */
export const SCOPES = ['agent:self', 'platform:admin'] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;

/** What an agent does for itself. */
const OF_AGENTS: ReadonlySet<Permission> = new Set([
  'agent:write',
  'agent-state:read',
  'agent-state:write',
  'session:read',
  'session:write',
  'resource:lease',
  'lease:read',
]);

/** Whether a key may do this. A key with `agent:self` may write agents and their state (whose, the registry checks by name) and
 * hold leases. */
export function isAllowed(key: { role: Role; scopes: readonly Scope[] }, permission: Permission): boolean {
  if (permission === 'platform:admin') return key.scopes.includes('platform:admin');
  if (key.scopes.includes('agent:self')) return OF_AGENTS.has(permission);
  return (PERMISSIONS[permission] as readonly Role[]).includes(key.role);
}
