import type { Json } from '../../../contracts/json.js';
import { invalidField } from '../common/invalid-field.js';
import { type A2aRequest, jsonOf, versionOf } from './a2a-request.js';

type Fields = { [name: string]: Json };

/**
 * The message of the protocol that a request of HTTP+JSON stands for: the fields of its body, those of its query, and its
 * place in the path. Fails VersionNotSupportedError, and `request.invalid` for what cannot be read.
 */
export function restFields({ body, query, params, version }: A2aRequest): Fields {
  versionOf(version, ['1.0']);
  const { id, configId } = params;
  const sent = jsonOf(body) ?? {};
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw invalidField('body', 'must be an object');
  return {
    ...sent,
    ...fieldsOf(query),
    ...(configId === undefined ? {} : { id: configId, taskId: id ?? '' }),
    ...(configId === undefined && id !== undefined ? { id } : {}),
  };
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
