// Where the page stands: at the root of its host, or under a part of a reverse proxy's addresses.

/** What every address of ours begins with; empty at the root. */
export const BASE = new URL("../", import.meta.url).pathname.slice(0, -1);
/** Of the API. */
export const API = `${BASE}/api/v1`;
