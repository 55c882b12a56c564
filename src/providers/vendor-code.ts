/** Finds the vendor's own word for a failure in an error reply's JSON, or in its text; undefined where there is none. */
export type ErrorCodeIn = (body: unknown) => string | undefined;

/**
 * Reads the status that a reply of 200 or 500 stands for, from its JSON or else its text, where a vendor tells its failures in the
 * body alone; undefined where it is what it says, or where the adapter reads the failure itself.
 */
export type StatusIn = (body: unknown) => number | undefined;

/** What is longer is no error reply, and is not parsed. */
const maxBodyBytes = 64 * 1024;
/** One word: a sentence, or whatever else stands in its place, may hold what nobody but the person should read. */
const word = /^[\w.:-]{1,100}$/;

/** Never throws: what cannot be read must not hide the failure that it would explain. Takes the reply's body. */
export async function readVendorCode(reply: Response, errorCodeIn: ErrorCodeIn): Promise<string | undefined> {
  try {
    const body = await reply.arrayBuffer();
    if (body.byteLength > maxBodyBytes) return undefined;
    const code = errorCodeIn(readBody(Buffer.from(body).toString("utf8")));
    return code !== undefined && word.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

export function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
