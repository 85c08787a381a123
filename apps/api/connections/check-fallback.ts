import type { Connection } from '../../../contracts/connections.js';
import { readReference } from '../../../contracts/workflow-reference.js';
import { connectionFor } from '../../../database/connections.repository.js';
import type { Tx } from '../../../database/database.js';
import { findReferenced } from '../../../database/definitions.repository.js';
import { BrikkError } from '../../../contracts/errors.js';
import { invalidField } from '../common/invalid-field.js';

/** Fails `request.invalid` when nobody could stand in: it is not there, of another system, or stands in for itself in the end. */
export async function checkFallback(
  tx: Tx,
  { name, provider, fallback }: Pick<Connection, 'name' | 'provider' | 'fallback'>,
): Promise<void> {
  if (fallback === null) return;
  if ('workflow' in fallback) {
    const { namespace, name: workflow } = readReference(fallback.workflow);
    await found('fallback.workflow', `there is no ${namespace}/${workflow}`, findReferenced(tx, fallback.workflow));
    return;
  }
  const seen = [name];
  for (let next: Connection['fallback'] = fallback; next && 'connection' in next;) {
    if (seen.includes(next.connection))
      throw invalidField('fallback.connection', `goes round in a circle: ${[...seen, next.connection].join(' > ')}`);
    seen.push(next.connection);
    next = (await otherConnection(tx, provider, next.connection)).fallback;
  }
}

function otherConnection(tx: Tx, provider: Connection['provider'], name: string): Promise<Connection> {
  const none = `there is no connection ${name} of ${provider}`;
  return found('fallback.connection', none, connectionFor(tx, { provider, name }));
}

async function found<T>(field: string, otherwise: string, looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof BrikkError) throw invalidField(field, otherwise);
    throw error;
  }
}
