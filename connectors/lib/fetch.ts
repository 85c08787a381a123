/** The fetch of a guarded client: it follows no redirects. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
