import type { Logger } from 'pino';
import type { AgentHealth, HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import type { ClientCertificate } from '../../connectors/lib/client-certificates.js';
import { BrikkError } from '../../contracts/errors.js';
import type { NewInstance } from '../../database/agent-probes.js';
import { inLanes, WakefulLoop } from './wakeful-loop.js';

/** What probing asks of Postgres. */
export interface ProbeRecord {
  claim(limit: number): Promise<NewInstance[]>;
  settle(instance: NewInstance): Promise<void>;
  /** What is shown to it. Fails `connection.…` where there should be something and is not. */
  certificateOf(instance: NewInstance): Promise<ClientCertificate | undefined>;
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

const AT_ONCE = 20;
const MAX_CLAIMED = 100;

/** Asks agents that are new how they are: who answers is ready. Who does not is called all the same, and asked again. */
export class AgentProber extends WakefulLoop {
  constructor(
    private readonly record: ProbeRecord,
    private readonly connector: { health: HttpAgentConnector['health'] },
    log: Logger,
  ) {
    super('new agents', record, log);
  }

  protected async pass(): Promise<boolean> {
    const claimed = await this.record.claim(MAX_CLAIMED);
    await inLanes(claimed, AT_ONCE, async (instance) => {
      const { isWell, says } = await this.ask(instance);
      if (isWell) await this.record.settle(instance);
      else this.log.info({ endpoint: instance.endpoint, says }, 'a new agent does not answer yet');
    });
    return claimed.length === MAX_CLAIMED;
  }

  private async ask(instance: NewInstance): Promise<AgentHealth> {
    try {
      const certificate = await this.record.certificateOf(instance);
      return await this.connector.health(instance.endpoint, undefined, certificate);
    } catch (error) {
      if (error instanceof BrikkError) return { isWell: false, says: error.message };
      throw error;
    }
  }
}
