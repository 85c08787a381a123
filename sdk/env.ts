/** What the SDK reads from the environment, once. */
export const environment = {
  apiUrl: process.env.BRIKK_API_URL || 'http://127.0.0.1:7600',
  apiKey: process.env.BRIKK_API_KEY || undefined,
  signingSecret: process.env.BRIKK_AGENT_SECRET || undefined,
};
