/**
 * Asks again until the answer is the one that is waited for.
 *
 * @param what is waited for; named when it does not come in time, together with the last answer
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isThere: (answer: T) => boolean,
  { withinMs = 10_000, everyMs = 25 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    if (Date.now() > giveUpAt) throw new Error(`Waited in vain for ${what}; at last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Waits for something that comes by itself, but not for ever. */
export async function inTime<T>(what: string, coming: Promise<T>, withinMs = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), withinMs);
  });
  return Promise.race([coming, late]).finally(() => clearTimeout(timer));
}
