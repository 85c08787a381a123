const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What the SDK reads from the environment, once. */
export const environment = {
  apiUrl: process.env.BRIKK_API_URL || 'http://127.0.0.1:7600',
  apiKey: process.env.BRIKK_API_KEY || undefined,
  signingSecret: process.env.BRIKK_AGENT_SECRET || undefined,
  /** Set by the pool that has started this process. */
  standby: process.env.BRIKK_AGENT_STANDBY === '1',
  ports: portRange(process.env.BRIKK_AGENT_PORTS),
};

/** `9000-9099`; undefined where it says nothing. */
function portRange(text = ''): { from: number; to: number } | undefined {
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  return from === undefined || to === undefined ? undefined : { from: Number(from), to: Number(to) };
}

/** Whether the environment's key may be sent to `url`: to the host that the environment names, and to no other. */
export function isHostOfEnvironment(url: string, { apiUrl }: { apiUrl: string } = environment): boolean {
  return hostOf(url) === hostOf(apiUrl);
}

function hostOf(url: string): string {
  const { hostname } = new URL(url);
  return LOOPBACK.test(hostname) ? 'loopback' : hostname;
}
