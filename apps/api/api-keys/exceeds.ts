import { isAllowed, type Permission, PERMISSIONS, type Role, type Scope } from '../../../contracts/permissions.js';

interface Rights {
  role: Role;
  scopes: readonly Scope[];
}

/** Whether a key would be allowed something that its creator is not. */
export function exceeds(wanted: Rights, creator: Rights): boolean {
  if (wanted.role === 'owner' && creator.role !== 'owner') return true;
  const permissions = [...(Object.keys(PERMISSIONS) as Permission[]), 'platform:admin' as const];
  return permissions.some((permission) => isAllowed(wanted, permission) && !isAllowed(creator, permission));
}
