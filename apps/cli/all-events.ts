import type { RunEvent } from '../../contracts/events.js';
import type { BrikkClient } from '../../sdk/client.js';

const EVENTS_A_PAGE = 200;

/** Every event of a run so far, in order. */
export async function allEvents(client: BrikkClient, id: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const { items } = await client.runs.listEvents(id, { after: events.at(-1)?.position ?? 0, limit: EVENTS_A_PAGE });
    events.push(...items);
    if (items.length < EVENTS_A_PAGE) return events;
  }
}
