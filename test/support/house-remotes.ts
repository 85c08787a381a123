import type { ClientCertificates } from '../../activities/dependencies.js';
import type { RemoteOptions, RemoteRecord } from '../../activities/remote-agents.js';
import type { WebConnector } from '../../connectors/web/web.connector.js';
import type { MtlsAuth } from '../../contracts/connection-auth.js';
import { BrikkError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import type { KeptTask, RemoteAgent } from '../../contracts/remote-agents.js';

/** What a house has for agents that are reached as servers, and for those that want a certificate. */
export const remoteParts = () => ({
  secrets: {} as Record<string, Json>,
  /** Secrets that were asked for, in order. */
  opened: [] as string[],
  /** What connections have to show, by their name. */
  certificates: new Map<string, MtlsAuth>(),
  /** Agents of servers by their id. */
  remotes: new Map<string, RemoteAgent>(),
  /** What servers have taken for a call, by its key. */
  tasks: new Map<string, KeptTask[]>(),
});

type Parts = ReturnType<typeof remoteParts>;

export const outsideOf = (house: Parts, web: WebConnector): RemoteOptions => ({
  web,
  secrets: {
    open: (_use, names) => {
      house.opened.push(...names);
      return Promise.resolve(new Map(Object.entries(house.secrets).filter(([name]) => names.includes(name))));
    },
  },
});

export const certificatesOf = (house: Parts): ClientCertificates => ({
  of: (_org, name) => {
    const certificate = house.certificates.get(name);
    if (certificate) return Promise.resolve(certificate);
    return Promise.reject(new BrikkError('connection.not_found', `There is no connection ${name}`));
  },
});

export const remoteRecordOf = (house: Parts): RemoteRecord => ({
  load: (_org, agentId) => Promise.resolve(house.remotes.get(agentId)),
  tasks: ({ callKey }) => Promise.resolve([...(house.tasks.get(callKey) ?? [])]),
  keep: ({ callKey }, _number, task) =>
    Promise.resolve(void house.tasks.set(callKey, [...(house.tasks.get(callKey) ?? []), task])),
});
