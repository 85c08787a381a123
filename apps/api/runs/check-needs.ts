import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { needsSchema } from '../../../contracts/needs.js';
import type { Tx } from '../../../database/database.js';
import { readCapacities } from '../../../database/grant-leases.js';
import { inWords } from '../common/in-words.js';
import { propertyPath } from '../common/property-path.js';

/** What a call of a run needs of a resource, and where the parameters say so. */
export interface Need {
  resource: string;
  amount: number;
  path: string;
}

/** What `needs` says at this place of the parameters; nothing where it is no field of ours. */
export function needsAt(path: (string | number)[], value: unknown): Need[] {
  const { data = {} } = needsSchema.safeParse(value);
  return Object.entries(data).map(([resource, amount]) => ({
    resource,
    amount,
    path: propertyPath([...path, resource]),
  }));
}

/** Fails `request.invalid` for resources that there are not, or not so many of: the run would wait for nothing. */
export async function checkNeeds(tx: Tx, needs: readonly Need[]): Promise<void> {
  if (needs.length === 0) return;
  const capacities = await readCapacities(tx);
  const violations = needs.flatMap(({ resource, amount, path }): Violation[] => {
    const capacity = capacities.get(resource);
    if (capacity === undefined) return [{ path, message: 'is no resource', allowed: [...capacities.keys()].sort() }];
    return amount > capacity ? [{ path, message: 'is more than there is', allowed: { max: capacity } }] : [];
  });
  if (violations.length > 0)
    throw new BrikkError('request.invalid', inWords('The run needs what there is not', violations), { violations });
}
