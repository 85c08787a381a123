import { uuidv7 } from '../../database/uuid.js';
import { invalid, missing, type Wrong } from './wrong-request.js';

const quota = `/v1/organisations/${uuidv7()}/quota`;
const inQuotas = { method: 'put' as const, path: quota };

/** Requests about organisations that are refused. */
export const WRONG_ORGANISATIONS: Wrong[] = [
  { what: 'an organisation without a name', path: '/v1/organisations', ...invalid({}, 'name') },
  { what: 'a quota of nothing', ...inQuotas, ...invalid({ windowMs: 60_000 }, 'calls') },
  { what: 'a quota of an instant', ...inQuotas, ...invalid({ windowMs: 1, calls: 1 }, 'windowMs') },
  missing('the quota of an organisation that there is not', quota, 'organisation.not_found'),
  missing('a quota for nobody', '/v1/organisations/nobody/quota', 'organisation.not_found', 'put', {
    windowMs: 60_000,
    calls: 1,
  }),
];
