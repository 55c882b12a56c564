const dayMs = 86_400_000;
/** Far enough ahead that no day is over while the drill runs, and the clocks change among them in spring and autumn. */
const first = Date.now() + 7 * dayMs;

/** The nth day of the drill's calendar, as `YYYY-MM-DD`. */
export function dayOf(n: number): string {
  return new Date(first + n * dayMs).toISOString().slice(0, 10);
}
