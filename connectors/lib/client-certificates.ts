import { createHash } from 'node:crypto';
import type { Agent } from 'undici';
import { createGuardedAgent, type GuardedAgentOptions } from './guarded-agent.js';

/** What a client shows of itself when a connection is made (mutual TLS): PEM. */
export interface ClientCertificate {
  certificate: string;
  key: string;
  /** Of the server, beside those that the operating system trusts. */
  authorities?: string | undefined;
}

const MAX_AGENTS = 50;

/** Connections that show a certificate are shared with nobody who shows another. */
export class CertificateAgents {
  private readonly agents = new Map<string, Agent>();

  constructor(private readonly options: Omit<GuardedAgentOptions, 'tls'>) {}

  of(certificate: ClientCertificate): Agent {
    const { certificate: shown, key, authorities: ca } = certificate;
    const id = createHash('sha256')
      .update(JSON.stringify([shown, key, ca]))
      .digest('base64');
    const agent =
      this.agents.get(id) ??
      createGuardedAgent({ ...this.options, tls: { cert: shown, key, ...(ca !== undefined && { ca }) } });
    this.agents.delete(id);
    this.agents.set(id, agent);
    const [oldest] = this.agents;
    if (this.agents.size > MAX_AGENTS && oldest) {
      this.agents.delete(oldest[0]);
      void oldest[1].close();
    }
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map((agent) => agent.close()));
  }
}
