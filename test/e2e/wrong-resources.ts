import { uuidv7 } from '../../database/uuid.js';
import { invalid, missing, type Wrong } from './wrong-request.js';

const none = uuidv7();
const inResources = { method: 'put' as const, path: '/v1/resources/r' };
const inLeases = { path: '/v1/resources/r/leases' };
const inSelection = { method: 'put' as const, path: '/v1/selection' };
const inOffers = { path: '/v1/resources/r/offers' };

/** Requests about resources that are refused. */
export const WRONG_RESOURCES: Wrong[] = [
  { what: 'a resource without a capacity', ...inResources, ...invalid({}, 'capacity') },
  { what: 'a resource of nothing', ...inResources, ...invalid({ capacity: 0 }, 'capacity') },
  { what: 'half a unit', ...inResources, ...invalid({ capacity: 1.5 }, 'capacity') },
  {
    what: 'a resource with a blank in its name',
    ...inResources,
    path: '/v1/resources/a%20b',
    ...invalid({ capacity: 1 }, 'name'),
  },
  missing('a resource that there is not', '/v1/resources/nothing', 'resource.not_found'),
  missing('leases of a resource that there is not', '/v1/resources/nothing/leases', 'resource.not_found'),
  missing('a lease of a resource that there is not', '/v1/resources/nothing/leases', 'resource.not_found', 'post', {}),
  missing('a lease that there is not', `/v1/resources/nothing/leases/${none}`, 'lease.not_found', 'delete'),
  { what: 'a lease of nothing', ...inLeases, ...invalid({ amount: 0 }, 'amount') },
  { what: 'a lease of an instant', ...inLeases, ...invalid({ ttlMs: 1 }, 'ttlMs') },
  { what: 'a lease of no known priority', ...inLeases, ...invalid({ priority: 'soon' }, 'priority') },
  { what: 'a notice of a day', ...inResources, ...invalid({ capacity: 1, noticeMs: 86_400_000 }, 'noticeMs') },
  {
    what: 'a resource that nobody knows how to give',
    ...inResources,
    ...invalid({ capacity: 1, grantBy: 'lot' }, 'grantBy'),
  },
  { what: 'a bid of less than nothing', ...inLeases, ...invalid({ bidUsd: -1 }, 'bidUsd') },
  { what: 'an offer about nothing', ...inOffers, ...invalid({}, 'leaseId') },
  {
    what: 'an offer for a day and more',
    ...inOffers,
    ...invalid({ leaseId: none, requestId: none, validForMs: 1e9 }, 'validForMs'),
  },
  missing('an offer that there is not', `/v1/resources/nothing/offers/${none}`, 'offer.not_found'),
  missing('offers of a resource that there is not', '/v1/resources/nothing/offers', 'resource.not_found'),
  { what: 'too much exploring', ...inSelection, ...invalid({ explore: 0.9 }, 'explore') },
  { what: 'a weight of less than nothing', ...inSelection, ...invalid({ costWeight: -1 }, 'costWeight') },
  {
    what: 'a report on nothing',
    method: 'get',
    path: '/v1/selection/report',
    status: 422,
    code: 'request.invalid',
    at: 'capability',
  },
];
