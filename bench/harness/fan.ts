import type { AgentServer } from './agent-server.client.js';
import type { Stage } from './stage.js';

const REGISTRATIONS_AT_ONCE = 16;

/** As many instances of one agent as a fan-out makes calls. */
export async function registerFan({ product, agents }: Stage, size: number): Promise<void> {
  for (let first = 0; first < size; first += REGISTRATIONS_AT_ONCE) {
    const group = fanEndpoints(agents, size).slice(first, first + REGISTRATIONS_AT_ONCE);
    const capability = capabilityOf(size);
    await Promise.all(group.map((endpoint) => product.register({ name: capability, endpoint, capability })));
  }
}

/** One run over registered instances to its answer; fails unless every output is there and in order. */
export async function fanByProduct({ product }: Stage, size: number): Promise<void> {
  const items = Array.from({ length: size }, (_, index) => index);
  const start = { pattern: 'concurrent', with: { items, branch: { capability: capabilityOf(size) } } };
  const { output } = await product.run(start);
  checkFan(output, size);
}

export function fanEndpoints({ url }: Pick<AgentServer, 'url'>, size: number): string[] {
  return Array.from({ length: size }, (_, index) => `${url}/fan-${size}/${index}`);
}

/** Fast and wrong is not fast. */
export function checkFan(output: unknown, size: number): void {
  const items = Array.from({ length: size }, (_, index) => index);
  if (JSON.stringify(output) !== JSON.stringify(items)) throw new Error('the fan-out gave wrong or unordered outputs');
}

const capabilityOf = (size: number): string => `fan-${size}`;
