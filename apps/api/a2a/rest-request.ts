import type { Json } from '../../../contracts/json.js';
import { invalidField } from '../common/invalid-field.js';
import { jsonOf } from '../common/request-body.js';
import { type A2aRequest, versionOf } from './a2a-request.js';

type Fields = { [name: string]: Json };

/**
 * The message of the protocol that a request of HTTP+JSON stands for: the fields of its body, those of its query, and its
 * place in the path. Fails VersionNotSupportedError, and `request.invalid` for what cannot be read.
 */
export function restFields({ body, query, params, path, version }: A2aRequest): Fields {
  versionOf(version, ['1.0']);
  const sent = jsonOf(body) ?? {};
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw invalidField('body', 'must be an object');
  return {
    ...sent,
    ...fieldsOf(query),
    ...placeOf(path, params),
  };
}

/** What the path says: a task, or one of its push notification configs. */
function placeOf(path: string, { id, configId }: A2aRequest['params']): Fields {
  if (id === undefined) return {};
  if (!path.includes('/pushNotificationConfigs')) return { id };
  return configId === undefined ? { taskId: id } : { taskId: id, id: configId };
}

const NUMBERS = ['pageSize', 'historyLength'];

function fieldsOf(query: A2aRequest['query']): Fields {
  const { 'A2A-Version': _, ...given } = query;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value !== 'string') throw invalidField(name, 'must be given once');
      if (NUMBERS.includes(name) && !/^-?\d+$/.test(value)) throw invalidField(name, 'must be a whole number');
      if (NUMBERS.includes(name)) return [name, Number(value)];
      return [name, name === 'includeArtifacts' ? value === 'true' : value];
    }),
  );
}
