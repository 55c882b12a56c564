/** Waits for something that comes by itself, but not for ever. */
export async function inTime<T>(coming: Promise<T>, withinMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const lateness = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), withinMs);
  });
  return Promise.race([coming, lateness]).finally(() => clearTimeout(timer));
}
