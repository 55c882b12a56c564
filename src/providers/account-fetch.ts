/** `fetch` in the name of one account: authorised, guarded, bounded, speaking our errors. */
export type AccountFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Opens an {@link AccountFetch} that sends `authorization` to these origins and refuses every other one. */
export type AccountFetchFor = (grant: { authorization: string; origins: readonly string[] }) => AccountFetch;
