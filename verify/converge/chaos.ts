import { AsyncLocalStorage } from "node:async_hooks";
import { IntegrationError } from "../../src/errors.ts";
import type { AccountFetch } from "../../src/providers/account-fetch.ts";
import type { Random } from "./random.ts";

/** The process is no more: whoever meets it does nothing after it. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** What goes wrong between this service and a vendor, as chance will have it. */
export interface Mishaps {
  /** A call that never arrives, and one whose answer never does. */
  readonly lostCall: number;
  readonly lostAnswer: number;
  /** The process is killed instead, before or after the vendor has done what it was asked. */
  readonly killed: number;
}

export const noMishaps: Mishaps = { lostCall: 0, lostAnswer: 0, killed: 0 };

/** What became of the calls of one process. */
export class Calls {
  all = 0;
  /** Those that ask a vendor to change something. */
  writes = 0;
  private isDead = false;

  constructor(
    private readonly random: Random,
    private readonly mishaps: Mishaps,
  ) {}

  async send(method: string, call: () => Promise<Response>, isReading: boolean): Promise<Response> {
    if (this.isDead) throw new Killed();
    this.all += 1;
    if (!isReading && method !== "GET") this.writes += 1;
    const { lostCall, lostAnswer, killed } = this.mishaps;
    const chance = this.random.next();
    if (chance < lostCall) throw unreachable();
    if (chance < lostCall + killed / 2) this.die();
    const answer = await call();
    if (this.isDead) throw new Killed();
    if (chance > 1 - lostAnswer) throw unreachable();
    if (chance > 1 - lostAnswer - killed / 2) this.die();
    return answer;
  }

  private die(): never {
    this.isDead = true;
    throw new Killed();
  }
}

const current = new AsyncLocalStorage<Calls>();

/** Does something as one process does it, whose calls are these. */
export function asProcess<T>(calls: Calls, work: () => Promise<T>): Promise<T> {
  return current.run(calls, work);
}

/** Calls that read although they do not look like it. */
const readings = /^(PROPFIND|REPORT|OPTIONS|HEAD)$/;

/** Puts whatever befalls the calling process in front of an account's HTTP. */
export function withMishaps(fetch: AccountFetch): AccountFetch {
  return (url, init = {}) => {
    const calls = current.getStore();
    if (!calls) return fetch(url, init);
    const method = init.method ?? "GET";
    const isReading = readings.test(method) || /\/(\$batch|freeBusy)$/.test(new URL(url).pathname);
    return calls.send(method, () => fetch(url, init), isReading);
  };
}

function unreachable(): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", "The drill lost it on the way");
}
